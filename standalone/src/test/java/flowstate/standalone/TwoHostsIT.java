package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real connections between two hosts, thousands of them, each of which ends as both its sockets say. Captured by an agent
 * on each host, over a plain wire and over a faulty one.
 *
 * <p>{@code -Dflowstate.hosts.connections=20000} makes more of them than the {@value #CONNECTIONS} of a build.
 */
@Timeout(900)
class TwoHostsIT {
    private static final int CONNECTIONS = 2400;

    @TempDir
    static Path scratch;

    private static @Nullable TwoHosts hosts;
    private static boolean faulty;
    private static long endedNs;
    private static List<JsonNode> settled = List.of();

    @BeforeAll
    static void trafficOverBothWires() throws Exception {
        hosts = TwoHosts.make(scratch);
        faulty = hosts.canImpair();
        hosts.start(scratch, false);
        int connections = Integer.getInteger("flowstate.hosts.connections", CONNECTIONS);
        List<Process> clients = new ArrayList<>();
        clients.add(hosts.call("plain", connections * 2 / 3, 48, 1));
        if (faulty) {
            hosts.impair(
                    "--delay-ms",
                    "8",
                    "--jitter-ms",
                    "3",
                    "--loss",
                    "0.01",
                    "--duplicate",
                    "0.01",
                    "--reorder",
                    "0.02");
            clients.add(hosts.call("faulty", connections / 3, 48, 2));
        }
        for (Process client : clients) {
            client.waitFor();
        }
        // the last timers of both systems' sockets
        Thread.sleep(3000);
        endedNs = hosts.stopAgents();
        settled = hosts.awaitSettled();
    }

    private static TwoHosts hosts() {
        return Objects.requireNonNull(hosts);
    }

    @AfterAll
    static void end() throws Exception {
        if (hosts != null) {
            hosts.close();
        }
    }

    @Test
    void everyConnectionOverAPlainWireEndsAsItsSocketsSay() throws Exception {
        assertThat(SocketsAndEvents.differences(hosts(), settled, "plain", endedNs))
                .isEmpty();
    }

    @Test
    void everyConnectionOverAWireThatLosesDuplicatesAndReordersEndsAsItsSocketsSay() throws Exception {
        assumeTrue(faulty, "a faulty wire needs python3 and ../shared/docker/netimpair.py");
        assertThat(SocketsAndEvents.differences(hosts(), settled, "faulty", endedNs))
                .isEmpty();
    }

    /** The second host's broker is asked over the plain wire, by an agent that captures it. */
    @Test
    void howItIsPublishedIsNotTold() {
        assertThat(settled)
                .isNotEmpty()
                .noneMatch(event -> event.at("/responder/port").asInt() == 9092
                        || event.at("/originator/port").asInt() == 9092);
    }

    @Test
    void bothAgentsAccountsBalance() throws Exception {
        assertThat(hosts().accounts())
                .allSatisfy(account -> assertThat(account)
                        .contains("packets seen")
                        .contains("own traffic")
                        .doesNotContain("unaccounted")
                        .doesNotContain("dropped by"));
    }
}
