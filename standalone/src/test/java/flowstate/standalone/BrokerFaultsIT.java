package flowstate.standalone;

import static flowstate.standalone.Namespace.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Brokers that are away, for a while or from the start. */
class BrokerFaultsIT extends AgentFaults {
    /** The broker's heartbeats to its controller, three segments each 2 s, might come between what is counted and the end. */
    private static final String TRAFFIC_AND_OWN = "--filter=port 12456 or port " + BROKER;

    @Test
    void aBrokerThatIsAwayCostsNothingThoughTheAgentIsKilledMeanwhile() throws Exception {
        Process first = agent("first", TRAFFIC_AND_OWN);
        traffic();
        await().until(() -> metrics().get("published_segments_total") > 15);
        broker(true);
        traffic();
        await().until(() -> text("first.err").contains("has not acknowledged anything"));
        traffic();
        Thread.sleep(1000);
        Metrics before = metrics();
        assertThat(before.get("pending_segments")).isGreaterThan(15);
        assertThat(before.get("lost_segments_total")).isZero();
        long seenByFirst = before.get("published_segments_total") + before.get("pending_segments");
        assertThat(inside("kill", "-9", String.valueOf(first.pid()))).isZero();
        first.waitFor();

        broker(false);
        Process second = agent("second", TRAFFIC_AND_OWN);
        assertThat(text("second.err")).contains("segments of an earlier run are in the spool");
        traffic();
        await().until(() -> metrics().get("pending_segments") == 0);
        Metrics after = metrics();
        assertThat(inside("kill", "-TERM", String.valueOf(second.pid()))).isZero();
        assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isEqualTo(143);
        assertThat(text("second.err")).contains("packets seen").doesNotContain("unaccounted");

        Map<String, TreeMap<Long, Integer>> batches = arrived();
        batches.forEach((sessionAndPartition, numbers) -> assertThat(numbers.lastKey())
                .as("numbers of " + sessionAndPartition + " have no gap: " + numbers)
                .isEqualTo(numbers.size() - 1));
        String firstSession = batches.keySet().iterator().next().split(" ")[0];
        long ofFirst = batches.entrySet().stream()
                .filter(each -> each.getKey().startsWith(firstSession))
                .flatMap(each -> each.getValue().values().stream())
                .mapToLong(Integer::longValue)
                .sum();
        long inAll = batches.values().stream()
                .flatMap(numbers -> numbers.values().stream())
                .mapToLong(Integer::longValue)
                .sum();
        assertThat(ofFirst).isEqualTo(seenByFirst);
        long ofSecond = after.get("seen_packets_total") - after.get("own_segments_total");
        assertThat(inAll).isGreaterThanOrEqualTo(ofFirst + ofSecond);
    }

    @Test
    void aBrokerThatComesAfterTheAgentGetsAllThatWasCapturedMeanwhile() throws Exception {
        String later = "9192";
        Process agent = agentOf("agent", "lo", later, "--filter", "port 12456");
        traffic();
        assertThat(text("agent.err")).contains("captured all the same");
        assertThat(inside("curl", "-sf", "http://127.0.0.1:7072/readyz")).isNotZero();
        traffic();
        traffic();
        await().until(() -> metrics().get("spooled_segments") > 15);
        Metrics before = metrics();
        assertThat(before.get("lost_segments_total")).isZero();
        assertThat(before.get("published_segments_total")).isZero();

        namespace.broker("broker-2", later);
        traffic();
        await().until(() -> metrics().get("pending_segments") == 0);
        assertThat(inside("curl", "-sf", "http://127.0.0.1:7072/readyz")).isZero();
        traffic();
        await().until(() -> metrics().get("pending_segments") == 0);
        Metrics after = metrics();
        assertThat(after.get("lost_segments_total")).isZero();
        assertThat(inside("kill", "-TERM", String.valueOf(agent.pid()))).isZero();
        assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();

        Map<String, TreeMap<Long, Integer>> batches = arrived(later);
        assertThat(batches).as("each partition has the end of the session").hasSize(3);
        batches.forEach((sessionAndPartition, numbers) -> assertThat(numbers.lastKey())
                .as("numbers of " + sessionAndPartition + " have no gap: " + numbers)
                .isEqualTo(numbers.size() - 1));
        assertThat(batches.values().stream()
                        .flatMap(numbers -> numbers.values().stream())
                        .mapToLong(Integer::longValue)
                        .sum())
                .isEqualTo(after.get("seen_packets_total"))
                .isEqualTo(after.get("published_segments_total"));
    }
}
