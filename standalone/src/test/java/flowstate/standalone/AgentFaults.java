package flowstate.standalone;

import static flowstate.standalone.Namespace.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The agent as a program of its own on a live interface, with the faults that it is made for, injected for real: in a
 * network namespace in which nothing else talks.
 */
@Timeout(400)
abstract class AgentFaults {
    static final String BROKER = "9092";

    @TempDir
    Path scratch;

    /** Each test begins with a new one. */
    @SuppressWarnings("NullAway.Init")
    Namespace namespace;

    int files;

    @BeforeEach
    void aNamespaceWithABroker() throws Exception {
        namespace = Namespace.make(scratch);
        Process broker =
                startJava("broker", "flowstate.standalone.SegmentsTopicTool", "broker", BROKER, scratch.toString());
        await().until(() -> text("broker.out").contains("ready") || !broker.isAlive());
        assertThat(broker.isAlive()).as(text("broker.err")).isTrue();
    }

    @AfterEach
    void end() throws InterruptedException {
        if (namespace != null) {
            namespace.close();
        }
    }

    int inside(String... words) throws IOException, InterruptedException {
        return namespace.run(words);
    }

    Process startJava(String name, String main, String... arguments) throws IOException {
        return namespace.startJava(name, main, arguments);
    }

    String text(String file) throws IOException {
        return namespace.text(file);
    }

    Process agent(String name, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "-i",
                "lo",
                "--brokers",
                "127.0.0.1:" + BROKER,
                "--agent",
                "a",
                "--spool-dir",
                scratch.resolve("spool").toString(),
                "--http",
                ":7072"));
        arguments.addAll(List.of(more));
        Process agent = startJava(name, "flowstate.capture.CaptureAgent", arguments.toArray(String[]::new));
        await().until(() -> text(name + ".err").contains("captures lo") || !agent.isAlive());
        assertThat(agent.isAlive()).as(text(name + ".err")).isTrue();
        return agent;
    }

    void traffic() throws Exception {
        assertThat(startJava("traffic-" + files++, "flowstate.standalone.LiveTraffic", "soon")
                        .waitFor())
                .isZero();
    }

    void broker(boolean away) throws Exception {
        assertThat(inside("iptables", "-w", away ? "-A" : "-D", "INPUT", "-p", "tcp", "--dport", BROKER, "-j", "DROP"))
                .isZero();
    }

    /** What /metrics said, by name; the sum where there are labels. */
    record Metrics(Map<String, Long> counts) {
        long get(String name) {
            return Objects.requireNonNull(counts.get(name), name);
        }
    }

    Metrics metrics() throws Exception {
        String name = "metrics-" + files++;
        assertThat(namespace
                        .start(name, "curl", "-sf", "http://127.0.0.1:7072/metrics")
                        .waitFor())
                .isZero();
        Map<String, Long> counts = new TreeMap<>();
        for (String line : Files.readAllLines(scratch.resolve(name + ".out"))) {
            if (line.startsWith("flowstate_agent_")) {
                String key = line.substring("flowstate_agent_".length(), line.lastIndexOf(' '));
                counts.merge(
                        key.replaceAll("[{].*", ""),
                        (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)),
                        Long::sum);
            }
        }
        Metrics metrics = new Metrics(counts);
        assertThat(metrics.get("seen_packets_total") + metrics.get("recovered_segments_total"))
                .as("the account balances: " + counts)
                .isEqualTo(metrics.get("published_segments_total")
                        + metrics.get("skipped_packets_total")
                        + metrics.get("own_segments_total")
                        + metrics.get("lost_segments_total")
                        + metrics.get("pending_segments"));
        return metrics;
    }

    /** By session and partition, the segments in each batch by its number; a batch that arrived twice counts once. */
    Map<String, TreeMap<Long, Integer>> arrived() throws Exception {
        return arrived(BROKER);
    }

    Map<String, TreeMap<Long, Integer>> arrived(String port) throws Exception {
        assertThat(startJava("read", "flowstate.standalone.SegmentsTopicTool", "read", port)
                        .waitFor())
                .as(text("read.err"))
                .isZero();
        Map<String, TreeMap<Long, Integer>> batches = new TreeMap<>();
        for (String line : Files.readAllLines(scratch.resolve("read.out"))) {
            String[] words = line.split(" ");
            batches.computeIfAbsent(words[0] + " " + words[1], key -> new TreeMap<>())
                    .put(Long.parseLong(words[2]), Integer.parseInt(words[3]));
        }
        return batches;
    }

    void awaitSaid(String words) {
        await().untilAsserted(() -> assertThat(text("agent.err")).contains(words));
    }
}
