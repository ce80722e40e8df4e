package flowstate.topology;

import static java.util.Objects.requireNonNull;

import flowstate.schema.Anomaly;
import flowstate.schema.ConnectionKey;
import flowstate.schema.ConnectionSegments;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.Progress;
import flowstate.schema.SegmentBatch;
import flowstate.schema.TcpSegment;
import flowstate.tcp.Flags;
import flowstate.tcp.Segment;
import flowstate.tcp.Standing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/** The deployed topology, fed with segments between any ends. */
final class Pipe implements AutoCloseable {
    /** Behind the keys of all stores. */
    private static final Bytes LAST = Bytes.wrap(new byte[] {-1, -1, -1, -1});

    /** 2026-01-01T00:00:00Z. */
    static final long START_NS = 1_767_225_600_000_000_000L;

    static final long SECOND = 1_000_000_000L;

    /** One end: an IPv4 address as a number, and a port. */
    record End(int address, int port) {
        byte[] octets() {
            return new byte[] {(byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address};
        }
    }

    /** Of all that are made here; see {@link KeptState}. */
    static final String APPLICATION = "pipe";

    private final TopologyTestDriver driver;
    private final TestInputTopic<byte[], SegmentBatch> segments;
    private final TestOutputTopic<byte[], LifecycleEvent> lifecycle;
    private final TestOutputTopic<byte[], Anomaly> anomalies;
    private final OpenConnections open;
    private final Map<String, Long> sequences = new HashMap<>();
    private String agent = "a";
    private @Nullable String tunnel;
    private long session = 1;

    Pipe(Limits limits, Path stateDir) {
        this(TrackerSettings.DEFAULT.with(limits), stateDir);
    }

    Pipe(TrackerSettings settings, Path stateDir) {
        DrivenTopology topology = DrivenTopology.start(APPLICATION, settings, stateDir);
        driver = topology.driver();
        segments = topology.segments();
        lifecycle = topology.lifecycle();
        anomalies = topology.anomalies();
        open = topology.open();
    }

    /** What the segments that come next are wrapped in, the low end's side first. */
    Pipe in(@Nullable String outer) {
        this.tunnel = outer;
        return this;
    }

    /** Who sees what comes next. */
    Pipe as(String agent) {
        this.agent = agent;
        return this;
    }

    /** The agents go on where they were with the processor before. */
    Pipe after(Pipe before) {
        sequences.putAll(before.sequences);
        return this;
    }

    /** The next capture begins. */
    void nextSession() {
        session++;
        sequences.clear();
    }

    /** One segment, relative to initial sequence numbers of 0, so many nanoseconds after the start. */
    void send(long atNs, End from, End to, int flags, int seq, int ack) {
        boolean fromLow = isLow(from, to);
        long time = START_NS + atNs;
        TcpSegment s = TopologyTarget.record(segment(time, fromLow, flags, seq, ack));
        segments.pipeInput(batch(time, List.of(part(from, to, time, List.of(s))), null));
    }

    /** One segment of payload that the agent captures twice. */
    void twice(long atNs, End from, End to, int seq, int payload) {
        boolean fromLow = isLow(from, to);
        long time = START_NS + atNs;
        TcpSegment s = TopologyTarget.record(new Segment(
                time, time, fromLow, seq, 1, Flags.ACK, 65535, payload, 40 + payload, -1, -1, false, -1, -1, 0, -1, 0));
        segments.pipeInput(batch(time, List.of(part(from, to, time, List.of(s, s))), null));
    }

    /** SYNs from that many ends in one batch, their addresses counting up from the first one's. */
    void syns(long atNs, End first, int count, End to) {
        long time = START_NS + atNs;
        List<ConnectionSegments> parts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            End from = new End(first.address() + i, first.port());
            parts.add(part(
                    from, to, time, List.of(TopologyTarget.record(segment(time, isLow(from, to), Flags.SYN, 0, 0)))));
        }
        segments.pipeInput(batch(time, parts, null));
    }

