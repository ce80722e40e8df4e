package flowstate.tcp;

/** What {@link Analysis} finds of one agent's segments: counted for that agent, told for the connection. */
final class Transfers {
    private static final AnomalyKind[] KINDS = AnomalyKind.values();

    /** RFC 7323 section 2.3: a larger shift is used as this. */
    private static final int MAX_WINDOW_SCALE = 14;

    /** Where no round-trip time is known, what is out of order is told by a rule of thumb. */
    private static final double RULE_OF_THUMB = 0.7;

    private Transfers() {}

    /**
     * To be called after the facts were merged.
     *
     * @param seen {@code s} with the times of the agent that saw it: what is known of its clock may change meanwhile
     */
    static void find(Connection c, Segment s, Segment seen, Observer observer, Findings found) {
        Flow own = observer.flow(s.fromLow());
        Flow other = observer.flow(!s.fromLow());
        End end = c.end(s.fromLow());
        End peer = c.end(!s.fromLow());
        int repeated = own.has(Flow.BEGAN) ? own.next - s.seq() : 0;
        boolean overtaken =
                end.stampedBefore(s) || (s.has(Flags.ACK) && peer.based && peer.position(s.ack()) < peer.acked);
        int ownScale = overtaken ? -1 : scale(end, peer);
        long kinds = Analysis.find(own, other, seen, scale(peer, end), ownScale, observer.handshakeNs);
        observer.timeHandshake(seen);
        if (s.has(Flags.SYN) && found.has(AnomalyKind.SYNACK_CHANGED)) {
            kinds &= ~AnomalyKind.SYN_RETRANSMITTED.bit();
        }
        if (kinds != 0) {
            count(observer.tally(s.fromLow()), s, kinds, repeated);
            tell(c, s, observer, kinds, repeated, found);
        }
        noteStall(c, s, end, kinds);
    }

    /**
     * How much the window field of {@code end} is to be shifted; -1 if that is not known. One SYN without the option is
     * enough to know that it is not: both must have it (RFC 7323 section 2.2).
     */
    private static int scale(End end, End peer) {
        boolean refused = (end.syn && end.windowScale < 0) || (peer.syn && peer.windowScale < 0);
        if (refused) {
            return 0;
        }
        return end.syn ? Math.min(end.windowScale, MAX_WINDOW_SCALE) : -1;
    }

    private static void count(Observer.Tally tally, Segment s, long kinds, int repeated) {
        if ((kinds & Analysis.AGAIN) != 0) {
            tally.retransmittedSegments++;
            tally.retransmittedBytes += Math.max(0, Math.min(s.payload(), repeated));
        }
        if ((kinds & AnomalyKind.ZERO_WINDOW.bit()) != 0) {
            tally.zeroWindows++;
        }
    }

    private static void tell(Connection c, Segment s, Observer observer, long kinds, int repeated, Findings found) {
        for (long left = kinds; left != 0; left &= left - 1) {
            AnomalyKind kind = KINDS[Long.numberOfTrailingZeros(left)];
            boolean guess = kind == AnomalyKind.OUT_OF_ORDER && observer.handshakeNs <= 0;
            found.add(kind, guess ? RULE_OF_THUMB : 1, () -> sentence(c, s, observer, kind, repeated));
        }
    }

    private static String sentence(Connection c, Segment s, Observer observer, AnomalyKind kind, int repeated) {
        String sender = "the " + c.role(s.fromLow()).word();
        String other = "the " + c.role(!s.fromLow()).word();
        String what = s.payload() > 0 ? s.payload() + " octets" : "a FIN";
        return switch (kind) {
            case RETRANSMISSION -> sender + " sent " + what + " again";
            case FAST_RETRANSMISSION -> sender + " sent " + what + " again, as duplicate acknowledgements asked for";
            case SPURIOUS_RETRANSMISSION -> sender + " sent " + what + " again that were acknowledged before";
            case SYN_RETRANSMITTED -> sender + " sent its " + (s.has(Flags.ACK) ? "SYN-ACK" : "SYN") + " again";
            case OUT_OF_ORDER -> sender + " sent this before what came first: it was overtaken on the way";
            case DUPLICATE_ACK -> sender + " acknowledged the same once more: something overtook, or is missing";
            case SEGMENT_GAP ->
                -repeated + " octets of " + sender + " are missing before this" + Views.where(c, s, observer);
            case ACK_UNSEEN -> sender + " acknowledged what was not captured of " + other;
            case ZERO_WINDOW -> sender + " closed its window: it takes nothing more for now";
            case WINDOW_FULL -> sender + " has filled the window of " + other + ", and must wait";
            case ZERO_WINDOW_PROBE -> sender + " tries whether the window of " + other + " has opened";
            case WINDOW_SHRUNK -> sender + " took back room that it had offered";
            case KEEP_ALIVE -> sender + " asks whether " + other + " is still there";
            case KEEP_ALIVE_UNANSWERED -> sender + " asks again: " + other + " has not answered its last keep-alive";
            default -> throw new IllegalStateException("the analysis of transfers does not find " + kind);
        };
    }

    /** Why it is stalled, for the report at {@code atNs}. */
    static String stall(Connection c, long atNs) {
        long since = c.stallClock();
        boolean low = since == c.low.closedWindowClock || since == c.low.repeatedClock;
        String who = "the " + c.role(low).word();
        String seconds = (atNs - since) / 1_000_000_000L + " s";
        return since == c.end(low).closedWindowClock
                ? who + " has kept its window closed for " + seconds
                : who + " has sent again for " + seconds + " what is not acknowledged";
    }

    /** A closed window, or a retransmission, is the start of a stall until the window opens, or it is acknowledged. */
    private static void noteStall(Connection c, Segment s, End end, long kinds) {
        if (!s.has(Flags.RST | Flags.SYN)) {
            boolean closed = s.window() == 0;
            if (closed != end.closedWindowClock >= 0) {
                end.closedWindowClock = closed ? s.clockNs() : -1;
            }
        }
        boolean again = (kinds & (AnomalyKind.RETRANSMISSION.bit() | AnomalyKind.FAST_RETRANSMISSION.bit())) != 0;
        if (again && s.payload() > 0 && end.repeatedClock < 0 && end.unacknowledged() > 0) {
            end.repeatedClock = s.clockNs();
        }
        if (c.stallTold && c.stallClock() < 0) {
            c.stallTold = false;
        }
    }
}
