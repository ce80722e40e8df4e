package flowstate.tcp;

import org.jspecify.annotations.Nullable;

/** Merges one segment into the facts about both ends, and finds what is odd about it. */
final class Merge {
    /** Acknowledgements further ahead than any window are not believed. */
    private static final long TOO_FAR = 1L << 30;

    /** Loss explains it as well. */
    private static final double CANNOT_TELL = 0.5;

    private Merge() {}

    static void merge(Connection c, Segment s, Observer observer, @Nullable Phase before, Findings found) {
        End end = c.end(s.fromLow());
        End peer = c.end(!s.fromLow());
        boolean fromOriginator = s.fromLow() == c.originatorLow;
        Outcome.Condition endCondition = Outcome.condition(end, peer);
        Outcome.Condition peerCondition = Outcome.condition(peer, end);
        boolean knownBefore = end.based;
        boolean rst = s.has(Flags.RST);
        boolean opens = s.has(Flags.SYN) && !rst;
        boolean counts = !opens || Openings.counts(c, s, end, peer, found);
        if (opens && counts) {
            if (end.syn && end.base != s.seq()) {
                c.history.synMoves(s.fromLow());
            }
            takeSyn(end, peer, s, found);
        }
        boolean onlyAcknowledged = !end.seen && !s.has(Flags.SYN | Flags.RST);
        if (counts && (!end.based || onlyAcknowledged)) {
            end.baseFromFirst(s.seq());
        }
        end.seen = true;
        // a SYN-ACK that does not count is nowhere: the first that does is at 0
        long position = end.based ? end.position(s.seq()) : -1;

        c.history.segment(s, position, fromOriginator);
        if (s.window() == 0
                && !rst
                && peerCondition != Outcome.Condition.CLOSED
                && endCondition != Outcome.Condition.RESET) {
            c.history.zeroWindow(s.fromLow(), fromOriginator);
        }
        if (!counts) {
            return;
        }
        if (rst) {
            takeRst(c, s, observer, before, position, knownBefore, found);
            return;
        }
        if (!opens && isRefused(c, s, observer, before, position, found)) {
            return;
        }
        long acknowledged = s.has(Flags.ACK) ? takeAck(c, s, position, observer, before, found) : -1;
        noteRepetition(c, s, observer, end, position, opens && endCondition == Outcome.Condition.ESTABLISHED);
        Segment counted = Closings.isTooLate(c, s, observer) ? s.withoutFin() : s;
        end.sent(position, counted);
        end.window = s.window();
        if (s.timestampValue() >= 0 && !end.stampedBefore(s)) {
            end.timestamp = s.timestampValue();
        }
        end.sentData |= s.payload() > 0;
        Closings.takeFin(c, counted, position, acknowledged, before, found);
    }

    private static void takeRst(
            Connection c,
            Segment s,
            Observer observer,
            @Nullable Phase before,
            long position,
            boolean knownBefore,
            Findings found) {
        End end = c.end(s.fromLow());
        End peer = c.end(!s.fromLow());
        String sender = c.role(s.fromLow()).word();
        if (!peer.based && s.has(Flags.ACK)) {
            // if it refuses a SYN that was captured behind it, this tells which (RFC 9293 section 3.10.7.1)
            peer.baseFromFirst(s.ack());
        }
        noteRepetition(c, s, observer, end, position, false);
        Resets.Verdict verdict = Resets.judge(s, end, peer, position, knownBefore);
        // what answers late segments once its socket is gone takes its numbers from them (RFC 9293 section 3.10.7.1)
        boolean answers = end.hasReset() && verdict != Resets.Verdict.EXACT;
        if (s.payload() > 0) {
            found.add(
                    AnomalyKind.RST_WITH_DATA, () -> "a RST of the " + sender + " carries " + s.payload() + " octets");
        }
        if (verdict == Resets.Verdict.OUTSIDE && !answers) {
            found.add(
                    AnomalyKind.RST_OUT_OF_WINDOW,
                    () -> "a RST of the " + sender + " is outside the window: the receiver must ignore it");
            return;
        }
        boolean over = before != null && before.isOver();
        if (verdict == Resets.Verdict.INEXACT && !over && !answers) {
            long off = position - end.highest;
            found.add(
                    AnomalyKind.RST_INEXACT,
                    CANNOT_TELL,
                    () -> "a RST of the " + sender + " is " + off
                            + " octets beyond the number that is expected: the receiver must ask with a challenge ACK");
            Resets.pend(end, peer, position, s);
            return;
        }
        if (answers) {
            Resets.overtaken(end, position, verdict);
        } else if (before != Phase.CLOSED) {
            Resets.take(end, peer, position, s);
        }
        if (end.fin || peer.fin) {
            found.add(AnomalyKind.RST_AFTER_FIN, () -> "the " + sender + " sent a RST after a FIN");
        }
    }

