package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two agents on one host, on the same interfaces, one of which is the loopback interface over which both, the broker and
 * the processor talk to each other.
 */
@Timeout(180)
class TwoAgentsIT {
    private static final int BROKER = 9092;

    /** A slow machine asks longer whether the processor is ready; one that publishes how it publishes makes 10,000. */
    private static final long LESS_THAN_A_RUNAWAY = 3000;

    @TempDir
    Path scratch;

    @Test
    void eachConnectionIsToldOnceNothingIsRetransmittedAndNobodyPublishesHowItPublishes() throws Exception {
        try (TwoHosts hosts = TwoHosts.make(scratch)) {
            hosts.start(scratch, true);
            hosts.call("plain", 300, 16, 3).waitFor();
            // time in which one would publish how the other publishes, and the other that
            Thread.sleep(5000);
            long endedNs = hosts.stopAgents();
            List<JsonNode> settled = hosts.awaitSettled();

            assertThat(SocketsAndEvents.differences(hosts, settled, "plain", endedNs))
                    .isEmpty();
            // what else there is on the loopback interface is not Flowstate's: the broker, which talks to its own
            // controller twice a second, and who asks whether the processor is ready
            assertThat(settled)
                    .noneMatch(event -> event.at("/responder/port").asInt() == BROKER
                            || event.at("/originator/port").asInt() == BROKER);
            assertThat(settled.stream()
                            .filter(event -> event.path("capture").asText().equals("lo"))
                            .mapToLong(event -> event.at("/originator/segments").asLong()
                                    + event.at("/responder/segments").asLong())
                            .sum())
                    .as("segments published of the loopback interface")
                    .isLessThan(LESS_THAN_A_RUNAWAY);
            List<JsonNode> seenByBoth = settled.stream()
                    .filter(event -> event.path("observers").size() == 2)
                    .toList();
            assertThat(seenByBoth).hasSizeGreaterThan(250);
            assertThat(seenByBoth.stream()
                            .mapToLong(event -> event.at("/originator/retransmitted_segments")
                                            .asLong()
                                    + event.at("/responder/retransmitted_segments")
                                            .asLong())
                            .sum())
                    .isLessThanOrEqualTo(hosts.retransmittedByKernels());
            assertThat(hosts.accounts())
                    .allSatisfy(account -> assertThat(account)
                            .doesNotContain("unaccounted")
                            .doesNotContain("dropped by")
                            .containsPattern("own traffic +[1-9],?[0-9]{3}"));
        }
    }
}
