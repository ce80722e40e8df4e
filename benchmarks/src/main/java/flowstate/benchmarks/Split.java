package flowstate.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One run of broker, processor and agents as processes of their own, events read by a consumer of committed records and
 * checked against the truth. Time counts from the first record of flowstate.segments to the last event read.
 *
 * @param cpuSeconds by process and part, from the start of the agents on
 * @param peakMegabytes by process
 */
record Split(
        long segments,
        double seconds,
        Map<String, Double> cpuSeconds,
        Map<String, Long> peakMegabytes,
        long segmentOctets,
        long changelogOctets,
        long events) {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    /** The agent's own number of segments a batch. */
    static final int USUAL_BATCH = 0;

    /**
     * Runs it.
     *
     * @param captures one for each agent
     * @param batchSegments in a batch at most, or {@link #USUAL_BATCH}
     */
    static Split run(
            Measurement measurement,
            Cluster.Settings settings,
            List<Workload.Capture> captures,
            int batchSegments,
            Scratch scratch,
            Budget budget)
            throws IOException, InterruptedException, WrongResultException {
        Truth truth = Truth.sum(captures.stream().map(Workload.Capture::truth).toList());
        Path folder = scratch.fresh("split");
        List<Program> agents = new ArrayList<>();
        try (Cluster cluster = Cluster.start(measurement, settings, folder)) {
            Program processor = cluster.startProcessor(budget.atMost(START_LIMIT));
            try (EventReader reader = cluster.reader()) {
                Map<String, Double> before = cpu(List.of(cluster.broker(), processor));
                for (Workload.Capture capture : captures) {
                    agents.add(startAgent(cluster, capture.file(), "agent-" + agents.size(), batchSegments));
                }
                long lastNs = await(reader, truth, agents, budget);
                List<Program> all = new ArrayList<>(List.of(cluster.broker(), processor));
                all.addAll(agents);
                Map<String, Double> cpu = cpu(all);
                before.forEach((part, seconds) -> cpu.merge(part, -seconds, Double::sum));
                Map<String, Long> peaks = new TreeMap<>(Map.of(
                        "broker", cluster.broker().peakMegabytes(),
                        "processor", processor.peakMegabytes(),
                        "agent", agents.get(0).peakMegabytes()));
                KafkaFiles files = cluster.files();
                return new Split(
                        truth.segments(),
                        (lastNs - cluster.firstSegmentNs()) / 1e9,
                        cpu,
                        peaks,
                        files.segments(),
                        files.changelogs(),
                        reader.events());
            } finally {
                agents.forEach(Program::close);
            }
        } finally {
            scratch.fresh("split");
        }
    }

    private static long await(EventReader reader, Truth truth, List<Program> agents, Budget budget)
            throws IOException, InterruptedException, WrongResultException {
        for (Program agent : agents) {
            agent.awaitSuccess(budget.atMost(LIMIT));
        }
        long lastNs = reader.await(truth, budget.atMost(LIMIT));
        // whatever is told twice comes soon after
        Instant enough = Instant.now().plusSeconds(1);
        while (Instant.now().isBefore(enough)) {
            Thread.sleep(100);
        }
        reader.await(truth, Duration.ZERO);
        return lastNs;
    }

    private static Program startAgent(Cluster cluster, Path file, String id, int batchSegments)
            throws IOException, WrongResultException {
        return batchSegments == USUAL_BATCH
                ? cluster.startAgent(file, id)
                : cluster.startOwn(
                        BatchAgent.class, "agent", cluster.servers(), id, file.toString(), batchSegments + "");
    }

    private static Map<String, Double> cpu(List<Program> programs) {
        Map<String, Double> all = new TreeMap<>();
        for (Program program : programs) {
            if (program.isAlive()) {
                program.look();
            }
            program.cpuByPart().forEach((part, seconds) -> all.merge(part, seconds, Double::sum));
        }
        return all;
    }

    double rate() {
        return segments / seconds;
    }

    double perSegment(double amount) {
        return amount / segments;
    }

    double cpuPerSegment() {
        return perSegment(cpuSeconds.values().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum())
                * 1e6;
    }
}
