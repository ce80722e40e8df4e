/**
 * Tests of the capture-file readers, and writers of captures that the tests of other modules use too: {@link
 * flowstate.capture.source.PcapWriter}, {@link flowstate.capture.source.PcapngWriter}, {@link
 * flowstate.capture.source.TcpFrame}, {@link flowstate.capture.source.TcpdumpListing}.
 */
@NullMarked
package flowstate.capture.source;

import org.jspecify.annotations.NullMarked;
