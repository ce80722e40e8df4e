/**
 * Where packets come from: capture files, read in plain Java. What belongs here knows containers (pcap, pcapng, gzip)
 * and time, but not what is inside a packet. JDK only.
 */
@NullMarked
package flowstate.capture.source;

import org.jspecify.annotations.NullMarked;
