/**
 * Where packets come from: network interfaces, and capture files, read in plain Java. What belongs here knows containers
 * (pcap, pcapng, gzip), interfaces and time, but not what is inside a packet. Libpcap is needed, and loaded, only by
 * {@link flowstate.capture.source.LiveSource} and {@link flowstate.capture.source.PacketFilter}.
 */
@NullMarked
package flowstate.capture.source;

import org.jspecify.annotations.NullMarked;
