package flowstate.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An agent that captures ends of the {@link Wire}, and what it counts. */
final class LiveAgent implements AutoCloseable {
    /** The part of the CPU that Java's compilers take. */
    static final String COMPILERS = "compilers";

    /** Of its JVM, as the image and the unit have them. */
    static final List<String> OPTIONS = List.of("-Xmx256m", "-XX:+UseSerialGC");

    private static final double START_LIMIT_SECONDS = 60;
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final Program program;
    private final int port;
    private final Path spool;

    private LiveAgent(Program program, int port, Path spool) {
        this.program = program;
        this.port = port;
        this.spool = spool;
    }

    /** What the agent has counted since its start. */
    record Counts(long seen, long published, long dropped, long lost, long pending) {}

    /**
     * Starts it and waits until it captures.
     *
     * @param interfaces that it is to capture
     * @param options of its JVM
     */
    static LiveAgent start(
            Measurement measurement, Cluster cluster, Path folder, List<String> interfaces, List<String> options)
            throws IOException, InterruptedException, WrongResultException {
        int port = Cluster.freePort();
        Path spool = folder.resolve("spool");
        List<String> words = new ArrayList<>(List.of(Cluster.java()));
        words.addAll(options);
        words.addAll(List.of(
                "-jar",
                measurement.jar("capture-agent").toString(),
                "--brokers",
                cluster.servers(),
                "--agent",
                "live",
                "--http",
                "127.0.0.1:" + port,
                "--spool-dir",
                spool.toString()));
        for (String each : interfaces) {
            words.addAll(List.of("-i", each));
        }
        Program program = Program.start(
                new Program.Command(words, folder.resolve("agent.out"), folder.resolve("agent.err")),
                LiveAgent::partOfThread,
                () -> {});
        while (!program.errors().contains("captures " + Wire.FAR)) {
            if (!program.isAlive() || program.seconds() > START_LIMIT_SECONDS) {
                program.close();
                throw new WrongResultException("the agent does not capture: " + program.errors());
            }
            Thread.sleep(20);
        }
        return new LiveAgent(program, port, spool);
    }

    private static String partOfThread(String thread) {
        if (thread.startsWith("capture ")) {
            return "capture";
        }
        if (thread.startsWith("kafka-producer")) {
            return "producer";
        }
        if (thread.startsWith("C1 Compiler") || thread.startsWith("C2 Compiler")) {
            return COMPILERS;
        }
        return thread.equals("publish") ? "publish" : "JVM";
    }

    Program program() {
        return program;
    }

    Path spool() {
        return spool;
    }

    Counts counts() throws IOException, InterruptedException {
        String text = CLIENT.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                                .timeout(Duration.ofSeconds(10))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        Map<String, Long> sums = new TreeMap<>();
        for (String line : text.lines().toList()) {
            if (line.startsWith("flowstate_agent_")) {
                int space = line.lastIndexOf(' ');
                sums.merge(
                        line.substring("flowstate_agent_".length(), space).replaceAll("[{].*", ""),
                        (long) Double.parseDouble(line.substring(space + 1)),
                        Long::sum);
            }
        }
        return new Counts(
                count(sums, "seen_packets_total"),
                count(sums, "published_segments_total"),
                count(sums, "kernel_dropped_packets_total"),
                count(sums, "lost_segments_total"),
                count(sums, "pending_segments"));
    }

    private static long count(Map<String, Long> sums, String name) throws IOException {
        Long count = sums.get(name);
        if (count == null) {
            throw new IOException("the agent's metrics have no " + name + ": " + sums.keySet());
        }
        return count;
    }

    /** Waits until everything that was captured is published. */
    Counts settled() throws IOException, InterruptedException, WrongResultException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        Counts before = counts();
        while (System.nanoTime() < deadline) {
            Thread.sleep(1_200);
            Counts now = counts();
            if (now.pending == 0 && now.seen == before.seen) {
                return now;
            }
            before = now;
        }
        throw new WrongResultException("the agent does not publish what it has captured: " + before);
    }

    /** As an operator ends it, and by force if that does not help. */
    @Override
    public void close() {
        program.terminate();
        try {
            program.awaitEnd(Duration.ofSeconds(15));
        } catch (InterruptedException e) {
            program.close();
            Thread.currentThread().interrupt();
        }
    }
}
