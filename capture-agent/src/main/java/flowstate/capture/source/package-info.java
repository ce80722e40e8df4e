/**
 * Where packets come from: capture files, read in plain Java. What belongs here knows containers (pcap, pcapng, gzip)
 * and time, but not what is inside a packet. JDK only, but for {@link flowstate.capture.source.PacketFilter}, which is
 * libpcap's and loaded only where there is a filter.
 */
@NullMarked
package flowstate.capture.source;

import org.jspecify.annotations.NullMarked;
