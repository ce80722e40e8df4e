package flowstate.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Replays generated traffic as a user would, through {@code ./flowstate replay}, and checks what it prints against the
 * traffic's truth. CPU is read per thread from /proc (Linux), every 100 ms, and summed by what the threads are for.
 */
@Command(
        name = "pipeline",
        description = "Replays generated traffic: segments/s, CPU per segment and where it goes, peak memory.",
        mixinStandardHelpOptions = true)
final class Pipeline implements Callable<Integer> {
    private static final Pattern RATE = Pattern.compile("packets in ([0-9.]+) s");
    /** Of /proc/PID/task/TID/stat; Linux shows 100 ticks a second to user space on every platform. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;

    @Option(
            names = "--flowstate",
            defaultValue = "./flowstate",
            description = "The launcher (default: ${DEFAULT-VALUE}).")
    private Path launcher;

    @Option(names = "--segments", defaultValue = "2000000", description = "At least (default: ${DEFAULT-VALUE}).")
    private long segments;

    @Option(names = "--open", defaultValue = "1000", description = "Connections at once (default: ${DEFAULT-VALUE}).")
    private int open;

    @Option(names = "--seed", defaultValue = "1", description = "Of the random numbers (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--mix",
            defaultValue = "SHORT",
            description = "SHORT or LONG connections (default: ${DEFAULT-VALUE}).")
    private Traffic.Mix mix;

    @Option(names = "--rounds", defaultValue = "3", description = "Runs (default: ${DEFAULT-VALUE}).")
    private int rounds;

    private record Round(double seconds, Map<String, Double> cpuSeconds, long peakKilobytes) {
        double cpu() {
            return cpuSeconds.values().stream().mapToDouble(Double::doubleValue).sum();
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path file = Files.createTempFile("flowstate-traffic", ".pcap");
        try {
            Traffic.Truth truth = Traffic.write(file, seed, mix, segments, open);
            System.out.printf(
                    Locale.ROOT,
                    "%,d segments, %,d connections, %,d MB file, Java %s, %d cores%n",
                    truth.segments(),
                    truth.connections(),
                    Files.size(file) >> 20,
                    System.getProperty("java.version"),
                    Runtime.getRuntime().availableProcessors());
            List<Round> all = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                Round round = run(file, truth);
                if (round == null) {
                    return 1;
                }
                all.add(round);
                print("round " + (i + 1), round, truth);
            }
            all.sort((a, b) -> Double.compare(a.seconds, b.seconds));
            print("median ", all.get(all.size() / 2), truth);
            return 0;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static void print(String label, Round round, Traffic.Truth truth) {
        double perSegment = 1e6 / truth.segments();
        StringBuilder parts = new StringBuilder();
        round.cpuSeconds.forEach(
                (part, seconds) -> parts.append(String.format(Locale.ROOT, " %s %.2f", part, seconds * perSegment)));
        System.out.printf(
                Locale.ROOT,
                "%s: %,.0f segments/s; CPU %.2f us/segment (%s); peak %,d MB%n",
                label,
                truth.segments() / round.seconds,
                round.cpu() * perSegment,
                parts.toString().strip(),
                round.peakKilobytes >> 10);
    }

    /** Null if what was printed is not true. */
    private @Nullable Round run(Path file, Traffic.Truth truth) throws IOException, InterruptedException {
        Path err = Files.createTempFile("flowstate-err", ".txt");
        Process process = new ProcessBuilder(launcher.toString(), "replay", file.toString())
                .redirectError(err.toFile())
                .start();
        Map<Long, Double> byThread = new TreeMap<>();
        Map<Long, String> parts = new TreeMap<>();
        long[] peak = {0};
        Thread watch = new Thread(() -> watch(process, byThread, parts, peak), "watch");
        watch.setDaemon(true);
        watch.start();
        long[] ended = new long[3];
        try (BufferedReader out = process.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.contains("  ENDED  ")) {
                    ended[0] += line.contains("4-way close") ? 1 : 0;
                    ended[1] += line.contains("3-way close") ? 1 : 0;
                    ended[2] += line.contains("reset by responder") ? 1 : 0;
                }
            }
        }
        int status = process.waitFor();
        watch.join();
        String said = Files.readString(err);
        Files.delete(err);
        boolean right = status == 0
                && ended[0] == truth.fourSegments()
                && ended[1] == truth.threeSegments()
                && ended[2] == truth.reset();
        Matcher rate = RATE.matcher(said);
        if (!right || !rate.find()) {
            System.err.println("wrong: " + ended[0] + ", " + ended[1] + ", " + ended[2] + ", status " + status
                    + ", expected " + truth + "\n" + said);
            return null;
        }
        Map<String, Double> cpu = new TreeMap<>();
        byThread.forEach((thread, seconds) -> cpu.merge(parts.get(thread), seconds, Double::sum));
        return new Round(Double.parseDouble(rate.group(1)), cpu, peak[0]);
    }

    private static void watch(Process process, Map<Long, Double> byThread, Map<Long, String> parts, long[] peak) {
        Path proc = Path.of("/proc", Long.toString(process.pid()));
        while (process.isAlive()) {
            try (Stream<Path> tasks = Files.list(proc.resolve("task"))) {
                for (Path task : tasks.toList()) {
                    read(task, byThread, parts);
                }
                for (String line : Files.readAllLines(proc.resolve("status"))) {
                    if (line.startsWith("VmHWM:")) {
                        peak[0] = Long.parseLong(line.replaceAll("\\D", ""));
                    }
                }
                Thread.sleep(100);
            } catch (IOException | UncheckedIOException e) {
                // threads and the process end between two looks
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static void read(Path task, Map<Long, Double> byThread, Map<Long, String> parts) throws IOException {
        String stat = Files.readString(task.resolve("stat"));
        String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        double seconds = (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS])) / TICKS_PER_SECOND;
        long id = Long.parseLong(String.valueOf(task.getFileName()));
        byThread.put(id, seconds);
        parts.put(id, part(name));
    }

    /** What a thread is for; Linux keeps the first 15 characters of its name. */
    private static String part(String thread) {
        if (thread.startsWith("flowstate-publi") || thread.contains("agent")) {
            return "agent";
        }
        // Streams names its threads by application and a random id
        if (thread.matches("flowstate-[0-9a-f]{5}")) {
            return "streams";
        }
        if (thread.startsWith("GC ") || thread.startsWith("VM ")) {
            return "gc";
        }
        if (thread.contains("Compiler")) {
            return "jit";
        }
        if (thread.startsWith("kafka-producer")) {
            return "producers";
        }
        if (thread.startsWith("java") || thread.startsWith("main")) {
            return "printing+start";
        }
        return "broker";
    }
}
