package flowstate.traffic;

import flowstate.capture.decode.Checksums;
import flowstate.capture.decode.DecodedSegment;
import flowstate.capture.decode.PacketDecoder;
import flowstate.capture.publish.SegmentRecords;
import flowstate.capture.source.CaptureException;
import flowstate.capture.source.CaptureFile;
import flowstate.capture.source.Captures;
import flowstate.capture.source.PacketSource;
import flowstate.capture.source.RawPacket;
import flowstate.schema.ConnectionKey;
import flowstate.tcp.Segment;
import flowstate.topology.ModelSegments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The segments of real captures, 4-tuple by 4-tuple, as the model sees them. */
public final class RealCaptures {
    private RealCaptures() {}

    /**
     * All that a capture has of one 4-tuple.
     *
     * @param file the capture, relative to its folder
     * @param lowPort the key's low port
     * @param highPort the key's high port
     * @param segments in the order of the capture
     */
    public record Tuple(String file, int lowPort, int highPort, List<Segment> segments) {
        @Override
        public String toString() {
            return file + " " + lowPort + " " + highPort;
        }
    }

    /** Those of the project, and of Zeek's captures where they are there, see {@link Captures#shared}. */
    public static List<Tuple> all() throws IOException {
        List<Tuple> tuples = new ArrayList<>(in(Captures.ofTheProject()));
        if (Captures.shared().isPresent()) {
            tuples.addAll(in(Captures.shared().orElseThrow().resolve("zeek")));
        }
        return tuples;
    }

    private static List<Tuple> in(Path folder) throws IOException {
        List<Tuple> tuples = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                read(file, folder.relativize(file).toString(), tuples);
            }
        }
        return tuples;
    }

    private static void read(Path file, String name, List<Tuple> into) {
        Map<ConnectionKey, Tuple> tuples = new LinkedHashMap<>();
        PacketDecoder decoder = new PacketDecoder(Checksums.ignore);
        DecodedSegment decoded = new DecodedSegment();
        RawPacket packet = new RawPacket();
        try (PacketSource source = CaptureFile.open(file)) {
            while (source.next(packet)) {
                boolean skipped = decoder.decode(
                                packet.linkType,
                                packet.buffer,
                                packet.offset,
                                packet.capturedLength,
                                packet.originalLength,
                                decoded)
                        != null;
                if (!skipped) {
                    add(packet, decoded, name, tuples);
                }
            }
        } catch (CaptureException notToTheEnd) {
            // what was readable is used; some are broken on purpose
        }
        into.addAll(tuples.values());
    }

    private static void add(RawPacket packet, DecodedSegment d, String name, Map<ConnectionKey, Tuple> tuples) {
        byte[] source = Arrays.copyOf(d.source, d.addressLength);
        byte[] destination = Arrays.copyOf(d.destination, d.addressLength);
        ConnectionKey key = ConnectionKey.of(source, d.sourcePort, destination, d.destinationPort, "");
        boolean fromLow = ConnectionKey.isLow(source, d.sourcePort, destination, d.destinationPort);
        tuples.computeIfAbsent(key, k -> new Tuple(name, k.lowPort(), k.highPort(), new ArrayList<>()))
                .segments()
                .add(ModelSegments.of(SegmentRecords.of(d, packet.timeNs, fromLow), packet.clockNs));
    }
}