    /** Whether the receiver drops it, or is thought to: then it counts as captured, and for nothing else. */
    private static boolean isRefused(
            Connection c, Segment s, Observer observer, @Nullable Phase before, long position, Findings found) {
        if (before == null || before == Phase.OPENING || before.isOver()) {
            return false;
        }
        End end = c.end(s.fromLow());
        long stop = position + s.length();
        Window.Verdict verdict = Window.judge(c, observer, s.fromLow(), position, stop);
        if (verdict == Window.Verdict.AHEAD) {
            End peer = c.end(!s.fromLow());
            long finAck = s.has(Flags.FIN) && s.has(Flags.ACK) ? peer.position(s.ack()) : -1;
            if (Window.isBorneOut(c, end, peer, false, position, stop, finAck)) {
                end.rightEdge = -1;
                return false;
            }
        }
        if (verdict == Window.Verdict.UNKNOWN || verdict == Window.Verdict.INSIDE) {
            return false;
        }
        if (s.length() > 0) {
            long off = verdict == Window.Verdict.BEHIND ? stop - end.highest : position - end.rightEdge;
            boolean certain = verdict == Window.Verdict.BEHIND;
            found.add(
                    s.has(Flags.FIN) ? AnomalyKind.FIN_OUT_OF_WINDOW : AnomalyKind.OUT_OF_WINDOW_DATA,
                    certain ? 1 : CANNOT_TELL,
                    () -> certain
                            ? "ends " + -off + " octets before the highest that was sent: more than any window"
                            : "begins " + off + " octets beyond the receiver's window, as far as that was seen");
        }
        if (verdict == Window.Verdict.BEYOND) {
            // the window was opened by what was not captured, or is not kept: it is not known any more
            end.rightEdge = -1;
        }
        return verdict.isRefused();
    }

    private static void takeSyn(End end, End peer, Segment s, Findings found) {
        boolean bare = !s.has(Flags.ACK);
        if (bare && !end.bareSyn && peer.bareSyn) {
            found.add(AnomalyKind.SIMULTANEOUS_OPEN, () -> "both ends sent a SYN");
        }
        boolean answers = !bare && !end.synAck && peer.bareSyn;
        boolean isAnsweredAlready = bare && !end.bareSyn && peer.synAck;
        end.baseFromSyn(s.seq(), peer);
        end.syn = true;
        end.synAck |= !bare;
        end.bareSyn |= bare;
        end.synData |= s.payload() > 0;
        end.fastOpenCookie |= s.fastOpen() > 0;
        end.mss = s.mss();
        end.windowScale = s.windowScale();
        end.sackPermitted = s.sackPermitted();
        end.timestamps = s.timestampValue() >= 0;
        if (answers) {
            Openings.answered(peer.position(s.ack()), peer, found);
        } else if (isAnsweredAlready) {
            Openings.answered(end.acked, end, found);
        }
    }

    /** Returns the acknowledged position in the peer's space. */
    private static long takeAck(
            Connection c, Segment s, long own, Observer observer, @Nullable Phase before, Findings found) {
        End end = c.end(s.fromLow());
        End peer = c.end(!s.fromLow());
        if (!peer.based) {
            peer.baseFromFirst(s.ack());
            Window.advertise(end, peer, s, 1);
            return 1;
        }
        long position = peer.position(s.ack());
        if (!s.has(Flags.SYN) && isInvalidAck(c, s, observer, before, position, found)) {
            return position;
        }
        if (position - peer.highest >= TOO_FAR) {
            return position;
        }
        Window.advertise(end, peer, s, position);
        if (position > peer.acked) {
            peer.acked = position;
            peer.repeatedClock = -1;
            long missing = peer.spans.acknowledged(position);
            if (missing > 0 && peer.seen) {
                peer.lossSuspected = true;
            }
        }
        boolean unheardOf = position > 0 && position >= (peer.fin ? peer.finEnd : peer.highest + 1);
        if (unheardOf && !s.has(Flags.FIN | Flags.RST)) {
            end.acknowledgedAlone(position, own);
        }
        return position;
    }

    private static boolean isInvalidAck(
            Connection c, Segment s, Observer observer, @Nullable Phase before, long position, Findings found) {
        if (before == null || before == Phase.OPENING || before.isOver()) {
            return false;
        }
        End peer = c.end(!s.fromLow());
        Window.Verdict verdict = Window.judgeAck(c, observer, s.fromLow(), position);
        if (verdict == Window.Verdict.AHEAD
                && Window.isBorneOut(c, peer, c.end(s.fromLow()), true, position, position, -1)) {
            return false;
        }
        if (!verdict.isRefused()) {
            return false;
        }
        boolean certain = verdict == Window.Verdict.BEHIND;
        long off = certain ? peer.acked - position : position - peer.highest;
        found.add(
                AnomalyKind.INVALID_ACK,
                certain ? 1 : CANNOT_TELL,
                () -> certain
                        ? "acknowledges " + off + " octets less than before: more than any window"
                        : "acknowledges " + off + " octets more than were seen, beyond the window");
        return true;
    }

    /**
     * Zeek's letter T: payload that takes this agent's view of the end no further.
     *
     * @param restarts a SYN of an end that was established already: Zeek begins its numbers anew
     */
    private static void noteRepetition(
            Connection c, Segment s, Observer observer, End end, long position, boolean restarts) {
        Observer.Tally tally = observer.tally(s.fromLow());
        boolean first = !tally.began || restarts;
        boolean rst = s.has(Flags.RST);
        long stop = position + (rst ? 0 : s.length());
        boolean finFirst = s.has(Flags.FIN) && tally.highest == 1;
        // Zeek has noted the end of a SYN, and of a RST, before it asks whether the payload is new
        boolean old = first ? s.has(Flags.SYN | Flags.RST) : stop <= tally.highest && !finFirst;
        if (old && s.payload() > 0 && !end.hasReset()) {
            c.history.retransmission(s.fromLow(), s.fromLow() == c.originatorLow);
        }
        tally.began = true;
        if (!rst) {
            tally.highest = first ? stop : Math.max(tally.highest, stop);
        }
    }
}
