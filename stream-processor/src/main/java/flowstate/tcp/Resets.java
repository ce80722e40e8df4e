package flowstate.tcp;

/**
 * What a RST does to the receiver, by RFC 5961 section 3, as far as an observer can tell: it knows of the receiver's next
 * expected number only that it lies between the last that was acknowledged and the highest that was sent.
 */
final class Resets {
    enum Verdict {
        /** The next number that the receiver expects, as far as can be known: it closes. */
        EXACT,
        /** Elsewhere in the window: the receiver asks with a challenge ACK, or, if it is an old system, closes. */
        INEXACT,
        /** The receiver ignores it. */
        OUTSIDE
    }

    /** What was on its way when a RST was sent has arrived by then. */
    static final long IN_FLIGHT_NS = 1_000_000_000L;

    private Resets() {}

    /**
     * Judges a RST of {@code end}.
     *
     * @param position its sequence number, in the space of {@code end}
     * @param knownBefore whether anything was known of that space before
     */
    static Verdict judge(Segment s, End end, End peer, long position, boolean knownBefore) {
        boolean peerAwaitsSynAck = peer.syn && !peer.synAck && !end.syn && !end.sentData;
        if (peerAwaitsSynAck) {
            // RFC 9293 section 3.10.7.3: in SYN_SENT the acknowledgement decides
            long acknowledged = peer.position(s.ack());
            boolean acknowledges = s.has(Flags.ACK) && acknowledged >= 1 && acknowledged <= peer.highest;
            return acknowledges ? Verdict.EXACT : Verdict.OUTSIDE;
        }
        if (!knownBefore || (position >= end.acked && position <= end.highest)) {
            return Verdict.EXACT;
        }
        long right = Math.max(end.rightEdge, end.acked + Window.octets(peer, end, peer.window));
        return position >= end.acked && position <= right ? Verdict.INEXACT : Verdict.OUTSIDE;
    }

    /** Takes in a RST that closes. */
    static void take(End end, End peer, long position, Segment s) {
        long firstClock = end.rst ? end.rstClock : s.clockNs();
        note(end, peer, position, s);
        end.rstClock = Math.min(firstClock, s.clockNs());
        close(end);
    }

    private static void close(End end) {
        end.rst = true;
        end.rstRefuted = false;
        end.rstPending = false;
    }

    /** Takes in a RST of which the receiver may or may not be convinced. */
    static void pend(End end, End peer, long position, Segment s) {
        note(end, peer, position, s);
        end.rstPending = true;
    }

    /** Takes in a RST of an end that has reset: one that is further on is the first, which another has overtaken. */
    static void overtaken(End end, long position, Verdict verdict) {
        if (verdict == Verdict.INEXACT) {
            end.rstHighest = Math.max(end.rstHighest, position);
        }
    }

    private static void note(End end, End peer, long position, Segment s) {
        // it has answered the challenge, or late segments: how far it had come when it reset says the one that had
        // least
        boolean another =
                end.hasReset() || end.rstPending || (end.rstChallenged && s.clockNs() - end.rstClock <= IN_FLIGHT_NS);
        long acknowledged = s.has(Flags.ACK) && peer.based ? peer.position(s.ack()) : -1;
        end.rstHighest = another ? Math.max(end.rstHighest, position) : position;
        end.rstAck = another ? leastKnown(end.rstAck, acknowledged) : acknowledged;
        end.rstChallenged = false;
        end.rstPosition = position;
        end.rstClock = s.clockNs();
        end.rstPeerHighest = peer.highest;
    }

    private static long leastKnown(long one, long other) {
        return one < 0 || other < 0 ? Math.max(one, other) : Math.min(one, other);
    }

    /**
     * Whether a FIN of {@code peer} comes after a RST of {@code end}, and not just about then, when either may have
     * overtaken the other: it closes nothing any more.
     */
    static boolean isBefore(End end, Segment fin) {
        return end.hasReset() && fin.clockNs() - end.rstClock > Arrival.OVERTAKEN_NS;
    }

    /**
     * Whether the end that a RST seemed to come from carries on: an end that resets has no socket left to send new data
     * or acknowledge any from. To be asked before the segment is merged.
     *
     * <p>For a little while what it may have sent <em>before</em> the RST says nothing, as a RST can overtake: only data
     * beyond the furthest RST's number, and acknowledgements of what was sent after the RST had come, are certainly younger.
     *
     * @param sawRst whether the agent that shows the segment has shown a RST of that end, too: if not, it may be older than
     *     the RST unless nobody has shown it before
     */
    static boolean carriesOn(End end, End peer, Segment s, boolean sawRst) {
        boolean suspected = end.hasReset() || end.rstPending || end.rstChallenged;
        if (!suspected || s.has(Flags.RST)) {
            return false;
        }
        if (s.has(Flags.SYN)) {
            return end.hasReset() && sawRst;
        }
        boolean overtaken = !sawRst || s.clockNs() - end.rstClock <= Arrival.OVERTAKEN_NS;
        long sentBefore = end.hasReset() ? end.rstPosition : end.highest;
        if (overtaken) {
            sentBefore = Math.max(end.highest, end.rstHighest);
        }
        boolean newData = s.payload() > 0 && end.position(s.end()) > sentBefore;
        long acknowledged = peer.position(s.ack());
        boolean newAck = s.has(Flags.ACK)
                && !s.has(Flags.FIN)
                && peer.based
                && acknowledged > (overtaken ? Math.max(peer.acked, end.rstPeerHighest) : peer.acked)
                && acknowledged <= peer.highest;
        return newData || newAck;
    }

    /** The end that a RST seemed to come from carries on: somebody else has sent it. */
    static void refute(End end) {
        end.rstRefuted |= end.rst;
        end.rstPending = false;
        end.rstChallenged = false;
    }

    /**
     * The receiver of a pending RST has sent a segment. A bare acknowledgement is the challenge; anything at all says that
     * it is still there, once what was on its way has come.
     */
    static void receiverSpeaks(End end, Segment s) {
        boolean challenge = s.payload() == 0 && !s.has(Flags.SYN | Flags.FIN | Flags.RST);
        if (challenge || s.clockNs() - end.rstClock > IN_FLIGHT_NS) {
            end.rstPending = false;
            end.rstChallenged = true;
        }
    }

    /** The receiver has gone silent: it was convinced. Returns whether there was anything to be convinced of. */
    static boolean confirm(Connection c) {
        boolean pending = c.low.rstPending || c.high.rstPending;
        confirm(c.low);
        confirm(c.high);
        return pending;
    }

    private static void confirm(End end) {
        if (end.rstPending) {
            close(end);
            end.highest = Math.max(end.highest, end.rstPosition);
        }
    }
}
