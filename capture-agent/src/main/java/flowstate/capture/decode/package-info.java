/**
 * From a packet's octets to a TCP segment: link layer, IP, TCP and its options. A packet that is no TCP segment, or is
 * cut short or malformed, is a {@link flowstate.capture.decode.SkipReason}, never an exception. JDK only.
 */
@NullMarked
package flowstate.capture.decode;

import org.jspecify.annotations.NullMarked;
