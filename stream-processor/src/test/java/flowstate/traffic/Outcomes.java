package flowstate.traffic;

import flowstate.tcp.EndReason;
import flowstate.tcp.Flags;
import flowstate.tcp.Handshake;
import flowstate.tcp.Role;
import flowstate.tcp.TcpState;
import flowstate.tcp.Teardown;
import flowstate.traffic.Link.Sighting;
import flowstate.traffic.Plan.Opening;
import java.util.BitSet;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Reads the truth off the endpoints and the tap. Nothing here asks the tracker. */
final class Outcomes {
    private final Plan plan;
    private final Link link;
    private final List<Sighting> seen;

    private Outcomes(Plan plan, Link link) {
        this.plan = plan;
        this.link = link;
        this.seen = link.sightings();
    }

    static Truth of(Plan plan, Link link) {
        Outcomes outcomes = new Outcomes(plan, link);
        return new Truth(
                outcomes.connState(),
                outcomes.letters(),
                outcomes.handshake(),
                outcomes.teardown(),
                outcomes.endReason(),
                outcomes.closedFirst(),
                outcomes.end(true),
                outcomes.end(false),
                Findings.expected(plan),
                Findings.allowed(plan));
    }

    // ---- what passed the tap

    private boolean saw(boolean fromClient, int flags, int notFlags) {
        return seen.stream()
                .map(Sighting::packet)
                .anyMatch(p -> !p.forged() && p.fromClient() == fromClient && p.has(flags) && !p.has(notFlags));
    }

    private boolean sawSyn(boolean ofClient) {
        return saw(ofClient, Flags.SYN, 0);
    }

    private boolean sawFin(boolean ofClient) {
        return saw(ofClient, Flags.FIN, 0);
    }

    /** Whether it reset the connection, and the tap saw that. */
    private boolean sawReset(boolean ofClient) {
        Endpoint end = ofClient ? link.client : link.server;
        boolean answeredForAForgery = plan.trouble() == Trouble.FORGED_RST_EXACT && ofClient != plan.serverCloses();
        return (end.aborted() || answeredForAForgery || (plan.opening() == Opening.REFUSED && !ofClient))
                && saw(ofClient, Flags.RST, 0);
    }

    // ---- the verdict

    private Handshake handshake() {
        return switch (plan.opening()) {
            case THREE_WAY -> Handshake.THREE_WAY;
            case SIMULTANEOUS -> Handshake.SIMULTANEOUS_OPEN;
            case FAST_OPEN -> Handshake.FAST_OPEN;
            case MIDSTREAM -> Handshake.MIDSTREAM;
            case CLIENT_ONLY -> Handshake.ONE_SIDED;
            case REFUSED, UNANSWERED, HALF_OPEN -> Handshake.NONE;
        };
    }

    /** As Zeek's manual describes the codes (base/protocols/conn/main.zeek). */
    private String connState() {
        boolean responderSeen = sawSyn(false) || (sawSyn(true) && saw(false, Flags.ACK, Flags.RST));
        boolean originatorSeen = sawSyn(true);
        if (plan.opening() == Opening.REFUSED) {
            return "REJ";
        }
        boolean bothClosed = sawFin(true) && sawFin(false);
        if (sawReset(false) && !bothClosed) {
            return originatorSeen ? "RSTR" : "RSTRH";
        }
        if (sawReset(true) && !bothClosed) {
            return responderSeen ? "RSTO" : "OTH";
        }
        if (bothClosed) {
            return "SF";
        }
        if (sawFin(true)) {
            return responderSeen ? "S2" : "SH";
        }
        if (sawFin(false)) {
            return originatorSeen ? "S3" : "SHR";
        }
        if (originatorSeen) {
            return responderSeen ? "S1" : "S0";
        }
        return "OTH";
    }

    private SortedSet<Character> letters() {
        SortedSet<Character> letters = new TreeSet<>();
        BitSet[] octets = {new BitSet(), new BitSet()};
        for (Sighting sighting : seen) {
            Packet p = sighting.packet();
            BitSet before = octets[p.fromClient() ? 0 : 1];
            if (p.payload() > 0 && !p.has(Flags.SYN) && isCovered(before, p)) {
                add(letters, 'T', p);
            }
            before.set((int) Math.max(0, p.start()), (int) Math.max(0, p.end()));
            if (p.has(Flags.SYN)) {
                if (!p.has(Flags.ACK)) {
                    add(letters, 'S', p);
                } else if (!saw(p.fromClient(), Flags.SYN, Flags.ACK)) {
                    // Zeek notes a SYN-ACK only where its number is not that of a SYN before
                    add(letters, 'H', p);
                }
            } else if (p.has(Flags.FIN)) {
                add(letters, 'F', p);
            } else if (p.has(Flags.RST)) {
                add(letters, 'R', p);
            } else {
                add(letters, p.payload() > 0 ? 'D' : 'A', p);
            }
        }
        return letters;
    }

