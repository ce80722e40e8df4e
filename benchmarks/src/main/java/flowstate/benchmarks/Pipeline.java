package flowstate.benchmarks;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Replays generated traffic as a user would, and says what it cost and where; see {@link Replay}. */
@Command(
        name = "pipeline",
        description =
                "Replays generated traffic: segments/s, CPU and memory a segment and where they go, octets on disk.",
        mixinStandardHelpOptions = true)
final class Pipeline extends Measurement {
    @Mixin
    private Workload workload = new Workload();

    @Mixin
    private EventChoice choice = new EventChoice();

    @Option(names = "--rounds", defaultValue = "3", description = "Runs (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Override
    String title() {
        return "Replay of " + workload.name() + choice.describe();
    }

    @Override
    void measure(Section section, Budget budget, Scratch scratch) throws IOException, InterruptedException {
        Workload.Capture capture = workload.write(scratch.path());
        section.say(
                "`./flowstate replay%s`, %s. %d open at once.", choice.describe(), capture.describe(), workload.open);
        List<Replay> all = rounds(rounds, section, budget, () -> {
            Scratch.chill(capture.file());
            Replay round = Replay.run(launcher(), capture, choice.option(), scratch, budget);
            tell("  %,.0f segments/s, %.2f us of CPU a segment", round.rate(), round.cpuPerSegmentAfterStart());
            return round;
        });
        if (all.isEmpty()) {
            return;
        }
        section.add(table(all));
        section.keep("truth", capture.truth());
        section.keep("rounds", all);
        if (workload.mix == Traffic.Mix.MIX && choice.isAll()) {
            section.reach(
                    Target.CPU_PER_SEGMENT,
                    Samples.of(all, Replay::cpuPerSegmentAfterStart).median());
            section.reach(
                    Target.OCTETS_PER_SEGMENT,
                    Samples.of(all, r -> r.perSegment(r.segmentOctets())).median());
        }
    }

    /** Medians and spread of some rounds. */
    static Table table(List<Replay> all) {
        Table table = new Table("of " + all.size() + " rounds", "median", "spread");
        row(table, "segments/s", Samples.of(all, Replay::rate));
        row(table, "CPU after the start, us/segment", Samples.of(all, Replay::cpuPerSegmentAfterStart));
        row(table, "CPU of the whole run, us/segment", Samples.of(all, Replay::cpuPerSegment));
        for (String part : Replay.parts(all)) {
            row(table, "– of which " + part, Samples.of(all, round -> round.cpuPerSegment(part)));
        }
        row(table, "s from command to end", Samples.of(all, Replay::wallSeconds));
        row(table, "allocated on the heap, octets/segment", Samples.of(all, r -> r.perSegment(r.allocated())));
        row(table, "pauses of GC, ms", Samples.of(all, r -> r.gcPauseSeconds() * 1e3));
        row(table, "flowstate.segments on disk, octets/segment", Samples.of(all, r -> r.perSegment(r.segmentOctets())));
        row(table, "changelogs on disk, octets/segment", Samples.of(all, r -> r.perSegment(r.changelogOctets())));
        row(table, "events on disk, octets/segment", Samples.of(all, r -> r.perSegment(r.eventOctets())));
        row(table, "segments/batch", Samples.of(all, r -> (double) r.segments() / r.batches()));
        row(table, "segments/printed line", Samples.of(all, r -> (double) r.segments() / r.events()));
        row(table, "peak memory, MB", Samples.of(all, Replay::peakMegabytes));
        return table;
    }

    private static void row(Table table, String name, Samples samples) {
        table.row(name, Text.number(samples.median()), samples.spread());
    }
}
