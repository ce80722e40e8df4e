package flowstate.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A program that runs and is watched: how long, how much CPU in all and by what its threads are for, its peak of memory.
 *
 * <p>CPU comes from Linux's /proc, threads by their names every 200 ms, and from the kernel's account of ended children
 * for the sum of a program that ran alone. Closing kills it; so does the end of this JVM.
 */
final class Program implements AutoCloseable {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
    private static final Path PROC = Path.of("/proc");
    /** Linux shows 100 ticks a second to user space on every platform. */
    private static final double TICKS_PER_SECOND = 100;

    // positions in /proc/PID/stat after the name
    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
    private static final int CHILDREN_USER_TICKS = 13;
    private static final int CHILDREN_SYSTEM_TICKS = 14;

    private static final Set<Program> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(each -> kill(each.process))));
    }

    /** What is to be started. */
    record Command(List<String> words, Path output, Path errors, Map<String, String> environment, Path folder) {
        Command(List<String> words, Path output, Path errors) {
            this(words, output, errors, Map.of(), Path.of("."));
        }
    }

    private final Process process;
    private final Command command;
    private final Path proc;
    private final Function<String, String> partOfThread;
    private final long startedNs = System.nanoTime();
    private final double childrenBefore = childrenSeconds();
    private final Map<Long, Double> secondsByThread = new HashMap<>();
    private final Map<Long, String> parts = new HashMap<>();
    private final Map<String, Double> cpuBefore = new HashMap<>();
    private final Thread watch;
    private final Runnable alsoLook;
    private volatile boolean alone;
    private volatile boolean ended;
    private double sampledSeconds;
    private double allSeconds;
    private long peakKilobytes;
    private long endedNs;

    private Program(Command command, Function<String, String> partOfThread, Runnable alsoLook) throws IOException {
        this.command = command;
        this.partOfThread = partOfThread;
        this.alsoLook = alsoLook;
        ProcessBuilder builder = new ProcessBuilder(command.words)
                .directory(command.folder.toFile())
                .redirectOutput(command.output.toFile())
                .redirectError(command.errors.toFile());
        builder.environment().putAll(command.environment);
        this.process = builder.start();
        this.proc = PROC.resolve(Long.toString(process.pid()));
        this.alone = RUNNING.isEmpty();
        RUNNING.forEach(other -> other.alone = false);
        RUNNING.add(this);
        this.watch = new Thread(this::watch, "watch");
        watch.setDaemon(true);
        watch.start();
    }

    /**
     * Starts it.
     *
     * @param partOfThread what a thread of a name, cut after 15 characters, is for
     * @param alsoLook is called whenever the program is looked at, until it has ended
     */
    static Program start(Command command, Function<String, String> partOfThread, Runnable alsoLook) throws IOException {
        return new Program(command, partOfThread, alsoLook);
    }

    /** Starts it, its CPU not told apart. */
    static Program start(Command command) throws IOException {
        return start(command, thread -> "all", () -> {});
    }

    /**
     * Waits for its end.
     *
     * @throws WrongResultException if it has not ended within the limit, and was killed, or ended with another status than 0
     */
    void awaitSuccess(Duration limit) throws WrongResultException, InterruptedException, IOException {
        boolean inTime = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        end();
        String name = Path.of(command.words.get(0)).getFileName() + "";
        if (!inTime) {
            throw new WrongResultException(name + " did not end within " + limit.toSeconds() + " s" + lastWords());
        }
        if (process.exitValue() != 0) {
            throw new WrongResultException(name + " ended with status " + process.exitValue() + lastWords());
        }
    }

    /** Waits for its end, whatever its status; kills it after the limit. */
    void awaitEnd(Duration limit) throws InterruptedException {
        process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        end();
    }

    /** Kills it if it still runs. */
    private void end() throws InterruptedException {
        if (ended) {
            return;
        }
        if (process.isAlive()) {
            look();
            kill(process);
        }
        process.waitFor();
        endedNs = System.nanoTime();
        ended = true;
        RUNNING.remove(this);
        watch.join();
        allSeconds = alone ? Math.max(sampledSeconds, childrenSeconds() - childrenBefore) : sampledSeconds;
    }

    /** With what it has started itself: a launcher that builds, for one. */
    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** Asks it to stop, as SIGTERM does. */
    void terminate() {
        process.destroy();
    }

    /** Wall-clock time from start to end, or to now. */
    double seconds() {
        return ((ended ? endedNs : System.nanoTime()) - startedNs) / 1e9;
    }

    /** CPU in all so far. */
    synchronized double cpuSeconds() {
        return ended ? allSeconds : sampledSeconds;
    }

    /** CPU by part; what could not be told apart, because threads ended between two looks, is "rest". */
    synchronized Map<String, Double> cpuByPart() {
        Map<String, Double> byPart = new TreeMap<>();
        secondsByThread.forEach((thread, seconds) -> byPart.merge(parts.get(thread), seconds, Double::sum));
        double told = byPart.values().stream().mapToDouble(Double::doubleValue).sum();
        if (cpuSeconds() - told > 0.05) {
            byPart.merge("rest", cpuSeconds() - told, Double::sum);
        }
        return byPart;
    }

    /** CPU in all before the first thread of a part was there; 0 if none was seen. */
    synchronized double cpuSecondsBefore(String part) {
        return cpuBefore.getOrDefault(part, 0.0);
    }

    synchronized long peakMegabytes() {
        return peakKilobytes >> 10;
    }

    String errors() throws IOException {
        return Files.exists(command.errors) ? Files.readString(command.errors) : "";
    }

    String output() throws IOException {
        return Files.exists(command.output) ? Files.readString(command.output) : "";
    }

    private String lastWords() throws IOException {
        List<String> lines = errors().lines().filter(line -> !line.isBlank()).toList();
        return lines.isEmpty() ? "" : ": " + lines.get(lines.size() - 1);
    }

    private void watch() {
        while (!ended && process.isAlive()) {
            look();
            try {
                Thread.sleep(BETWEEN_LOOKS.toMillis());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Takes the numbers of now. */
    synchronized void look() {
        try (Stream<Path> tasks = Files.list(proc.resolve("task"))) {
            for (Path task : tasks.toList()) {
                String stat = Files.readString(task.resolve("stat"));
                String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
                long thread = Long.parseLong(String.valueOf(task.getFileName()));
                secondsByThread.put(thread, seconds(stat, USER_TICKS, SYSTEM_TICKS));
                parts.put(thread, partOfThread.apply(name));
            }
            sampledSeconds = seconds(Files.readString(proc.resolve("stat")), USER_TICKS, SYSTEM_TICKS);
            parts.values().forEach(part -> cpuBefore.putIfAbsent(part, sampledSeconds));
            for (String line : Files.readAllLines(proc.resolve("status"))) {
                if (line.startsWith("VmHWM:")) {
                    peakKilobytes = Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
            alsoLook.run();
        } catch (IOException | UncheckedIOException e) {
            // threads and the process end between two looks; there is no /proc but on Linux
        }
    }

    private static double seconds(String stat, int one, int other) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[one]) + Long.parseLong(fields[other])) / TICKS_PER_SECOND;
    }

    /** CPU of all programs that this JVM has started and that have ended. */
    private static double childrenSeconds() {
        try {
            return seconds(Files.readString(PROC.resolve("self/stat")), CHILDREN_USER_TICKS, CHILDREN_SYSTEM_TICKS);
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        try {
            end();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
