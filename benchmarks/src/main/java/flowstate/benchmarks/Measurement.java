package flowstate.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command that measures something within a time, and prints what it found. */
abstract class Measurement implements Callable<Integer> {
    @Option(
            names = "--home",
            defaultValue = "${sys:flowstate.home:-.}",
            description = "Where Flowstate lies, built (default: ${DEFAULT-VALUE}).")
    Path home = Path.of(".");

    @Option(names = "--minutes", defaultValue = "15", description = "At the most (default: ${DEFAULT-VALUE}).")
    double minutes;

    @Option(names = "--out", paramLabel = "FOLDER", description = "Also write a report with raw numbers there.")
    private @Nullable Path out;

    abstract String title();

    /** Measures until it is done, or time is over; what it has found by then counts. */
    abstract void measure(Section section, Budget budget, Scratch scratch)
            throws IOException, InterruptedException, WrongResultException;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Section section = run();
        System.out.println(section.markdown());
        if (out != null) {
            new Report(out, home).add(section);
        }
        return section.failed() ? 1 : 0;
    }

    /** Measures; a failure is in the section. */
    Section run() throws InterruptedException {
        Section section = new Section(title());
        Budget budget = new Budget(Duration.ofMillis((long) (minutes * 60_000)));
        try (Scratch scratch = Scratch.create()) {
            measure(section, budget, scratch);
        } catch (IOException | WrongResultException | RuntimeException e) {
            section.fail(e instanceof WrongResultException ? String.valueOf(e.getMessage()) : e.toString());
        }
        return section;
    }

    /** One round of what is measured. */
    @FunctionalInterface
    interface Round<T> {
        T run() throws IOException, InterruptedException, WrongResultException;
    }

    /** As many rounds as are wanted and fit in, at least one; one that fails is the last, and is told. */
    static <T> List<T> rounds(int wanted, Section section, Budget budget, Round<T> round)
            throws IOException, InterruptedException {
        List<T> all = new ArrayList<>();
        double longest = 0;
        while (all.size() < wanted && (all.isEmpty() || budget.allows(longest))) {
            long startedNs = System.nanoTime();
            try {
                all.add(round.run());
            } catch (WrongResultException e) {
                section.fail("round " + (all.size() + 1) + ": " + e.getMessage());
                return all;
            }
            longest = Math.max(longest, (System.nanoTime() - startedNs) / 1e9);
        }
        return all;
    }

    Path launcher() {
        return home.resolve("flowstate").toAbsolutePath();
    }

    /** The runnable jar of a module. */
    Path jar(String module) throws WrongResultException, IOException {
        Path target = home.resolve(module).resolve("target");
        if (Files.isDirectory(target)) {
            try (Stream<Path> files = Files.list(target)) {
                for (Path file : files.toList()) {
                    if (file.getFileName().toString().endsWith("-all.jar")) {
                        return file.toAbsolutePath();
                    }
                }
            }
        }
        throw new WrongResultException("there is no runnable jar of " + module + " in " + target
                + ": run benchmarks/run, which builds it, or say with --home where it is");
    }

    /** Says on stderr what goes on. */
    static void tell(String format, Object... values) {
        System.err.println(Text.of(format, values));
    }
}
