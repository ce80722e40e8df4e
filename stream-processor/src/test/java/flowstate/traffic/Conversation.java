package flowstate.traffic;

import flowstate.trace.Line;
import flowstate.trace.Trace;
import flowstate.trace.TraceRun;
import flowstate.traffic.Link.Sighting;
import flowstate.traffic.Plan.Closing;
import flowstate.traffic.Plan.Opening;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A connection as it went by a {@link Plan}: what the tap saw, and the truth.
 *
 * @param plan what it was to go through
 * @param clientIsn the client's initial sequence number
 * @param serverIsn the server's
 * @param lines what the tap noted, in the order of the capture, times since the start
 * @param truth what became of it
 */
public record Conversation(Plan plan, int clientIsn, int serverIsn, List<Line> lines, Truth truth) {

    private static final long MS = 1_000_000;
    private static final long SECOND_NS = 1000 * MS;
    /** When both ends are open and quiet, and when one of them closes. */
    private static final long QUIET_NS = 4 * SECOND_NS;

    private static final long CLOSE_NS = 8 * SECOND_NS;
    private static final long HOUR_NS = 3600 * SECOND_NS;

    /** Places in sequence space where arithmetic goes wrong. */
    private static final int[] NEAR_A_WRAP = {-1, -3, -2000, Integer.MAX_VALUE, Integer.MAX_VALUE - 1500, 0};

    /** Lets the connection happen. */
    public static Conversation of(Plan plan) {
        return of(plan, 4 * HOUR_NS);
    }

    /** The same, of which the tap sees only what comes before {@code untilNs}. */
    static Conversation of(Plan plan, long untilNs) {
        return of(plan, untilNs, -1);
    }

    /** The same, with timestamps (RFC 7323) that are {@code stampMs} at the start; without if that is -1. */
    static Conversation of(Plan plan, long untilNs, long stampMs) {
        Random random = new Random(plan.seed());
        long latencyNs = (1 + random.nextInt(40)) * MS;
        Link link = new Link(latencyNs, latencyNs * random.nextInt(91) / 100, random.nextBoolean() ? 7 : 0);
        link.client.stampMs = stampMs;
        link.server.stampMs = stampMs;
        if (plan.opening() == Opening.CLIENT_ONLY) {
            link.tapSees = Packet::fromClient;
        }
        plan.trouble().prepare(link, plan.serverCloses(), random);
        open(plan, link, latencyNs, random);
        if (plan.opening().opens()) {
            talk(link, random);
            link.in(QUIET_NS, () -> plan.trouble().strike(link, plan.serverCloses(), random));
            if (plan.trouble() == Trouble.FORGED_RST_EXACT) {
                // the end that did not send it carries on
                Endpoint carriesOn = plan.serverCloses() ? link.client : link.server;
                link.in(QUIET_NS + SECOND_NS, () -> carriesOn.write(500));
            }
            close(plan, link, latencyNs, random);
        }
        link.run(untilNs);
        int serverIsn = plan.opening() == Opening.REFUSED ? 0 : isn(random);
        int clientIsn = isn(random);
        List<Sighting> seen = link.sightings();
        return new Conversation(plan, clientIsn, serverIsn, lines(seen), Outcomes.of(plan, link));
    }

    private static int isn(Random random) {
        int nearAWrap = NEAR_A_WRAP[random.nextInt(NEAR_A_WRAP.length)];
        return random.nextBoolean() ? nearAWrap : random.nextInt();
    }

