package flowstate.standalone;

import static flowstate.standalone.Namespace.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An agent on the interface over which it publishes, whose broker's name stands for another address after a while. */
@Timeout(120)
class MovedBrokerIT extends InNamespace {
    private static final String BEFORE = "127.0.0.2:9092";
    private static final String AFTER = "127.0.0.3:9092";

    /** What {@link LiveTraffic} sends, less by what the kernel acknowledges together. */
    private static final int LEAST = 16;

    private static final int MOST = 20;

    private static final String OWN = "own_segments_total";
    private static final String OTHERS = "published_segments_total";

    private void brokerIsAt(String address) throws IOException {
        Files.writeString(scratch.resolve("hosts"), address.replaceAll(":.*", "") + " broker.test\n");
    }

    private Process agent() throws IOException {
        List<String> options = List.of(
                "-Djdk.net.hosts.file=" + scratch.resolve("hosts"),
                "-Dsun.net.inetaddr.ttl=0",
                "-Dlogback.configurationFile=flowstate/capture/logback.xml");
        List<String> command = TestJvm.command(
                options,
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
        Process agent = namespace.start("agent", command.toArray(String[]::new));
        namespace.awaitText(agent, "agent", ".err", "captures lo");
        return agent;
    }

    private void traffic(String name) throws Exception {
        assertThat(namespace.startJava(name, "flowstate.standalone.LiveTraffic").waitFor())
                .isZero();
    }

    private void awaitCount(String metric, long least) {
        await().untilAsserted(() -> assertThat(metrics().get(metric)).isGreaterThanOrEqualTo(least));
    }

    @Test
    void itsTalkWithABrokerThatHasMovedIsNotPublishedEither() throws Exception {
        brokerIsAt(BEFORE);
        Process before = namespace.broker("before", BEFORE);
        Process agent = agent();
        traffic("traffic-before");
        awaitCount(OTHERS, LEAST);
        before.destroyForcibly().waitFor();

        brokerIsAt(AFTER);
        long ownBefore = metrics().get(OWN);
        namespace.broker("after", AFTER);
        traffic("traffic-after");
        // until the agent is connected itself it cannot know what others say to the broker there
        awaitCount(OWN, ownBefore + 10);
        long captured = metrics().get(OTHERS);
        assertThat(captured).isGreaterThanOrEqualTo(2 * LEAST);

        // another program of Flowstate's, which the agent knows by the broker's new address alone
        assertThat(namespace
                        .startJava("reader", "flowstate.standalone.SegmentsTopicTool", "read", AFTER)
                        .waitFor())
                .isZero();
        traffic("traffic-at-last");
        awaitCount(OTHERS, captured + LEAST);
        // it says each second how far it is; each time would be captured, published and captured
        awaitCount(OWN, metrics().get(OWN) + 10);

        agent.destroy();
        assertThat(agent.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(count(text("agent.err"), "segments published")).isBetween(captured + LEAST, captured + MOST);
        assertThat(text("agent.err")).doesNotContain("unaccounted").doesNotContain("lost");
        assertThat(text("reader.out")).as("the new broker has batches").isNotEmpty();
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
