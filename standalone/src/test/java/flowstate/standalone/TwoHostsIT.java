package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
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
        hosts.start(scratch);
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
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            int before = settled.size();
            settled = hosts().settled();
            return before > 0 && before == settled.size();
        });
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
        assertThat(differences("plain", false)).isEmpty();
    }

    @Test
    void everyConnectionOverAWireThatLosesDuplicatesAndReordersEndsAsItsSocketsSay() throws Exception {
        assumeTrue(faulty, "a faulty wire needs python3 and ../shared/docker/netimpair.py");
        assertThat(differences("faulty", true)).isEmpty();
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

    /** One line for each connection that differs, and for each that is missing or too many. */
    private static List<String> differences(String wire, boolean isFaulty) throws Exception {
        String network = isFaulty ? "10.2.0." : "10.1.0.";
        assertThat(hosts().troubles(wire)).isEmpty();
        Map<Long, SocketView> servers = hosts().views(wire, false).stream()
                .collect(Collectors.toMap(SocketView::id, view -> view, (one, other) -> one));
        Map<String, List<JsonNode>> events = settled.stream()
                .filter(event -> event.at("/originator/address").asText().startsWith(network))
                .collect(Collectors.groupingBy(TwoHostsIT::ports, TreeMap::new, Collectors.toList()));
        List<SocketView> clients = new ArrayList<>(hosts().views(wire, true));
        clients.sort((x, y) -> Long.compare(x.startNs(), y.startNs()));
        assertThat(clients).hasSizeGreaterThan(600);
        List<String> differences = new ArrayList<>();
        for (SocketView client : clients) {
            SocketView server = servers.get(client.id());
            List<JsonNode> ofPorts =
                    events.getOrDefault(client.clientPort() + " " + client.way().port(), List.of());
            if (ofPorts.isEmpty()) {
                differences.add("no event of " + client);
                continue;
            }
            JsonNode event = ofPorts.remove(0);
            List<String> each = SocketTruth.of(client, server, endedNs).differences(event, isFaulty).stream()
                    .filter(difference -> !isKnown(client.way(), event, difference))
                    .toList();
            if (!each.isEmpty()) {
                differences.add(client.way() + ": " + each + "\n  " + client + "\n  " + server + "\n  "
                        + event.path("history") + " " + event.at("/originator/states") + " "
                        + event.at("/responder/states") + " " + event.path("observers") + " from "
                        + event.path("started_at") + " to " + event.path("at"));
            }
        }
        events.values()
                .forEach(left -> left.stream()
                        .filter(event -> !isReuse(event.at("/responder/port").asInt()))
                        .forEach(event -> differences.add("an event of no connection: " + event)));
        return differences;
    }

    /** Defects of the model where two agents watch, each with what it gets wrong. */
    private static boolean isKnown(HostWay way, JsonNode event, String difference) {
        String history = event.path("history").asText();
        // the second agent's copy of a SYN or SYN-ACK undoes a reset, until its copy of the RST comes
        boolean undone = difference.startsWith("unseen_segments")
                && event.path("end_reason").asText().startsWith("RST");
        // a FIN of the one end counts though it came after the other's RST
        boolean finAfterReset =
                history.matches(".*R.*f.*|.*r.*F.*") && difference.matches("(teardown|closed_first|conn_state) .*");
        // ACKs of one agent's batch are held against what the other one has shown so far
        boolean falseLoss = way == HostWay.BULK && difference.startsWith("capture_loss_suspected");
        return undone || finAfterReset || falseLoss || isReuse(way.port());
    }

    /** The second agent's copies of an old connection begin another one, or are taken for the new one's. */
    private static boolean isReuse(int port) {
        return port == HostWay.REUSED.port() || port == HostWay.REUSED_AFTER_RESET.port();
    }

    private static String ports(JsonNode event) {
        return event.at("/originator/port").asText() + " "
                + event.at("/responder/port").asText();
    }
}
