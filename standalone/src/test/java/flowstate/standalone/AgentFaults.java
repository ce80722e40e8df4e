package flowstate.standalone;

import static flowstate.standalone.Namespace.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/**
 * The agent as a program of its own on a live interface, with the faults that it is made for, injected for real: in a
 * network namespace in which nothing else talks.
 */
@Timeout(400)
abstract class AgentFaults extends InNamespace {
    static final String BROKER = "9092";

    int files;

    @BeforeEach
    void aBroker() throws Exception {
        namespace.broker("broker", BROKER);
    }

    int inside(String... words) throws IOException, InterruptedException {
        return namespace.run(words);
    }

    Process startJava(String name, String main, String... arguments) throws IOException {
        return namespace.startJava(name, main, arguments);
    }

    /** One that captures loopback. */
    Process agent(String name, String... more) throws IOException {
        return agentOf(name, "lo", BROKER, more);
    }

    Process agentOf(String name, String interfaceName, String broker, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "-i",
                interfaceName,
                "--brokers",
                "127.0.0.1:" + broker,
                "--agent",
                "a",
                "--spool-dir",
                scratch.resolve("spool").toString(),
                "--http",
                ":7072"));
        arguments.addAll(List.of(more));
        Process agent = startJava(name, "flowstate.capture.CaptureAgent", arguments.toArray(String[]::new));
        namespace.awaitText(agent, name, ".err", "captures " + interfaceName);
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
