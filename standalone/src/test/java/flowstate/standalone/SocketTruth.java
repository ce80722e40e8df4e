package flowstate.standalone;

import com.fasterxml.jackson.databind.JsonNode;
import flowstate.schema.EpochNanos;
import flowstate.standalone.SocketView.Closing;
import flowstate.standalone.SocketView.End;
import flowstate.standalone.SocketView.Opened;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What became of a connection between two hosts, as both sockets know it, in the words of its settled event. Where
 * sockets cannot know, there is more than one answer; each time the reason is said.
 *
 * @param connStates Zeek's conn_state for what the sockets say
 */
record SocketTruth(
        SocketView client,
        Set<String> connStates,
        Set<String> endReasons,
        Set<String> teardowns,
        Set<String> closedFirst,
        long clientOctets,
        long serverOctets) {
    /** Linux acknowledges at once or waits, 200 ms at the most (TCP_DELACK_MAX): longer, and the ACK goes alone. */
    private static final long DELAYED_ACK_NS = 250_000_000;

    /** From a call to its packet's time stamp, on a busy machine. */
    private static final long MARGIN_NS = 2_000_000;

    /** Over the faulty wire, whose program has one processor with others; a SYN that is lost comes again after 1 s. */
    private static final long LONGEST_WAY_NS = 500_000_000;

    /** Of the faulty wire: twice what it delays by, less what that varies by. */
    private static final long SHORTEST_ROUND_TRIP_NS = 10_000_000;

    private static final SocketView NOBODY = new SocketView(
            "SERVER",
            HostWay.RESET_BY_CLIENT,
            -1,
            0,
            0,
            0,
            Opened.CONNECTED,
            0,
            0,
            Closing.NONE,
            0,
            0,
            End.NONE,
            0,
            false);

    private static final String ORIGINATOR = "ORIGINATOR";
    private static final String RESPONDER = "RESPONDER";

    /**
     * The truth.
     *
     * @param server null where the server's program was never given a socket
     * @param arrived whether anything of it arrived at the server's system, which no socket tells if it was in vain
     * @param captureEndedNs when the agents were told to stop
     */
    static SocketTruth of(SocketView client, @Nullable SocketView server, boolean arrived, long captureEndedNs) {
        if (client.opened() == Opened.REFUSED) {
            return new SocketTruth(client, Set.of("REJ"), Set.of("REJECTED"), Set.of("RESET"), Set.of(RESPONDER), 0, 0);
        }
        if (client.opened() == Opened.GIVEN_UP) {
            return givenUp(client);
        }
        if (client.opened() == Opened.UNANSWERED) {
            return unanswered(client, arrived, captureEndedNs);
        }
        if (server == null && client.closing() == Closing.RST) {
            // the RST was there before the server's program could ask for anything
            return reset(client, NOBODY, true);
        }
        if (server == null) {
            throw new IllegalArgumentException("the client was connected, to nobody: " + client);
        }
        boolean byClient = resets(client, server);
        boolean byServer = resets(server, client);
        if (byClient && byServer) {
            throw new IllegalArgumentException("both ends reset the connection: " + client + " " + server);
        }
        return byClient || byServer ? reset(client, server, byClient) : closed(client, server);
    }

    /** Whether an end's system sent a RST for other reasons than one from the peer. */
    private static boolean resets(SocketView end, SocketView peer) {
        return end.closing() == Closing.RST
                || end.closing() == Closing.FIN_AND_RST
                || end.end() == End.KEPT_ALIVE_IN_VAIN
                || peer.broken();
    }

    /**
     * The client's system has forgotten its SYN, and resets what answers it; whether the SYN has arrived, its socket does not
     * live to see. Where the program had to wait for a processor before it closed, there may have been an answer by then, and
     * it has closed as usual.
     */
    private static SocketTruth givenUp(SocketView client) {
        boolean late = client.connectedNs() - client.startNs() > SHORTEST_ROUND_TRIP_NS;
        return new SocketTruth(
                client,
                late ? Set.of("RSTO", "S0", "SF") : Set.of("RSTO", "S0"),
                late
                        ? Set.of("RST_ORIGINATOR", "CAPTURE_ENDED", "ATTEMPT_TIMEOUT", "FIN")
                        : Set.of("RST_ORIGINATOR", "CAPTURE_ENDED", "ATTEMPT_TIMEOUT"),
                late
                        ? Set.of("RESET", "NONE", "TIMEOUT", "THREE_SEGMENTS", "FOUR_SEGMENTS")
                        : Set.of("RESET", "NONE", "TIMEOUT"),
                Set.of(ORIGINATOR, "NONE"),
                0,
                0);
    }

    private static SocketTruth unanswered(SocketView client, boolean arrived, long captureEndedNs) {
        long lastedSeconds = (captureEndedNs - client.startNs()) / 1_000_000_000;
        if (client.way() == HostWay.HALF_OPEN && arrived) {
            // the SYN-ACKs, which the client's packet filter drops, go on for 31 s; let go of 60 s after the last
            return new SocketTruth(
                    client,
                    Set.of("S1"),
                    lastedSeconds < 60
                            ? Set.of("CAPTURE_ENDED")
                            : lastedSeconds > 125
                                    ? Set.of("HANDSHAKE_TIMEOUT")
                                    : Set.of("CAPTURE_ENDED", "HANDSHAKE_TIMEOUT"),
                    Set.of("NONE", "TIMEOUT"),
                    Set.of("NONE"),
                    0,
                    0);
        }
        return new SocketTruth(
                client,
                Set.of("S0"),
                lastedSeconds < 74
                        ? Set.of("CAPTURE_ENDED")
                        : lastedSeconds > 77 ? Set.of("ATTEMPT_TIMEOUT") : Set.of("CAPTURE_ENDED", "ATTEMPT_TIMEOUT"),
                Set.of("NONE", "TIMEOUT"),
                Set.of("NONE"),
                0,
                0);
    }

    private static SocketTruth reset(SocketView client, SocketView server, boolean byClient) {
        SocketView sender = byClient ? client : server;
        SocketView victim = byClient ? server : client;
        boolean senderClosed =
                sender.closing() == Closing.FIN_AND_RST || sender.closing() == Closing.FIN && victim.broken();
        // its FIN left before the RST was there, if it closed before it was told
        boolean victimClosed = victim.closing() == Closing.FIN && sender.end() == End.FIN;
        String first = senderClosed ? role(byClient) : victimClosed ? role(!byClient) : role(byClient);
        return new SocketTruth(
                client,
                Set.of(byClient ? "RSTO" : "RSTR"),
                Set.of(byClient ? "RST_ORIGINATOR" : "RST_RESPONDER"),
                Set.of(senderClosed || victimClosed ? "RESET_AFTER_FIN" : "RESET"),
                Set.of(first),
                client.wrote(),
                server.wrote());
    }

    private static SocketTruth closed(SocketView client, SocketView server) {
        boolean clientSecond = isSecond(client);
        boolean serverSecond = isSecond(server);
        if (clientSecond == serverSecond) {
            // each closed before it knew of the other: whether the FINs crossed on the wire, sockets cannot know
            return normal(
                    client,
                    server,
                    Set.of("SIMULTANEOUS", "FOUR_SEGMENTS", "THREE_SEGMENTS"),
                    Set.of("BOTH", ORIGINATOR, RESPONDER));
        }
        SocketView second = clientSecond ? client : server;
        boolean ackWentAlone =
                second.closedNs() - second.endNs() > DELAYED_ACK_NS || second.lastWroteNs() > second.endNs();
        return normal(
                client,
                server,
                // an end that closes at once may or may not send its FIN with the acknowledgement of the first
                ackWentAlone ? Set.of("FOUR_SEGMENTS") : Set.of("FOUR_SEGMENTS", "THREE_SEGMENTS"),
                Set.of(role(serverSecond)));
    }

    private static SocketTruth normal(
            SocketView client, SocketView server, Set<String> teardowns, Set<String> closedFirst) {
        return new SocketTruth(
                client, Set.of("SF"), Set.of("FIN"), teardowns, closedFirst, client.wrote(), server.wrote());
    }

    private static boolean isSecond(SocketView end) {
        return end.end() == End.FIN && end.endNs() <= end.closedNs();
    }

    private static String role(boolean client) {
        return client ? ORIGINATOR : RESPONDER;
    }

    /**
     * How the settled event differs; empty if it does not.
     *
     * @param server null where the server's program was never given a socket
     */
    List<String> differences(JsonNode event, boolean faulty, @Nullable SocketView server) {
        List<String> differences = new ArrayList<>();
        boolean mayDiscard = faulty && !connStates.contains("SF");
        if (mayDiscard && event.path("history").asText().matches(".*R.*r.*|.*r.*R.*")) {
            // what the wire brings twice or late to an end that is gone is answered by a RST, which no socket tells
            compare(differences, event, "conn_state", Set.of("RSTO", "RSTR"));
            compare(differences, event, "end_reason", Set.of("RST_ORIGINATOR", "RST_RESPONDER"));
            compare(differences, event, "teardown", Set.of("RESET", "RESET_AFTER_FIN"));
        } else {
            compare(differences, event, "conn_state", connStates);
            compare(differences, event, "end_reason", endReasons);
            compare(differences, event, "teardown", teardowns);
            compare(differences, event, "closed_first", closedFirst);
        }
        // RFC 9293 section 3.10.5: a reset discards what is still to be sent, of which a wire that loses leaves some
        compareOctets(
                differences,
                event,
                "originator",
                mayDiscard && server != null ? server.read() : clientOctets,
                clientOctets);
        compareOctets(differences, event, "responder", mayDiscard ? client.read() : serverOctets, serverOctets);
        if (client.opened() == Opened.CONNECTED) {
            compare(differences, event, "handshake", Set.of("THREE_WAY"));
            if (!faulty) {
                // the agent behind a faulty wire sees steps in another order
                compare(differences, event, "unseen_segments", Set.of("false"));
            }
        }
        compare(differences, event, "capture_loss_suspected", Set.of("false"));
        long startNs = startNs(event);
        // who does not wait for the SYN-ACK may be done before the SYN is at the other agent, which may be the first
        long wayNs = client.opened() == Opened.GIVEN_UP ? LONGEST_WAY_NS : 0;
        if (startNs < client.startNs() - MARGIN_NS || startNs > client.connectedNs() + wayNs + MARGIN_NS) {
            differences.add("started_at " + event.path("started_at").asText() + ", which is "
                    + (startNs - client.startNs()) + " ns after connect was called and "
                    + (startNs - client.connectedNs()) + " ns after it returned");
        }
        return differences;
    }

    static long startNs(JsonNode event) {
        return EpochNanos.of(Instant.parse(event.path("started_at").asText()));
    }

    private static void compareOctets(
            List<String> differences, JsonNode event, String end, long leastOctets, long octets) {
        long said = event.at("/" + end + "/bytes").asLong();
        if (said < Math.min(leastOctets, octets) || said > octets) {
            differences.add(end + "/bytes " + said + " instead of " + octets);
        }
    }

    private static void compare(List<String> differences, JsonNode event, String field, Set<String> expected) {
        String said = event.at("/" + field).asText();
        if (!expected.contains(said)) {
            differences.add(field + " " + said + " instead of " + String.join(" or ", expected));
        }
    }
}
