package flowstate.benchmarks.micro;

import flowstate.benchmarks.Recording;
import flowstate.capture.decode.Checksums;
import flowstate.capture.decode.DecodedSegment;
import flowstate.capture.decode.PacketDecoder;
import flowstate.schema.CommunityId;
import flowstate.schema.ConnectionKey;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.SegmentBatch;
import flowstate.schema.Topics;
import flowstate.tcp.AnomalyKind;
import flowstate.tcp.Cause;
import flowstate.tcp.Connection;
import flowstate.tcp.ConnectionCodec;
import flowstate.tcp.EventKind;
import flowstate.tcp.Listener;
import flowstate.tcp.Segment;
import flowstate.tcp.TcpState;
import flowstate.tcp.Timers;
import flowstate.tcp.Tracker;
import flowstate.topology.EventRecords;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One method a step, named for what it takes and makes; each goes round the same recorded MIX traffic. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Steps {
    private static final String AGENT = "agent";

    private final Recording recording = new Recording();
    private final List<SegmentBatch> batches = recording.batches();
    private final List<byte[]> encodedBatches = batches.stream()
            .map(batch -> Topics.SEGMENTS.value().serializer().serialize(Topics.SEGMENTS.name(), batch))
            .toList();
    private final PacketDecoder decoder = new PacketDecoder(Checksums.ignore);
    private final PacketDecoder verifyingDecoder = new PacketDecoder(Checksums.verify);
    private final DecodedSegment decoded = new DecodedSegment();
    private final Tracker tracker = new Tracker(Timers.named("default"));
    private final @Nullable Connection[] connections = new Connection[recording.keys.size()];
    private final ConnectionCodec codec = new ConnectionCodec();
    private final Count told = new Count();
    private final Connection tracked;
    private final ConnectionKey trackedKey = recording.keys.get(0);
    private final byte[] encoded;
    private final LifecycleEvent event;
    private int next;

    /** Has tracked the first connection of the recording to its end. */
    public Steps() {
        Connection connection = null;
        for (Recording.Packet packet : recording.packets) {
            if (packet.connection() == 0) {
                connection = step(connection, packet);
            }
        }
        if (connection == null) {
            throw new IllegalStateException("the recording is empty");
        }
        tracked = connection;
        encoded = codec.encode(tracked);
        event = lifecycle();
    }

    private Recording.Packet packet() {
        next = next + 1 < recording.packets.size() ? next + 1 : 0;
        return recording.packets.get(next);
    }

    private int batch() {
        next = next + 1 < batches.size() ? next + 1 : 0;
        return next;
    }

    private Connection step(@Nullable Connection connection, Recording.Packet packet) {
        ConnectionKey key = recording.keys.get(packet.connection());
        return tracker.onSegment(connection, key.lowPort(), key.highPort(), packet.segment(), AGENT, "eth0", told);
    }

    private LifecycleEvent lifecycle() {
        return EventRecords.lifecycle(
                trackedKey,
                tracked,
                EventKind.CLOSED,
                Cause.SEGMENT,
                tracked.startedNs(),
                TcpState.ESTABLISHED,
                TcpState.ESTABLISHED);
    }

    @Benchmark
    public DecodedSegment packetToSegment() {
        Recording.Packet packet = packet();
        Recording.decode(decoder, packet.octets(), packet.length(), decoded);
        return decoded;
    }

    @Benchmark
    public DecodedSegment packetToSegmentWithChecksum() {
        Recording.Packet packet = packet();
        Recording.decode(verifyingDecoder, packet.octets(), packet.length(), decoded);
        return decoded;
    }

    @Benchmark
    public byte[] segmentToKey() {
        return Recording.key(decoded).toBytes();
    }

    @Benchmark
    public byte[] batchOfEightToOctets() {
        return Topics.SEGMENTS.value().serializer().serialize(Topics.SEGMENTS.name(), batches.get(batch()));
    }

    @Benchmark
    public SegmentBatch octetsToBatchOfEight() {
        return Topics.SEGMENTS.value().deserializer().deserialize(Topics.SEGMENTS.name(), encodedBatches.get(batch()));
    }

    @Benchmark
    public ConnectionKey octetsToKey() {
        return ConnectionKey.fromBytes(trackedKey.toBytes());
    }

    /** The model; every connection begins anew with each round of the recording. */
    @Benchmark
    public Connection modelStep() {
        Recording.Packet packet = packet();
        if (next == 0) {
            Arrays.fill(connections, null);
        }
        Connection connection = step(connections[packet.connection()], packet);
        connections[packet.connection()] = connection;
        return connection;
    }

    @Benchmark
    public byte[] connectionToOctets() {
        return codec.encode(tracked);
    }

    @Benchmark
    public Connection octetsToConnection() {
        return codec.decode(encoded);
    }

    @Benchmark
    public LifecycleEvent connectionToEvent() {
        return lifecycle();
    }

    @Benchmark
    public byte[] eventToOctets() {
        return Topics.LIFECYCLE.value().serializer().serialize(Topics.LIFECYCLE.name(), event);
    }

    @Benchmark
    public String communityId() {
        return CommunityId.of(trackedKey);
    }

    /** Takes what the model tells, and makes nothing of it. */
    private static final class Count implements Listener {
        private long events;

        @Override
        public void lifecycle(
                Connection c, EventKind kind, Cause cause, long atNs, TcpState originator, TcpState responder) {
            events++;
        }

        @Override
        public void anomaly(
                Connection c,
                AnomalyKind kind,
                long count,
                double confidence,
                long atNs,
                @Nullable Segment evidence,
                String message) {
            events++;
        }
    }
}