    private static void open(Plan plan, Link link, long latencyNs, Random random) {
        Endpoint client = link.client;
        Endpoint server = link.server;
        switch (plan.opening()) {
            case REFUSED -> client.open(0);
            case UNANSWERED -> {
                link.arrives = packet -> false;
                client.open(0);
            }
            case HALF_OPEN -> {
                server.listen();
                client.open(0);
                client.vanish();
            }
            case SIMULTANEOUS -> {
                client.open(0);
                // before the other's SYN arrives, and so that the client's passes the tap first
                long apart = link.serverSecondNs();
                link.in(apart + Math.max(0, latencyNs - apart) / 2, () -> server.open(0));
            }
            case FAST_OPEN -> {
                server.takesFastOpen = true;
                server.listen();
                client.open(1 + random.nextInt(500));
                // answers before the handshake is done
                if (random.nextBoolean()) {
                    link.in(latencyNs + MS / 10, () -> server.write(300));
                }
            }
            default -> {
                server.listen();
                client.open(0);
            }
        }
        if (plan.opening() == Opening.MIDSTREAM) {
            link.tapSees = packet -> false;
            link.in(SECOND_NS + random.nextInt(1500) * MS, () -> link.tapSees = packet -> true);
        }
    }

    /** Requests and responses of some segments, all of them done by {@link #QUIET_NS}. */
    private static void talk(Link link, Random random) {
        long atNs = SECOND_NS;
        for (int i = 3; i > 0; i--) {
            int request = 1 + random.nextInt(3000);
            int response = 1 + random.nextInt(6000);
            link.in(atNs, () -> link.client.write(request));
            link.in(atNs + 300 * MS, () -> link.server.write(response));
            atNs += 600 * MS;
        }
    }

    private static void close(Plan plan, Link link, long latencyNs, Random random) {
        Endpoint first = plan.serverCloses() ? link.server : link.client;
        Endpoint other = plan.serverCloses() ? link.client : link.server;
        first.finRidesOnData = random.nextInt(4) == 0;
        if (first.finRidesOnData && plan.closing().isOrderly()) {
            // what is asked for last goes with the FIN
            link.in(CLOSE_NS, () -> first.writeAndClose(700));
        } else if (plan.closing() != Closing.NONE && plan.closing() != Closing.RESET) {
            link.in(CLOSE_NS, first::close);
        }
        switch (plan.closing()) {
            case FOUR_SEGMENTS -> other.closesAfterNs = (50 + random.nextInt(2000)) * MS;
            case THREE_SEGMENTS -> other.closesAfterNs = 0;
            case SIMULTANEOUS -> link.in(CLOSE_NS + latencyNs / 2, other::close);
            case RESET -> link.in(CLOSE_NS, first::abort);
            case RESET_AFTER_FIN -> {
                first.deafOnceClosed = true;
                link.in(CLOSE_NS + SECOND_NS, () -> other.write(500));
            }
            case RESET_FOR_LAST_ACK -> {
                first.resetsAtPeersFin = true;
                other.closesAfterNs = 300 * MS;
            }
            case HALF_CLOSED_FOR_HOURS -> {
                for (int i = 1; i < 10; i++) {
                    link.in(CLOSE_NS + i * HOUR_NS / 3, () -> other.write(1 + random.nextInt(3000)));
                }
                link.in(CLOSE_NS + 3 * HOUR_NS + HOUR_NS / 3, other::close);
            }
            case NONE -> {}
        }
    }

    private static List<Line> lines(List<Sighting> seen) {
        List<Line> lines = new ArrayList<>();
        seen.stream()
                .sorted(Comparator.comparingLong(Sighting::notedNs))
                .forEach(sighting ->
                        lines.add(new Line(sighting.notedNs(), new Line.Observed(sighting.segment()), List.of(), "")));
        return lines;
    }

    /** The segments that the tap noted, in order; the conversation starts at {@code startNs}. */
    public TraceRun run(boolean clientIsLow, long startNs) {
        return new TraceRun(clientIsn, serverIsn, clientIsLow, startNs);
    }

    /** As a trace, to read it, or to keep it with what is to be expected. */
    public Trace trace() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("isn", "C=" + Integer.toUnsignedString(clientIsn) + " S=" + Integer.toUnsignedString(serverIsn));
        return new Trace("generated", plan.toString(), headers, lines, List.of());
    }
}
