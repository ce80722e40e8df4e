package flowstate.benchmarks;

import flowstate.benchmarks.micro.Steps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The steps of the hot path, one by one, under JMH: see package {@code micro}. */
@Command(
        name = "jmh",
        description = "Steps of the hot path one by one: nanoseconds and octets allocated.",
        mixinStandardHelpOptions = true)
final class Jmh extends Measurement {
    private static final int WARM_UP = 3;
    private static final int SECONDS_BEFORE = 3;

    @Option(names = "--only", defaultValue = ".*", description = "Regular expression (default: all).")
    private String only = ".*";

    @Option(names = "--iterations", defaultValue = "5", description = "Of one second (default: ${DEFAULT-VALUE}).")
    private int iterations;

    @Option(names = "--forks", defaultValue = "1", description = "JVMs for each (default: ${DEFAULT-VALUE}).")
    private int forks;

    /** Nanoseconds and octets an operation. */
    private record Score(double ns, double error, double octets) {}

    @Override
    String title() {
        return "Steps, one by one";
    }

    @Override
    void measure(Section section, Budget budget, Scratch scratch) throws IOException, WrongResultException {
        section.say("JMH, average time; of a segment, batch, key or event, as the name says.");
        // a fork takes some seconds before its first iteration
        long steps = Stream.of(Steps.class.getMethods())
                .filter(method -> method.isAnnotationPresent(Benchmark.class))
                .count();
        int fit = (int) (budget.left().toSeconds() / steps / forks) - WARM_UP - SECONDS_BEFORE;
        Path log = scratch.path().resolve("jmh.txt");
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("flowstate.benchmarks.micro." + only)
                .warmupIterations(WARM_UP)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(Math.max(1, Math.min(iterations, fit)))
                .measurementTime(TimeValue.seconds(1))
                .forks(forks)
                .addProfiler(GCProfiler.class)
                .output(log.toString());
        Map<String, Score> scores = new LinkedHashMap<>();
        try {
            Collection<RunResult> results = new Runner(options.build()).run();
            for (RunResult result : results) {
                Result<?> time = result.getPrimaryResult();
                Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
                String name = result.getParams().getBenchmark();
                scores.put(
                        name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1),
                        new Score(time.getScore(), time.getScoreError(), allocated == null ? 0 : allocated.getScore()));
            }
        } catch (RunnerException e) {
            throw new WrongResultException("JMH: " + e.getMessage());
        }
        if (scores.isEmpty()) {
            throw new WrongResultException("no step is named " + only);
        }
        Table table = new Table("", "ns", "±", "octets allocated");
        scores.forEach((name, score) ->
                table.row(name, Text.number(score.ns), Text.number(score.error), Text.number(score.octets)));
        section.add(table);
        section.keep("scores", scores);
    }
}
