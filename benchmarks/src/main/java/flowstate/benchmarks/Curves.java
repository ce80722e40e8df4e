package flowstate.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How rate and CPU go with the number of connections open at once (replay), and of partitions and threads, segments a
 * batch, and agents (processes of their own).
 */
@Command(
        name = "curves",
        description =
                "Rate and CPU a segment by connections open, partitions and threads, segments of a connection in a batch, agents.",
        mixinStandardHelpOptions = true)
final class Curves extends Measurement {
    private static final int FEW_OPEN = 10_000;
    private static final int MANY_OPEN = 1_000_000;
    /** See {@link Traffic.Mix#OPEN}. */
    private static final int SEGMENTS_OF_OPEN = 12;

    /** What varies. */
    enum Kind {
        OPEN("Connections open at once", "connections open"),
        THREADS("Partitions and stream threads", "partitions, threads"),
        BATCH("Segments of a connection in a batch", "segments of a connection in a batch, at most"),
        AGENTS("Agents", "agents");

        private final String title;
        private final String axis;

        Kind(String title, String axis) {
            this.title = title;
            this.axis = axis;
        }
    }

    @Option(
            names = "--kinds",
            split = ",",
            defaultValue = "OPEN,THREADS,BATCH,AGENTS",
            description = "${COMPLETION-CANDIDATES} (default: all).")
    private List<Kind> kinds = List.of();

    @Option(
            names = "--opens",
            split = ",",
            defaultValue = "10000,100000,1000000",
            description = "Connections open at once (default: ${DEFAULT-VALUE}).")
    private List<Integer> opens = List.of();

    @Option(names = "--segments", defaultValue = "1000000", description = "But for OPEN (default: ${DEFAULT-VALUE}).")
    private long segments;

    @Option(names = "--rounds", defaultValue = "1", description = "Of each point (default: ${DEFAULT-VALUE}).")
    private int rounds;

    /** One run of one point. */
    private record Run(double rate, double cpuPerSegment) {}

    @Override
    String title() {
        return "Curves";
    }

    @Override
    void measure(Section section, Budget budget, Scratch scratch)
            throws IOException, InterruptedException, WrongResultException {
        for (Kind kind : kinds) {
            Map<Integer, List<Run>> points = new LinkedHashMap<>();
            try {
                measure(kind, points, budget, scratch);
            } catch (WrongResultException e) {
                section.fail(kind + ": " + e.getMessage());
            }
            show(kind, points, section);
        }
    }

    private void measure(Kind kind, Map<Integer, List<Run>> points, Budget budget, Scratch scratch)
            throws IOException, InterruptedException, WrongResultException {
        // as large as the largest point needs: what differs is how many are open, not what they do
        long segmentsOfOpen = SEGMENTS_OF_OPEN
                * opens.stream().mapToLong(Integer::longValue).max().orElse(1);
        double longest = 0;
        for (int round = 0; round < rounds; round++) {
            for (int value :
                    kind == Kind.OPEN ? opens : kind == Kind.BATCH ? List.of(1, 4, 16, 64) : List.of(1, 2, 4, 8)) {
                if (!budget.allows(longest)) {
                    tell("no time was left for %s %,d", kind, value);
                    return;
                }
                long startedNs = System.nanoTime();
                Run run = switch (kind) {
                    case OPEN -> replay(value, segmentsOfOpen, scratch, budget);
                    case THREADS ->
                        split(new Cluster.Settings(value, value, 1000), 1, Split.USUAL_BATCH, scratch, budget);
                    case BATCH -> split(Cluster.Settings.OF_REPLAY, 1, value, scratch, budget);
                    case AGENTS -> split(new Cluster.Settings(2, 2, 1000), value, Split.USUAL_BATCH, scratch, budget);
                };
                longest = Math.max(longest, (System.nanoTime() - startedNs) / 1e9);
                points.computeIfAbsent(value, any -> new ArrayList<>()).add(run);
                tell("%s %,d: %,.0f segments/s, %.2f us of CPU a segment", kind, value, run.rate, run.cpuPerSegment);
            }
        }
    }

    private Run replay(int open, long segmentsOfOpen, Scratch scratch, Budget budget)
            throws IOException, InterruptedException, WrongResultException {
        Path file = scratch.path().resolve("open.pcap");
        try {
            Truth truth = Traffic.write(file, 1, Traffic.Mix.OPEN, segmentsOfOpen, open);
            Scratch.chill(file);
            Replay replay = Replay.run(launcher(), new Workload.Capture(file, truth), List.of(), scratch, budget);
            return new Run(replay.rate(), replay.cpuPerSegment());
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private Run split(Cluster.Settings settings, int agents, int batch, Scratch scratch, Budget budget)
            throws IOException, InterruptedException, WrongResultException {
        Path folder = scratch.fresh("captures");
        List<Workload.Capture> captures = new ArrayList<>();
        for (int agent = 0; agent < agents; agent++) {
            Path file = folder.resolve(agent + ".pcap");
            Truth truth = Traffic.write(file, agent, Traffic.Mix.SHORT, segments / agents, 1000 / agents, agent);
            captures.add(new Workload.Capture(file, truth));
        }
        Split split = Split.run(this, settings, captures, batch, scratch, budget);
        return new Run(split.rate(), split.cpuPerSegment());
    }

    private static void show(Kind kind, Map<Integer, List<Run>> points, Section section) {
        section.say("### %s", kind.title);
        section.say(
                kind == Kind.OPEN
                        ? "`./flowstate replay`: the same number of connections with the same segments in each point;"
                                + " they are opened in groups of this size before the first of the group closes."
                        : "Broker, processor and agents as processes of their own, SHORT traffic.");
        Table table = new Table(kind.axis, "segments/s, median", "spread", "CPU, us/segment", "rounds");
        Chart rate = new Chart(kind.title + ", rate", kind.axis, "segments/s", true);
        Chart cpu = new Chart(kind.title + ", CPU", kind.axis, "us/segment", true);
        points.forEach((value, runs) -> {
            Samples rates = Samples.of(runs, Run::rate);
            double cost = Samples.of(runs, Run::cpuPerSegment).median();
            table.row(
                    Text.of("%,d", value),
                    Text.number(rates.median()),
                    rates.spread(),
                    Text.number(cost),
                    Integer.toString(runs.size()));
            rate.point("segments/s", value, rates.median());
            cpu.point("CPU", value, cost);
        });
        section.add(table);
        section.add(rate);
        section.add(cpu);
        section.keep(kind.name(), points);
        if (kind == Kind.OPEN && points.containsKey(FEW_OPEN) && points.containsKey(MANY_OPEN)) {
            section.reach(Target.RATE_AT_A_MILLION, median(points, MANY_OPEN) / median(points, FEW_OPEN));
        }
    }

    private static double median(Map<Integer, List<Run>> points, int value) {
        return Samples.of(points.getOrDefault(value, List.of()), Run::rate).median();
    }
}
