package flowstate.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The pipeline as it runs on many hosts, on one: broker, agent and processor in processes of their own; see {@link Split}. */
@Command(
        name = "processes",
        description = "Broker, agent and processor as processes of their own, results read by a committed reader.",
        mixinStandardHelpOptions = true)
final class Processes extends Measurement {
    @Mixin
    private Workload workload = new Workload();

    @Option(names = "--rounds", defaultValue = "3", description = "Runs (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Override
    String title() {
        return "Processes of their own, " + workload.name();
    }

    @Override
    void measure(Section section, Budget budget, Scratch scratch) throws IOException, InterruptedException {
        Workload.Capture capture = workload.write(scratch.path());
        section.say(
                "%s. Two partitions, two stream threads, commits each second; the reader's CPU is not counted.",
                capture.describe());
        List<Split> all = rounds(rounds, section, budget, () -> {
            Scratch.chill(capture.file());
            Split round =
                    Split.run(this, Cluster.Settings.OF_REPLAY, List.of(capture), Split.USUAL_BATCH, scratch, budget);
            tell("  %,.0f segments/s, %.2f us of CPU a segment", round.rate(), round.cpuPerSegment());
            return round;
        });
        if (all.isEmpty()) {
            return;
        }
        Table table = new Table("of " + all.size() + " rounds", "median", "spread");
        row(table, "segments/s", Samples.of(all, Split::rate));
        row(table, "CPU, us/segment", Samples.of(all, Split::cpuPerSegment));
        TreeSet<String> parts = new TreeSet<>();
        all.forEach(round -> parts.addAll(round.cpuSeconds().keySet()));
        for (String part : parts) {
            row(
                    table,
                    "– of which " + part,
                    Samples.of(all, r -> r.perSegment(r.cpuSeconds().getOrDefault(part, 0.0)) * 1e6));
        }
        row(table, "flowstate.segments on disk, octets/segment", Samples.of(all, r -> r.perSegment(r.segmentOctets())));
        row(table, "changelogs on disk, octets/segment", Samples.of(all, r -> r.perSegment(r.changelogOctets())));
        for (String process : List.of("broker", "agent", "processor")) {
            row(
                    table,
                    "peak memory of the " + process + ", MB",
                    Samples.of(all, r -> r.peakMegabytes().getOrDefault(process, 0L)));
        }
        section.add(table);
        section.keep("truth", capture.truth());
        section.keep("rounds", all);
    }

    private static void row(Table table, String name, Samples samples) {
        table.row(name, Text.number(samples.median()), samples.spread());
    }
}
