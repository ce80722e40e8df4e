package flowstate.benchmarks;

import flowstate.capture.decode.Checksums;
import flowstate.capture.decode.DecodedSegment;
import flowstate.capture.decode.PacketDecoder;
import flowstate.capture.publish.SegmentRecords;
import flowstate.schema.ConnectionKey;
import flowstate.schema.ConnectionSegments;
import flowstate.schema.SegmentBatch;
import flowstate.schema.TcpSegment;
import flowstate.tcp.Segment;
import flowstate.topology.ModelSegments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Some generated traffic in memory, in each of the forms that it has on its way: for the steps that JMH measures. */
public final class Recording {
    private static final int LINKTYPE_ETHERNET = 1;
    private static final int SEGMENTS = 50_000;
    private static final int OPEN = 200;
    private static final int SEGMENTS_OF_A_BATCH = 8;

    /** One packet: its octets, and what they are once they are decoded. */
    public record Packet(ByteBuffer octets, int length, int connection, Segment segment, TcpSegment record) {}

    public final List<Packet> packets = new ArrayList<>();
    /** By the number that packets name. */
    public final List<ConnectionKey> keys = new ArrayList<>();

    private final PacketDecoder decoder = new PacketDecoder(Checksums.ignore);
    private final DecodedSegment decoded = new DecodedSegment();
    private final Map<ConnectionKey, Integer> numbers = new HashMap<>();

    /** MIX traffic. */
    public Recording() {
        try {
            Traffic.generate(1, Traffic.Mix.MIX, SEGMENTS, OPEN, 0, (timeNs, frame, captured, length) -> {
                ByteBuffer octets = ByteBuffer.wrap(Arrays.copyOf(frame, captured));
                decode(decoder, octets, length, decoded);
                packets.add(packet(octets, length, timeNs));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Decodes a packet of the recording. */
    public static void decode(PacketDecoder decoder, ByteBuffer octets, int length, DecodedSegment into) {
        if (decoder.decode(LINKTYPE_ETHERNET, octets, 0, octets.capacity(), length, into) != null) {
            throw new IllegalStateException("generated traffic has only TCP segments");
        }
    }

    /** The key of a segment, as an agent makes it when it first sees a connection. */
    public static ConnectionKey key(DecodedSegment d) {
        return ConnectionKey.of(
                Arrays.copyOf(d.source, d.addressLength),
                d.sourcePort,
                Arrays.copyOf(d.destination, d.addressLength),
                d.destinationPort,
                "");
    }

    private Packet packet(ByteBuffer octets, int length, long timeNs) {
        DecodedSegment d = decoded;
        ConnectionKey key = key(d);
        int number = numbers.computeIfAbsent(key, unknown -> {
            keys.add(unknown);
            return keys.size() - 1;
        });
        boolean fromLow = Arrays.equals(key.lowAddress(), Arrays.copyOf(d.source, d.addressLength));
        TcpSegment record = SegmentRecords.of(d, timeNs, fromLow);
        return new Packet(octets, length, number, ModelSegments.of(record, timeNs), record);
    }

    /** Batches of eight segments of one connection each. */
    public List<SegmentBatch> batches() {
        Map<Integer, List<TcpSegment>> open = new HashMap<>();
        List<SegmentBatch> batches = new ArrayList<>();
        for (Packet packet : packets) {
            List<TcpSegment> segments = open.computeIfAbsent(packet.connection, any -> new ArrayList<>());
            segments.add(packet.record);
            if (segments.size() == SEGMENTS_OF_A_BATCH) {
                SegmentBatch batch = new SegmentBatch();
                batch.setAgent("agent");
                batch.setSession(packet.segment.timeNs());
                batch.setInterface("eth0");
                batch.setSequence(batches.size());
                batch.setClock(packet.segment.clockNs());
                batch.setConnections(List.of(new ConnectionSegments(
                        keys.get(packet.connection).toBytes(), batch.getClock(), null, segments)));
                batches.add(batch);
                open.remove(packet.connection);
            }
        }
        return batches;
    }
}
