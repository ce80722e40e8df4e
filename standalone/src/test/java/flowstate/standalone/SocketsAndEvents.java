package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Settled events of connections between {@link TwoHosts}, and what the sockets said of each. */
final class SocketsAndEvents {
    /** A SYN is sent again after a second (RFC 6298 section 2), which no two copies of one are apart. */
    private static final long SOONEST_AGAIN_NS = 900_000_000;

    private SocketsAndEvents() {}

    /** One line for each connection that differs, and for each that is missing or too many. */
    static List<String> differences(TwoHosts hosts, List<JsonNode> settled, String wire, long endedNs)
            throws IOException {
        assertThat(hosts.troubles(wire)).isEmpty();
        return differences(hosts.views(wire, true), hosts.views(wire, false), settled, wire, endedNs);
    }

    static List<String> differences(
            List<SocketView> clientViews,
            List<SocketView> serverViews,
            List<JsonNode> settled,
            String wire,
            long endedNs) {
        boolean isFaulty = wire.equals("faulty");
        String network = isFaulty ? "10.2.0." : "10.1.0.";
        Map<Long, SocketView> servers =
                serverViews.stream().collect(Collectors.toMap(SocketView::id, view -> view, (one, other) -> one));
        Map<String, List<JsonNode>> events = settled.stream()
                .filter(event -> event.at("/originator/address").asText().startsWith(network))
                .collect(Collectors.groupingBy(SocketsAndEvents::ports, TreeMap::new, Collectors.toList()));
        List<SocketView> clients = new ArrayList<>(clientViews);
        clients.sort((x, y) -> Long.compare(x.startNs(), y.startNs()));
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
            List<String> each = SocketTruth.of(client, server, !(isFaulty && isSeenByClientAlone(event)), endedNs)
                    .differences(event, isFaulty, server);
            if (!each.isEmpty()) {
                differences.add(client.way() + ": " + each + "\n  " + client + "\n  " + server + "\n  "
                        + event.path("history") + " " + event.at("/originator/states") + " "
                        + event.at("/responder/states") + " " + event.path("observers") + " from "
                        + event.path("started_at") + " to " + event.path("at"));
            }
        }
        events.values()
                .forEach(left -> left.stream()
                        .filter(event -> !(isFaulty && isRefusedAgain(event, settled)))
                        .forEach(event -> differences.add("an event of no connection: " + event + " beside\n  "
                                + settled.stream()
                                        .filter(other -> ports(other).equals(ports(event)))
                                        .map(JsonNode::toString)
                                        .collect(Collectors.joining("\n  ")))));
        return differences;
    }

    /**
     * A RST that refuses was lost on the wire, and the SYN came again: of one call of connect two attempts were refused, each
     * of which is a record, as it is for Zeek.
     */
    private static boolean isRefusedAgain(JsonNode event, List<JsonNode> settled) {
        return event.at("/responder/port").asInt() == HostWay.REFUSED.port()
                && event.path("conn_state").asText().equals("REJ")
                && settled.stream()
                        .anyMatch(other -> other != event
                                && ports(other).equals(ports(event))
                                && other.at("/originator/isn").equals(event.at("/originator/isn"))
                                && Math.abs(SocketTruth.startNs(other) - SocketTruth.startNs(event))
                                        > SOONEST_AGAIN_NS);
    }

    /** The faulty wire has taken all that the client sent: the server's agent has seen nothing of it. */
    private static boolean isSeenByClientAlone(JsonNode event) {
        JsonNode observers = event.path("observers");
        return observers.size() == 1 && observers.get(0).asText().equals("a");
    }

    private static String ports(JsonNode event) {
        return event.at("/originator/port").asText() + " "
                + event.at("/responder/port").asText();
    }
}
