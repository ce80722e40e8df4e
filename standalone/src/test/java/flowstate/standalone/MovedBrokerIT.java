package flowstate.standalone;

import static flowstate.standalone.Namespace.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An agent on the interface over which it publishes, whose broker's name stands for another address after a while. */
@Timeout(120)
class MovedBrokerIT {
    private static final String BEFORE = "127.0.0.2:9092";
    private static final String AFTER = "127.0.0.3:9092";

    /** What {@link LiveTraffic} sends, less by what the kernel acknowledges together. */
    private static final int LEAST = 16;

    private static final int MOST = 20;

    private static final String OWN = "own_segments_total";
    private static final String OTHERS = "published_segments_total";

    @TempDir
    Path scratch;

    /** Each test begins with a new one. */
    @SuppressWarnings("NullAway.Init")
    private Namespace namespace;

    private int asked;

    @BeforeEach
    void aNamespace() throws Exception {
        namespace = Namespace.make(scratch);
    }

    @AfterEach
    void end() throws InterruptedException {
        if (namespace != null) {
            namespace.close();
        }
    }

    private Process broker(String name, String at) throws IOException {
        Process broker =
                namespace.startJava(name, "flowstate.standalone.SegmentsTopicTool", "broker", at, scratch.toString());
        await().until(() -> namespace.text(name + ".out").contains("ready") || !broker.isAlive());
        assertThat(broker.isAlive()).as(namespace.text(name + ".err")).isTrue();
        return broker;
    }

    private void brokerIsAt(String address) throws IOException {
        Files.writeString(scratch.resolve("hosts"), address.replaceAll(":.*", "") + " broker.test\n");
    }

    private Process agent() throws IOException {
        Process agent = namespace.start(
                "agent",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djdk.net.hosts.file=" + scratch.resolve("hosts"),
                "-Dsun.net.inetaddr.ttl=0",
                "-Dlogback.configurationFile=flowstate/capture/logback.xml",
                "-cp",
                System.getProperty("java.class.path"),
                "flowstate.capture.CaptureAgent",
                "-i",
                "lo",
                // not what a broker and its controller say to each other
                "--filter",
                "port 12456 or port 9092",
                "--brokers",
                "broker.test:9092",
                "--agent",
                "a",
                "--spool-dir",
                scratch.resolve("spool").toString(),
                "--http",
                ":7072");
        await().until(() -> namespace.text("agent.err").contains("captures lo") || !agent.isAlive());
        assertThat(agent.isAlive()).as(namespace.text("agent.err")).isTrue();
        return agent;
    }

    private void traffic(String name) throws Exception {
        assertThat(namespace.startJava(name, "flowstate.standalone.LiveTraffic").waitFor())
                .isZero();
    }

    private long count(String metric) throws Exception {
        String name = "metrics-" + asked++;
        assertThat(namespace
                        .start(name, "curl", "-sf", "http://127.0.0.1:7072/metrics")
                        .waitFor())
                .isZero();
        return namespace
                .text(name + ".out")
                .lines()
                .filter(line -> line.startsWith("flowstate_agent_" + metric))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private void awaitCount(String metric, long least) {
        await().untilAsserted(() -> assertThat(count(metric)).isGreaterThanOrEqualTo(least));
    }

    @Test
    void itsTalkWithABrokerThatHasMovedIsNotPublishedEither() throws Exception {
        brokerIsAt(BEFORE);
        Process before = broker("before", BEFORE);
        Process agent = agent();
        traffic("traffic-before");
        awaitCount(OTHERS, LEAST);
        before.destroyForcibly().waitFor();

        brokerIsAt(AFTER);
        long ownBefore = count(OWN);
        broker("after", AFTER);
        traffic("traffic-after");
        // until the agent is connected itself it cannot know what others say to the broker there
        awaitCount(OWN, ownBefore + 10);
        long captured = count(OTHERS);
        assertThat(captured).isGreaterThanOrEqualTo(2 * LEAST);

        // another program of Flowstate's, which the agent knows by the broker's new address alone
        assertThat(namespace
                        .startJava("reader", "flowstate.standalone.SegmentsTopicTool", "read", AFTER)
                        .waitFor())
                .isZero();
        traffic("traffic-at-last");
        awaitCount(OTHERS, captured + LEAST);
        // it says each second how far it is; each time would be captured, published and captured
        awaitCount(OWN, count(OWN) + 10);

        agent.destroy();
        assertThat(agent.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(count(namespace.text("agent.err"), "segments published"))
                .isBetween(captured + LEAST, captured + MOST);
        assertThat(namespace.text("agent.err")).doesNotContain("unaccounted").doesNotContain("lost");
        assertThat(namespace.text("reader.out"))
                .as("the new broker has batches")
                .isNotEmpty();
    }

    private static long count(String account, String label) {
        return account.lines()
                .map(String::strip)
                .filter(line -> line.startsWith(label))
                .mapToLong(line -> Long.parseLong(
                        line.substring(label.length()).strip().split(" ")[0].replace(",", "")))
                .sum();
    }
}
