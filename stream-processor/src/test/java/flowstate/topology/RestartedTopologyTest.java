package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.schema.ConnectionKey;
import flowstate.schema.ConnectionSegments;
import flowstate.schema.Progress;
import flowstate.schema.SegmentBatch;
import flowstate.schema.TcpSegment;
import flowstate.tcp.Segment;
import flowstate.trace.Line;
import flowstate.trace.TraceRun;
import flowstate.traffic.Conversation;
import flowstate.traffic.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A processor that stops at any point, and another that goes on with nothing but what the changelogs have, together tell
 * what one tells that never stops: the same records, octet by octet.
 */
class RestartedTopologyTest {
    private static final String APPLICATION = "restarted";
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int CONNECTIONS = 2;
    private static final int RESTARTS = 2;
    private static final int MOST_IN_A_BATCH = 8;
    private static final String BATCH = "batch ";

    /** After the last segment, seconds: what is half-closed, in TIME_WAIT or idle is given up in between. */
    private static final int[] LATER = {6, 65, 400, 8_000, 500_000};

    @TempDir
    private Path scratch;

    private int runs;

    static IntStream seeds() {
        return IntStream.range(0, 20);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatIsToldIsTheSame(int seed) throws IOException {
        Random random = new Random(seed);
        List<SegmentBatch> batches = batches(random);
        Set<Integer> restarts = new TreeSet<>();
        while (restarts.size() < RESTARTS) {
            restarts.add(1 + random.nextInt(batches.size() - 1));
        }

        List<String> told = told(batches, restarts);

        assertThat(told)
                .as("restarted before %s of %s batches", restarts, batches.size())
                .isEqualTo(told(batches, Set.of()))
                .filteredOn(event -> event.contains("\"final\": true"))
                .hasSizeGreaterThanOrEqualTo(CONNECTIONS);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void connectionsThatShareABatchAreToldOfAsIfEachHadItsOwn(int seed) throws IOException {
        List<SegmentBatch> batches = batches(new Random(seed));
        List<SegmentBatch> shared = new ArrayList<>();
        for (int from = 0, to = 0; from < batches.size(); from = to) {
            List<ConnectionSegments> connections = new ArrayList<>();
            Progress progress = null;
            while (to < batches.size() && to < from + MOST_IN_A_BATCH && progress == null) {
                connections.addAll(batches.get(to).getConnections());
                progress = batches.get(to++).getProgress();
            }
            SegmentBatch batch = published(shared.size(), batches.get(from).getClock(), List.of(), progress);
            batch.setConnections(connections);
            shared.add(batch);
        }

        assertThat(told(shared, Set.of()))
                .filteredOn(line -> !line.startsWith(BATCH))
                .containsExactlyInAnyOrderElementsOf(told(batches, Set.of()).stream()
                        .filter(line -> !line.startsWith(BATCH))
                        .toList());
        assertThat(shared).anyMatch(batch -> batch.getConnections().size() > 1);
    }

    /** What is told, in order; another processor goes on before the batches of these numbers. */
    private List<String> told(List<SegmentBatch> batches, Set<Integer> restarts) throws IOException {
        List<String> told = new ArrayList<>();
        KeptState kept = new KeptState(APPLICATION, Files.createDirectory(scratch.resolve("run" + runs++)));
        DrivenTopology topology = DrivenTopology.start(APPLICATION, TrackerSettings.DEFAULT, kept.folder());
        for (int i = 0; i < batches.size(); i++) {
            if (restarts.contains(i)) {
                kept.take(topology.driver());
                topology.driver().close();
                topology = DrivenTopology.start(APPLICATION, TrackerSettings.DEFAULT, kept.folder());
            }
            topology.segments().pipeInput(batches.get(i));
            told.add(BATCH + i);
            topology.lifecycle().readValuesToList().forEach(event -> told.add(event.toString()));
            topology.anomalies().readValuesToList().forEach(anomaly -> told.add(anomaly.toString()));
        }
        topology.driver().close();
        return told;
    }

    // ---- what is published

    private record Captured(int connection, Segment segment) {}

    /** Some connections at once, as an agent publishes them; then time passes, and the capture ends. */
    private static List<SegmentBatch> batches(Random random) {
        List<Captured> captured = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            int number = i;
            Conversation conversation = Conversation.of(Plan.random(random));
            TraceRun run = conversation.run(true, Pipe.START_NS + random.nextInt(2_000_000_000));
            for (Line line : conversation.lines()) {
                Segment segment = ((Line.Observed) line.step()).segment().segment(run, line.atNs());
                captured.add(new Captured(number, segment));
            }
        }
        captured.sort(Comparator.comparingLong(each -> each.segment().clockNs()));
        List<SegmentBatch> batches = new ArrayList<>();
        long clockNs = captured.get(0).segment().clockNs();
        for (int from = 0, to = 0; from < captured.size(); from = to) {
            long nowNs = captured.get(from).segment().clockNs();
            if (nowNs - clockNs > SECOND_NS) {
                batches.add(published(batches.size(), nowNs, List.of(), new Progress(nowNs, 0L, false)));
            }
            while (to < captured.size()
                    && to < from + MOST_IN_A_BATCH
                    && captured.get(to).connection() == captured.get(from).connection()
                    && captured.get(to).segment().clockNs() - nowNs < SECOND_NS / 4) {
                to++;
            }
            clockNs = captured.get(to - 1).segment().clockNs();
            batches.add(published(batches.size(), clockNs, captured.subList(from, to), null));
        }
        for (int later : LATER) {
            long nowNs = clockNs + later * SECOND_NS;
            batches.add(published(batches.size(), nowNs, List.of(), new Progress(nowNs, 0L, false)));
        }
        long endNs = clockNs + LATER[LATER.length - 1] * SECOND_NS;
        batches.add(published(batches.size(), endNs, List.of(), new Progress(endNs, 0L, true)));
        return batches;
    }

    private static SegmentBatch published(
            int sequence, long clockNs, List<Captured> captured, @Nullable Progress progress) {
        List<TcpSegment> segments = captured.stream()
                .map(each -> TopologyTarget.record(each.segment()))
                .toList();
        SegmentBatch batch = new SegmentBatch();
        batch.setAgent("a");
        batch.setSession(1L);
        batch.setInterface("generated");
        batch.setSequence((long) sequence);
        batch.setClock(clockNs);
        batch.setConnections(
                captured.isEmpty()
                        ? List.of()
                        : List.of(new ConnectionSegments(key(captured.get(0).connection()), clockNs, null, segments)));
        batch.setProgress(progress);
        return batch;
    }

    private static byte[] key(int connection) {
        return ConnectionKey.of(TopologyTarget.LOW, 40000 + connection, TopologyTarget.HIGH, 50000, "")
                .toBytes();
    }
}