    private static void add(SortedSet<Character> letters, char letter, Packet p) {
        letters.add(p.fromClient() ? letter : Character.toLowerCase(letter));
    }

    private Teardown teardown() {
        if (!plan.opening().opens() && plan.opening() != Opening.REFUSED) {
            return Teardown.TIMEOUT;
        }
        if (sawReset(true) || sawReset(false)) {
            return sawFin(true) || sawFin(false) ? Teardown.RESET_AFTER_FIN : Teardown.RESET;
        }
        if (sawFin(true) && sawFin(false)) {
            if (closesItself(true) && closesItself(false)) {
                return Teardown.SIMULTANEOUS;
            }
            return acknowledgedAlone() ? Teardown.FOUR_SEGMENTS : Teardown.THREE_SEGMENTS;
        }
        return sawFin(true) || sawFin(false) ? Teardown.TIMEOUT : Teardown.NONE;
    }

    /** It sent its FIN before it had the other's. */
    private boolean closesItself(boolean client) {
        return (client ? link.client : link.server).states().contains(TcpState.FIN_WAIT1);
    }

    /** Whether the first FIN was acknowledged before the other FIN came. */
    private boolean acknowledgedAlone() {
        boolean firstIsClient = closesItself(true);
        long finEnd = -1;
        for (Sighting sighting : seen) {
            Packet p = sighting.packet();
            if (p.fromClient() == firstIsClient && p.has(Flags.FIN)) {
                finEnd = p.end();
            } else if (p.fromClient() != firstIsClient && p.has(Flags.FIN)) {
                return false;
            } else if (p.fromClient() != firstIsClient && finEnd >= 0 && p.ack() == finEnd) {
                return true;
            }
        }
        return false;
    }

    private EndReason endReason() {
        switch (plan.opening()) {
            case REFUSED -> {
                return EndReason.REJECTED;
            }
            case UNANSWERED -> {
                return EndReason.ATTEMPT_TIMEOUT;
            }
            case HALF_OPEN -> {
                return EndReason.HANDSHAKE_TIMEOUT;
            }
            default -> {}
        }
        if (sawReset(true)) {
            return EndReason.RST_ORIGINATOR;
        }
        if (sawReset(false)) {
            return EndReason.RST_RESPONDER;
        }
        if (sawFin(true) && sawFin(false)) {
            return EndReason.FIN;
        }
        return sawFin(true) || sawFin(false) ? EndReason.HALF_CLOSED_TIMEOUT : EndReason.CAPTURE_ENDED;
    }

    private Role closedFirst() {
        boolean client = sawFin(true) && (closesItself(true) || !sawFin(false));
        boolean server = sawFin(false) && (closesItself(false) || !sawFin(true));
        if (!client && !server) {
            client = sawReset(true);
            server = sawReset(false);
        }
        if (client && server) {
            return Role.BOTH;
        }
        return client ? Role.ORIGINATOR : server ? Role.RESPONDER : Role.NONE;
    }

    // ---- the ends

    private Truth.End end(boolean client) {
        BitSet before = new BitSet();
        long segments = 0;
        long again = 0;
        long base = sawSyn(client) ? 1 : -1;
        long highest = 0;
        long acknowledged = 0;
        for (Sighting sighting : seen) {
            Packet p = sighting.packet();
            if (p.fromClient() == client) {
                segments++;
                if (p.forged() || p.has(Flags.RST)) {
                    continue;
                }
                base = base < 0 ? p.start() : base;
                highest = Math.max(highest, p.end());
                if (p.end() > p.start()) {
                    boolean synAckAfterSyn = p.has(Flags.SYN) && p.has(Flags.ACK) && saw(client, Flags.SYN, Flags.ACK);
                    again += isCovered(before, p) && !synAckAfterSyn ? 1 : 0;
                    before.set((int) p.start(), (int) p.end());
                }
            } else if (p.has(Flags.ACK) && !p.has(Flags.RST)) {
                acknowledged = Math.max(acknowledged, p.ack());
            }
        }
        long bytes = base < 0 ? 0 : Math.max(highest, acknowledged) - base - (sawFin(client) ? 1 : 0);
        Endpoint end = client ? link.client : link.server;
        return new Truth.End(
                states(end),
                segments == 0 ? 0 : Math.max(0, bytes),
                segments,
                plan.trouble().hidesRetransmissions() ? -1 : again);
    }

    private List<TcpState> states(Endpoint end) {
        // a FIN that was not seen cannot be known to have come first; a forged RST is believed until its victim speaks
        boolean hidden = plan.opening() == Opening.CLIENT_ONLY || plan.trouble() == Trouble.FORGED_RST_EXACT;
        return hidden ? List.of() : List.copyOf(end.states());
    }

    private static boolean isCovered(BitSet before, Packet p) {
        return p.start() >= 0 && before.nextClearBit((int) p.start()) >= p.end();
    }
}
