package flowstate.standalone;

import flowstate.capture.decode.Checksums;
import flowstate.capture.decode.DecodedSegment;
import flowstate.capture.decode.PacketDecoder;
import flowstate.capture.publish.SegmentRecords;
import flowstate.capture.source.CaptureException;
import flowstate.capture.source.CaptureFile;
import flowstate.capture.source.PacketSource;
import flowstate.capture.source.RawPacket;
import flowstate.schema.ConnectionKey;
import flowstate.tcp.AnomalyKind;
import flowstate.tcp.Connection;
import flowstate.tcp.Listener;
import flowstate.tcp.Timers;
import flowstate.tcp.Tracker;
import flowstate.tcp.Unheard;
import flowstate.topology.ModelSegments;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A capture file, decoded and tracked without a broker: what was found in each frame.
 *
 * @param packets how many it has, TCP or not
 * @param frames those with a TCP segment
 */
record TrackedFile(Path path, String name, int packets, List<Frame> frames) {
    /**
     * A frame with a TCP segment.
     *
     * @param number in the file, from 1
     * @param ends both, in the key's order
     * @param connection that it belongs to, as it is at the end of the file
     * @param kinds what was found in it
     */
    record Frame(int number, String ends, Connection connection, Set<AnomalyKind> kinds) {
        /** Those for which tshark has a word: a SYN that comes again is a retransmission for it. */
        Set<AnomalyKind> kindsOfTshark() {
            Set<AnomalyKind> known = EnumSet.copyOf(Tshark.KINDS);
            known.retainAll(kinds);
            if (kinds.contains(AnomalyKind.SYN_RETRANSMITTED)) {
                known.add(AnomalyKind.RETRANSMISSION);
            }
            return known;
        }
    }

    private static final AnomalyKind[] KINDS = AnomalyKind.values();

    private static final Listener UNHEARD = new Unheard();

    static TrackedFile read(Path path, String name) {
        Tracker tracker = new Tracker(Timers.DEFAULT);
        Map<ConnectionKey, Connection> connections = new HashMap<>();
        Map<Connection, long[]> counted = new IdentityHashMap<>();
        List<Frame> frames = new ArrayList<>();
        PacketDecoder decoder = new PacketDecoder(Checksums.ignore);
        DecodedSegment decoded = new DecodedSegment();
        RawPacket packet = new RawPacket();
        int packets = 0;
        try (PacketSource source = CaptureFile.open(path)) {
            while (source.next(packet)) {
                packets++;
                if (decoder.decode(
                                packet.linkType,
                                packet.buffer,
                                packet.offset,
                                packet.capturedLength,
                                packet.originalLength,
                                decoded)
                        != null) {
                    continue;
                }
                byte[] source4 = Arrays.copyOf(decoded.source, decoded.addressLength);
                byte[] destination = Arrays.copyOf(decoded.destination, decoded.addressLength);
                ConnectionKey key =
                        ConnectionKey.of(source4, decoded.sourcePort, destination, decoded.destinationPort, "");
                boolean fromLow =
                        ConnectionKey.isLow(source4, decoded.sourcePort, destination, decoded.destinationPort);
                Connection c = tracker.onSegment(
                        connections.get(key),
                        key.lowPort(),
                        key.highPort(),
                        ModelSegments.of(SegmentRecords.of(decoded, packet.timeNs, fromLow), packet.clockNs),
                        "a",
                        name,
                        UNHEARD);
                connections.put(key, c);
                Set<AnomalyKind> kinds = news(c, counted.computeIfAbsent(c, first -> new long[KINDS.length]));
                frames.add(new Frame(packets, ends(key), c, kinds));
            }
        } catch (CaptureException cutShort) {
            // what was readable was read: tshark sees no more of it
        }
        return new TrackedFile(path, name, packets, frames);
    }

    Set<String> ends() {
        return frames.stream().map(Frame::ends).collect(Collectors.toSet());
    }

    private static String ends(ConnectionKey key) {
        return ConnectionKey.addressText(key.lowAddress()) + " " + key.lowPort() + " - "
                + ConnectionKey.addressText(key.highAddress()) + " " + key.highPort();
    }

    private static Set<AnomalyKind> news(Connection c, long[] before) {
        Set<AnomalyKind> kinds = EnumSet.noneOf(AnomalyKind.class);
        for (AnomalyKind kind : KINDS) {
            long now = c.found(kind);
            if (now > before[kind.ordinal()]) {
                kinds.add(kind);
            }
            before[kind.ordinal()] = now;
        }
        return kinds;
    }
}
