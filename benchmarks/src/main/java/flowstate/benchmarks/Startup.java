package flowstate.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long {@code ./flowstate replay} of nine packets takes, to its first event and to its end; with the archive of loaded
 * classes that the launcher makes when it builds, and with the JDK's own alone.
 */
@Command(
        name = "startup",
        description = "Times a replay of nine packets: to the first event, and to its end.",
        mixinStandardHelpOptions = true)
final class Startup extends Measurement {
    private static final String CAPTURE = "docs/captures/four-way-close.pcap";
    private static final long LIMIT_SECONDS = 60;

    @Option(names = "--rounds", defaultValue = "7", description = "Runs of each kind (default: ${DEFAULT-VALUE}).")
    private int rounds;

    private record Round(double toFirstEvent, double toEnd) {}

    @Override
    String title() {
        return "Start";
    }

    @Override
    void measure(Section section, Budget budget, Scratch scratch)
            throws IOException, InterruptedException, WrongResultException {
        section.say("`./flowstate replay %s`, built, files in the page cache; seconds.", CAPTURE);
        if (!hasArchive()) {
            section.say("The launcher has made no archive of classes here: both rows are without it.");
        }
        List<Round> with = new ArrayList<>();
        List<Round> without = new ArrayList<>();
        for (int i = 0; i < rounds && budget.allows(10); i++) {
            with.add(run(""));
            without.add(run("-XX:SharedArchiveFile="
                    + Path.of(System.getProperty("java.home"), "lib", "server", "classes.jsa")));
            tell("round %d: %.2f s, without the archive %.2f s", i + 1, with.get(i).toEnd, without.get(i).toEnd);
        }
        Table table =
                new Table("of " + with.size() + " rounds", "first event, median", "spread", "end, median", "spread");
        row(table, "with the launcher's class archive", with);
        row(table, "with the JDK's archive only", without);
        section.add(table);
        section.keep("with archive", with);
        section.keep("without archive", without);
        section.reach(Target.SMALL_REPLAY, Samples.of(with, Round::toEnd).median());
    }

    private boolean hasArchive() throws IOException {
        try (Stream<Path> files = Files.list(home.resolve("standalone/target"))) {
            return files.anyMatch(file -> file.toString().endsWith(".jsa"));
        }
    }

    private static void row(Table table, String name, List<Round> all) {
        Samples first = Samples.of(all, Round::toFirstEvent);
        Samples end = Samples.of(all, Round::toEnd);
        table.row(name, Text.number(first.median()), first.spread(), Text.number(end.median()), end.spread());
    }

    private Round run(String options) throws IOException, InterruptedException, WrongResultException {
        ProcessBuilder builder = new ProcessBuilder(
                        launcher().toString(),
                        "replay",
                        home.resolve(CAPTURE).toAbsolutePath().toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        if (!options.isEmpty()) {
            builder.environment().put("_JAVA_OPTIONS", options);
        }
        long startedNs = System.nanoTime();
        Process process = builder.start();
        // a run that hangs is ended, and so are its lines
        Thread watchdog = new Thread(() -> killIfLate(process), "watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
        long firstNs = 0;
        int ended = 0;
        try (BufferedReader out = process.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (firstNs == 0 && !line.startsWith("#")) {
                    firstNs = System.nanoTime();
                }
                ended += line.contains("  ENDED  ") && line.contains("4-way close by originator") ? 1 : 0;
            }
        } finally {
            process.destroy();
        }
        if (process.waitFor() != 0 || ended != 1) {
            throw new WrongResultException(
                    CAPTURE + ": status " + process.exitValue() + ", " + ended + " connections in place of 1");
        }
        return new Round((firstNs - startedNs) / 1e9, (System.nanoTime() - startedNs) / 1e9);
    }

    private static void killIfLate(Process process) {
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }
}
