package flowstate.topology;

import flowstate.schema.Anomaly;
import flowstate.schema.ConnectionKey;
import flowstate.schema.ConnectionSegments;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.Progress;
import flowstate.schema.SegmentBatch;
import flowstate.schema.TcpSegment;
import flowstate.tcp.Segment;
import flowstate.tcp.Timers;
import flowstate.trace.LifecycleVerdict;
import flowstate.trace.TraceTarget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.jspecify.annotations.Nullable;

/** The deployed topology, through Avro and its stores, as a level that traces run on. */
final class TopologyTarget implements TraceTarget, AutoCloseable {
    static final byte[] LOW = {10, 0, 0, 1};
    static final byte[] HIGH = {10, 0, 0, 2};
    private static final byte[] KEY =
            ConnectionKey.of(LOW, 40000, HIGH, 50000, "").toBytes();

    private final TopologyTestDriver driver;
    private final TestInputTopic<byte[], SegmentBatch> segments;
    private final TestOutputTopic<byte[], LifecycleEvent> lifecycle;
    private final TestOutputTopic<byte[], Anomaly> anomalies;
    private final Map<String, Long> clocks;
    private final Map<String, Long> sequences = new HashMap<>();
    private final List<Map<String, String>> verdicts = new ArrayList<>();
    private long clockNs;

    /** @param clocks how far the clock of each agent is ahead */
    TopologyTarget(Timers timers, Map<String, Long> clocks, Path stateDir) {
        this.clocks = clocks;
        DrivenTopology topology = DrivenTopology.start("trace", TrackerSettings.DEFAULT.with(timers), stateDir);
        driver = topology.driver();
        segments = topology.segments();
        lifecycle = topology.lifecycle();
        anomalies = topology.anomalies();
    }

    @Override
    public List<String> feed(Segment s, String agent) {
        clockNs = s.clockNs() - clocks.getOrDefault(agent, 0L);
        segments.pipeInput(batch(agent, List.of(record(s)), null));
        return told();
    }

    @Override
    public List<String> timer(long nowNs) {
        clockNs = nowNs;
        clocks.forEach(
                (agent, ahead) -> segments.pipeInput(batch(agent, List.of(), new Progress(nowNs + ahead, 0L, false))));
        return told();
    }

    @Override
    public List<String> end() {
        clocks.forEach(
                (agent, ahead) -> segments.pipeInput(batch(agent, List.of(), new Progress(clockNs + ahead, 0L, true))));
        return told();
    }

    @Override
    public List<Map<String, String>> verdicts() {
        return verdicts;
    }

    /** Lets this machine's clock go on, without a word of any agent. */
    List<String> silence(Duration duration) {
        driver.advanceWallClockTime(duration);
        return told();
    }

    /** Sends the latest batch of an agent again, as one does that did not hear that it had arrived. */
    List<String> repeatLast(Segment s, String agent) {
        sequences.merge(agent, -1L, Long::sum);
        return feed(s, agent);
    }

    private SegmentBatch batch(String agent, List<TcpSegment> some, @Nullable Progress progress) {
        long sequence = sequences.merge(agent, 1L, Long::sum) - 1;
        SegmentBatch batch = new SegmentBatch();
        batch.setAgent(agent);
        batch.setSession(1L);
        batch.setInterface("trace");
        batch.setSequence(sequence);
        batch.setClock(clockNs + clocks.getOrDefault(agent, 0L));
        batch.setConnections(
                some.isEmpty() ? List.of() : List.of(new ConnectionSegments(KEY, batch.getClock(), null, some)));
        batch.setProgress(progress);
        return batch;
    }

    static TcpSegment record(Segment s) {
        TcpSegment record = new TcpSegment();
        record.setTime(s.timeNs());
        record.setFromLow(s.fromLow());
        record.setSeq(Integer.toUnsignedLong(s.seq()));
        record.setAck(Integer.toUnsignedLong(s.ack()));
        record.setFlags(s.flags());
        record.setWindow(s.window());
        record.setPayloadLength(s.payload());
        record.setWireLength(s.wireLength());
        record.setTtl(64);
        record.setIpId(1);
        record.setTrafficClass(0);
        record.setVlanId(-1);
        record.setMss(s.mss());
        record.setWindowScale(s.windowScale());
        record.setSackPermitted(s.sackPermitted());
        record.setTimestampValue(s.timestampValue());
        record.setTimestampEcho(s.timestampEcho());
        record.setSackBlocks(Collections.nCopies(2 * s.sackBlocks(), 0L));
        record.setFastOpen(s.fastOpen());
        record.setChecksum(s.noted(Segment.CHECKSUM_GOOD) ? 1 : s.noted(Segment.CHECKSUM_BAD) ? 2 : 0);
        record.setBadOptions(s.noted(Segment.BAD_OPTIONS));
        record.setPayloadCut(s.noted(Segment.PAYLOAD_CUT));
        return record;
    }

    private List<String> told() {
        List<String> told = new ArrayList<>();
        for (LifecycleEvent event : lifecycle.readValuesToList()) {
            told.add(LifecycleVerdict.rendered(event));
            if (event.getFinal$()) {
                verdicts.add(LifecycleVerdict.of(event));
            }
        }
        for (Anomaly anomaly : anomalies.readValuesToList()) {
            told.add(LifecycleVerdict.rendered(anomaly));
        }
        return told;
    }

    @Override
    public void close() {
        driver.close();
    }
}