    private static Segment segment(long time, boolean fromLow, int flags, int seq, int ack) {
        return new Segment(time, time, fromLow, seq, ack, flags, 65535, 0, 40, -1, -1, false, -1, -1, 0, -1, 0);
    }

    private static ConnectionKey key(End from, End to) {
        return ConnectionKey.of(from.octets(), from.port(), to.octets(), to.port(), "");
    }

    private static boolean isLow(End from, End to) {
        return ConnectionKey.isLow(from.octets(), from.port(), to.octets(), to.port());
    }

    private ConnectionSegments part(End from, End to, long clockNs, List<TcpSegment> some) {
        return new ConnectionSegments(key(from, to).toBytes(), clockNs, tunnel, some);
    }

    void syn(long atNs, End from, End to) {
        send(atNs, from, to, Flags.SYN, 0, 0);
    }

    /** A SYN that is refused at once. */
    void refused(long atNs, End from, End to) {
        syn(atNs, from, to);
        send(atNs + 1000, to, from, Flags.RST | Flags.ACK, 0, 1);
    }

    /** A handshake. */
    void open(long atNs, End from, End to) {
        syn(atNs, from, to);
        send(atNs + 1000, to, from, Flags.SYN | Flags.ACK, 0, 1);
        send(atNs + 2000, from, to, Flags.ACK, 1, 1);
    }

    void clock(long atNs) {
        segments.pipeInput(batch(START_NS + atNs, List.of(), new Progress(START_NS + atNs, 0L, false)));
    }

    /** The agent says that it dropped packets. */
    void dropped(long atNs, long packets) {
        segments.pipeInput(batch(START_NS + atNs, List.of(), new Progress(START_NS + atNs, packets, false)));
    }

    void end(long atNs) {
        segments.pipeInput(batch(START_NS + atNs, List.of(), new Progress(START_NS + atNs, 0L, true)));
    }

    void silence(Duration duration) {
        driver.advanceWallClockTime(duration);
    }

    private SegmentBatch batch(long clockNs, List<ConnectionSegments> some, @Nullable Progress progress) {
        SegmentBatch batch = new SegmentBatch();
        batch.setAgent(agent);
        batch.setSession(session);
        batch.setInterface("capture");
        batch.setSequence(sequences.merge(agent, 1L, Long::sum) - 1);
        batch.setClock(clockNs);
        batch.setConnections(some);
        batch.setProgress(progress);
        return batch;
    }

    /** Since the last call. */
    List<LifecycleEvent> lifecycle() {
        return lifecycle.readValuesToList();
    }

    /** Since the last call. */
    List<Anomaly> anomalies() {
        return anomalies.readValuesToList();
    }

    /** How many connections stand so. */
    long open(Standing standing) {
        return open.count(standing);
    }

    boolean isEnding() {
        return open.isEnding();
    }

    /** What a query for a live connection is answered; null if there is none. */
    @Nullable
    LifecycleEvent asked(End from, End to) {
        return LiveConnections.find(key(from, to), store(Stores.CONNECTIONS), store(Stores.OBSERVERS));
    }

    @SuppressWarnings("unchecked")
    private <V> WriteBackStore<V> store(String name) {
        return (WriteBackStore<V>) requireNonNull(driver.getAllStateStores().get(name), name);
    }

    /** How many keys a store has. */
    long stored(String store) {
        long entries = 0;
        try (KeyValueIterator<Bytes, ?> all = store(store).scan(Bytes.wrap(new byte[0]), LAST)) {
            for (; all.hasNext(); all.next()) {
                entries++;
            }
        }
        return entries;
    }

    /** Leaves its state to the next one. */
    void leaveTo(KeptState kept) {
        kept.take(driver);
    }

    @Override
    public void close() {
        driver.close();
    }
}
