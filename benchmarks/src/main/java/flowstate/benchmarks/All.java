package flowstate.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Every measurement, one after the other, within a time: each may use its share and what those before it have left. The
 * report is written after each, so that it is there whatever comes; one that fails is told in it, and the others go on.
 */
@Command(
        name = "all",
        description = "Every measurement within a time, and one report.",
        mixinStandardHelpOptions = true)
final class All implements Callable<Integer> {
    /** What is kept for writing, and for what ends late. */
    private static final Duration RESERVE = Duration.ofSeconds(30);

    /** Less is not worth the start of a broker. */
    private static final double LEAST_SECONDS = 10;

    @Option(
            names = "--home",
            defaultValue = "${sys:flowstate.home:-.}",
            description = "Where Flowstate lies, built (default: ${DEFAULT-VALUE}).")
    private Path home = Path.of(".");

    @Option(names = "--minutes", defaultValue = "25", description = "In all (default: ${DEFAULT-VALUE}).")
    private double minutes;

    @Option(names = "--out", paramLabel = "FOLDER", description = "(default: benchmarks/results/ and the date).")
    private @Nullable Path out;

    @Option(
            names = "--scale",
            defaultValue = "1",
            description =
                    "Of all sizes: 0.05 is a trial of this program, not of Flowstate (default: ${DEFAULT-VALUE}).")
    private double scale;

    /**
     * One measurement of many.
     *
     * @param share of the time, relative to the others'
     */
    private record Part(double share, Supplier<Measurement> measurement, String options) {}

    private List<Part> parts() {
        long million = size(1_000_000);
        // a replay's JVM has compiled what matters only by then
        long many = size(20_000_000);
        String opens = size(10_000) + "," + size(100_000) + "," + size(1_000_000);
        boolean trial = scale < 1;
        return List.of(
                new Part(1, Startup::new, "--rounds 7"),
                new Part(4.5, Peers::new, "--mix MIX --rounds 5 --segments " + 2 * million),
                new Part(1, Pipeline::new, "--mix MIX --segments " + 2 * million),
                new Part(0.6, Pipeline::new, "--mix MIX --rounds 2 --events ENDED --segments " + 2 * million),
                new Part(3.5, Peers::new, "--mix MIX --rounds 2 --no-floors --segments " + many),
                new Part(1, Pipeline::new, "--mix MIX --rounds 1 --segments " + many),
                new Part(1, Pipeline::new, "--mix SHORT --segments " + 2 * million),
                new Part(3.5, Curves::new, "--kinds OPEN --opens " + opens),
                // the goal is of the most: what comes last may find no time left
                new Part(3, Restore::new, "--open " + size(1_000_000) + "," + size(100_000) + "," + size(10_000)),
                new Part(
                        3,
                        Latency::new,
                        trial ? "--seconds 3 --warm-up 2 --rates 1000,10000" : "--seconds 10 --warm-up 5"),
                new Part(1, Processes::new, "--mix MIX --rounds 2 --segments " + 2 * million),
                new Part(0.6, Pipeline::new, "--mix LONG --rounds 2 --segments " + 2 * million),
                new Part(0.6, Pipeline::new, "--mix BULK --rounds 2 --open 50 --segments " + 2 * million),
                new Part(0.6, Pipeline::new, "--mix FLOOD --rounds 2 --segments " + size(500_000)),
                new Part(0.7, Recorded::new, trial ? "--rounds 1 --seconds 1" : "--rounds 2"),
                new Part(2, Jmh::new, "--iterations 5"),
                new Part(3.5, Curves::new, "--kinds THREADS,AGENTS,BATCH --segments " + million));
    }

    private long size(long usual) {
        return Math.max(1_000, (long) (usual * scale));
    }

    @Override
    public Integer call() throws Exception {
        Path folder = out == null ? home.resolve("benchmarks/results/" + LocalDate.now(ZoneOffset.UTC)) : out;
        Report report = new Report(folder, home);
        long deadline = System.nanoTime()
                + Duration.ofMillis((long) (minutes * 60_000)).minus(RESERVE).toNanos();
        boolean failed = false;
        List<Part> parts = parts();
        double shares = parts.stream().mapToDouble(Part::share).sum();
        for (Part part : parts) {
            Measurement measurement = part.measurement.get();
            double left = (deadline - System.nanoTime()) / 60e9;
            new CommandLine(measurement).parseArgs(part.options.split(" "));
            measurement.home = home;
            measurement.minutes = left * part.share / shares;
            shares -= part.share;
            Measurement.tell("%s, %s: %.1f minutes", measurement.title(), part.options, measurement.minutes);
            Section section;
            if (measurement.minutes * 60 < LEAST_SECONDS) {
                section = new Section(measurement.title());
                section.fail("no time was left");
            } else {
                section = measurement.run();
            }
            failed |= section.failed();
            System.out.println(section.markdown());
            report.add(section);
        }
        Measurement.tell("report: %s", folder.resolve("report.md"));
        return failed ? 1 : 0;
    }
}
