package flowstate.standalone;

import static flowstate.standalone.Namespace.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import flowstate.standalone.KernelSockets.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a processor says over HTTP of connections that are open, beside what both kernels say of their sockets at the same
 * time; then the program of one host is killed, and another host falls silent.
 */
@Timeout(300)
class KernelStatesIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int OF_EACH = 3;
    private static final int CONNECTIONS = OF_EACH * HeldWay.values().length;
    private static final String ADDRESS = "10.1.0.2";
    private static final String CLOSING = "CLOSING / FIN_WAIT2";

    @TempDir
    static Path scratch;

    private static @Nullable TwoHosts hosts;
    private static final Set<String> KERNELS = new TreeSet<>();
    private static List<JsonNode> settled = List.of();
    private static List<JsonNode> events = List.of();
    private static String said = "";

    @BeforeAll
    static void connectionsThatAreHeld() throws Exception {
        hosts = TwoHosts.make(scratch);
        hosts.start(scratch, false);
        drop(true, "--dport", HeldWay.FIN_LOST, "--tcp-flags", "FIN", "FIN");
        drop(true, "--dport", HeldWay.LAST_ACK, "--tcp-flags", "FIN", "FIN");
        drop(true, "--dport", HeldWay.CLOSING, "--tcp-flags", "FIN", "FIN");
        drop(true, "--dport", HeldWay.VANISHED, "--tcp-flags", "PSH", "PSH");
        drop(true, "--dport", HeldWay.UNANSWERED);
        drop(false, "--sport", HeldWay.HALF_OPEN);
        traffic(true, "held-server", "serve", ADDRESS);
        Process killed = traffic(true, "killed-server", "serve-killed", ADDRESS);
        traffic(false, "held-client", "call", ADDRESS, "10.1.0.1", String.valueOf(OF_EACH));

        await().pollInterval(Duration.ofMillis(500)).untilAsserted(() -> {
            assertThat(differences()).isEmpty();
            // the last to come about: what is told also agrees before
            assertThat(KERNELS).contains(CLOSING);
        });
        killed.destroyForcibly().waitFor();
        // its system gives up when the next retransmission is due
        hosts.need(false, "sh", "-c", "echo 3 > /proc/sys/net/ipv4/tcp_retries2");
        await().atMost(Duration.ofSeconds(90)).until(() -> {
            said = hosts().text(false, "held-client.out");
            return lines(HeldWay.VANISHED).size() == OF_EACH
                    && lines(HeldWay.KILLED_SENT_TO).size() == OF_EACH;
        });
        hosts.stopAgents();
        settled = hosts.awaitSettled();
        events = hosts.events();
    }

    private static void drop(boolean onSecond, String side, HeldWay way, String... flags) throws Exception {
        List<String> words = new ArrayList<>(
                List.of("iptables", "-w", "-A", "INPUT", "-p", "tcp", side, String.valueOf(way.port())));
        words.addAll(List.of(flags));
        words.addAll(List.of("-j", "DROP"));
        hosts().need(onSecond, words.toArray(String[]::new));
    }

    private static Process traffic(boolean onSecond, String name, String... arguments) throws Exception {
        Process program = hosts().startJava(onSecond, name, "flowstate.standalone.HeldTraffic", arguments);
        await().until(() -> hosts().text(onSecond, name + ".out").contains("ready"));
        return program;
    }

    private static TwoHosts hosts() {
        return Objects.requireNonNull(hosts);
    }

    private static List<String> lines(HeldWay way) {
        return said.lines().filter(line -> line.startsWith(way + " ")).toList();
    }

    @AfterAll
    static void end() throws Exception {
        if (hosts != null) {
            hosts.close();
        }
    }

    private static Set<String> differences() throws Exception {
        Map<Ports, String> clients =
                KernelSockets.states(hosts().need(false, "cat", "/proc/net/tcp", "/proc/net/tcp6"));
        Map<Ports, String> servers = KernelSockets.states(hosts().need(true, "cat", "/proc/net/tcp", "/proc/net/tcp6"));
        Map<Ports, Long> sentAgain = KernelSockets.retransmitted(hosts().need(false, "ss", "-tinH"));
        List<JsonNode> live = live();
        Set<String> differences = new TreeSet<>();
        KERNELS.clear();
        for (JsonNode connection : live) {
            Ports ports = new Ports(
                    connection.at("/originator/port").asInt(),
                    connection.at("/responder/port").asInt());
            HeldWay way = HeldWay.ofPort(ports.remote());
            // what has no socket any more is closed; what has none yet is listened for
            String client = clients.getOrDefault(ports, "CLOSE");
            String server = servers.getOrDefault(
                    new Ports(ports.remote(), ports.local()), way == HeldWay.UNANSWERED ? "LISTEN" : "CLOSE");
            KERNELS.add(client + " / " + server);
            compare(
                    differences,
                    way + " client",
                    connection.at("/originator/state").asText(),
                    client);
            // where FINs have crossed, nobody can know from the wire that the client's did not arrive
            compare(
                    differences,
                    way + " server",
                    connection.at("/responder/state").asText(),
                    way == HeldWay.CLOSING && server.equals("FIN_WAIT2") ? "CLOSING" : server);
            if (way == HeldWay.VANISHED) {
                compare(
                        differences,
                        way + " sent again",
                        connection.at("/originator/retransmitted_segments").asText(),
                        String.valueOf(sentAgain.get(ports)));
            }
        }
        if (live.size() != CONNECTIONS) {
            differences.add(live.size() + " live connections of " + CONNECTIONS);
        }
        return differences;
    }

    private static void compare(Set<String> differences, String what, String said, String kernel) {
        if (!said.equals(kernel)) {
            differences.add(what + ": " + said + " is told, the kernel says " + kernel);
        }
    }

    private static List<JsonNode> live() throws Exception {
        Set<String> ids = hosts().events().stream()
                .filter(event -> HeldWay.isPort(event.at("/responder/port").asInt()))
                .map(event -> event.path("connection_id").asText())
                .collect(Collectors.toSet());
        List<String> words = new ArrayList<>(List.of("curl", "-s"));
        ids.forEach(id -> words.add("http://127.0.0.1:7070/v1/connections/" + id));
        if (ids.isEmpty()) {
            return List.of();
        }
        try (MappingIterator<JsonNode> answers =
                JSON.readerFor(JsonNode.class).readValues(hosts().need(true, words.toArray(String[]::new)))) {
            return answers.readAll().stream()
                    .filter(answer -> answer.has("originator"))
                    .toList();
        }
    }

    @Test
    void whatWasToldOfEachWasWhatBothKernelsSaidInEachPairOfStates() {
        assertThat(KERNELS)
                .containsExactlyInAnyOrder(
                        "CLOSE / TIME_WAIT",
                        "CLOSE_WAIT / FIN_WAIT2",
                        CLOSING,
                        "ESTABLISHED / ESTABLISHED",
                        "FIN_WAIT1 / ESTABLISHED",
                        "FIN_WAIT2 / CLOSE_WAIT",
                        "LAST_ACK / FIN_WAIT2",
                        "SYN_SENT / LISTEN",
                        "SYN_SENT / SYN_RECV",
                        "TIME_WAIT / CLOSE");
    }

    private static List<JsonNode> settled(HeldWay way) {
        return settled.stream()
                .filter(event -> event.at("/responder/port").asInt() == way.port())
                .toList();
    }

    private static String outcome(JsonNode event) {
        return event.path("conn_state").asText() + " "
                + event.path("end_reason").asText() + " "
                + event.path("teardown").asText() + " "
                + event.path("closed_first").asText();
    }

    /** Its system closes what it had open. */
    @Test
    void aProgramThatIsKilledHasClosedOrWhereItHadNotReadAllReset() {
        assertThat(settled(HeldWay.KILLED))
                .hasSize(OF_EACH)
                .allSatisfy(event -> assertThat(outcome(event)).matches("SF FIN (FOUR|THREE)_SEGMENTS RESPONDER"));
        assertThat(settled(HeldWay.KILLED_UNREAD))
                .hasSize(OF_EACH)
                .extracting(KernelStatesIT::outcome)
                .containsOnly("RSTR RST_RESPONDER RESET RESPONDER");
        assertThat(settled(HeldWay.KILLED_SENT_TO))
                .hasSize(OF_EACH)
                .extracting(KernelStatesIT::outcome)
                .containsOnly("RSTR RST_RESPONDER RESET_AFTER_FIN RESPONDER");
    }

    /** The client's system gives up without a word: nobody can know from the wire. */
    @Test
    void aHostThatVanishesLeavesAConnectionThatStalls() throws IOException {
        assertThat(lines(HeldWay.VANISHED)).allSatisfy(line -> assertThat(line).contains("timed out"));
        assertThat(settled(HeldWay.VANISHED))
                .hasSize(OF_EACH)
                .extracting(KernelStatesIT::outcome)
                .containsOnly("S1 CAPTURE_ENDED NONE NONE");
        assertThat(events)
                .filteredOn(event -> event.path("anomaly").asText().equals("STALLED"))
                .extracting(event -> event.path("connection_id").asText())
                .containsAll(settled(HeldWay.VANISHED).stream()
                        .map(event -> event.path("connection_id").asText())
                        .toList());
    }
}
