package flowstate.tcp;

import org.jspecify.annotations.Nullable;

/** Merges one segment into the facts about both ends, and finds what is odd about it. */
final class Merge {
    /** Acknowledgements further ahead than any window are not believed. */
    private static final long TOO_FAR = 1L << 30;

    /** RFC 7323 section 2.3: a larger shift is used as this. */
    private static final int MAX_WINDOW_SCALE = 14;

    private Merge() {}

    static void merge(Connection c, Segment s, Observer observer, @Nullable Phase before, Findings found) {
        End end = c.end(s.fromLow());
        End peer = c.end(!s.fromLow());
        boolean fromOriginator = s.fromLow() == c.originatorLow;
        Outcome.Condition endCondition = Outcome.condition(end, peer);
        Outcome.Condition peerCondition = Outcome.condition(peer, end);
        boolean knownBefore = end.based;
        boolean opens = s.has(Flags.SYN) && !s.has(Flags.RST);
        boolean simultaneous = opens && takeSyn(end, peer, s);
        boolean onlyAcknowledged = !end.seen && !s.has(Flags.SYN | Flags.RST);
        if (!end.based || onlyAcknowledged) {
            end.baseFromFirst(s.seq());
        }
        end.seen = true;
        long position = end.position(s.seq());

        c.history.segment(s, position, fromOriginator);
        if (s.window() == 0
                && !s.has(Flags.RST)
                && peerCondition != Outcome.Condition.CLOSED
                && endCondition != Outcome.Condition.RESET) {
            c.history.zeroWindow(s.fromLow(), fromOriginator);
        }

        boolean rst = s.has(Flags.RST);
        boolean rstCounts = rst && rstCounts(c, s, end, peer, position, knownBefore);
        long acknowledged = s.has(Flags.ACK) ? takeAck(c, s, end, peer, before, fromOriginator) : -1;
        noteRepetition(c, s, observer, end, position, opens && endCondition == Outcome.Condition.ESTABLISHED);
        if (!rst || rstCounts) {
            end.sent(position, s);
        }
        if (!rst) {
            end.window = s.window();
            end.sentData |= s.payload() > 0;
            takeFin(s, end, position, acknowledged);
        } else if (rstCounts && before != Phase.CLOSED) {
            end.rst = true;
            end.rstRefuted = false;
            end.rstPosition = position;
        }
        String sender = c.role(s.fromLow()).word();
        if (simultaneous) {
            found.add(AnomalyKind.SIMULTANEOUS_OPEN, () -> "both ends sent a SYN");
        }
        if (rst && !rstCounts) {
            found.add(
                    AnomalyKind.RST_OUT_OF_WINDOW,
                    () -> "a RST of the " + sender + " is outside the window: the receiver must ignore it");
        } else if (rst && (end.fin || peer.fin)) {
            found.add(AnomalyKind.RST_AFTER_FIN, () -> "the " + sender + " sent a RST after a FIN");
        }
    }

    /** Returns whether it makes the open a simultaneous one. */
    private static boolean takeSyn(End end, End peer, Segment s) {
        boolean bare = !s.has(Flags.ACK);
        boolean simultaneous = bare && !end.bareSyn && peer.bareSyn;
        end.baseFromSyn(s.seq());
        end.syn = true;
        end.synAck |= !bare;
        end.bareSyn |= bare;
        end.synData |= s.payload() > 0;
        end.mss = s.mss();
        end.windowScale = s.windowScale();
        end.sackPermitted = s.sackPermitted();
        end.timestamps = s.timestampValue() >= 0;
        return simultaneous;
    }

    /** Returns the acknowledged position in the peer's space. */
    private static long takeAck(
            Connection c, Segment s, End end, End peer, @Nullable Phase before, boolean fromOriginator) {
        if (!peer.based) {
            peer.baseFromFirst(s.ack());
            return 1;
        }
        long position = peer.position(s.ack());
        // an acknowledgement number in a RST may be made up: only the sequence number is checked by the receiver
        boolean news = !s.has(Flags.RST) && position > peer.acked && position - peer.highest < TOO_FAR;
        if (news) {
            peer.acked = position;
            peer.repeatedClock = -1;
            long missing = peer.spans.acknowledged(position);
            if (missing > 0 && peer.seen) {
                peer.lossSuspected = true;
            }
            if (peer.finAcked() && !end.fin && !s.has(Flags.FIN)) {
                peer.finAckedAlone = true;
            }
        }
        return position;
    }

    private static void takeFin(Segment s, End end, long position, long acknowledged) {
        if (!s.has(Flags.FIN) || end.hasReset()) {
            return;
        }
        if (!end.fin) {
            end.fin = true;
            end.finEnd = position + s.length();
            end.finAck = acknowledged;
        } else {
            end.finAck = Math.min(end.finAck, acknowledged);
        }
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

    /**
     * Whether the receiver has to believe a RST: in SYN_SENT if it acknowledges the SYN (RFC 9293 section 3.10.7.3), else
     * if it is in the window (RFC 5961 section 3.2).
     */
    private static boolean rstCounts(Connection c, Segment s, End end, End peer, long position, boolean knownBefore) {
        boolean peerAwaitsSynAck = peer.syn && !peer.synAck && !end.syn && !end.sentData;
        if (peerAwaitsSynAck) {
            long acknowledged = peer.position(s.ack());
            return s.has(Flags.ACK) && acknowledged >= 1 && acknowledged <= peer.highest;
        }
        if (!knownBefore) {
            return true;
        }
        int scale = 0;
        if (peer.windowScale >= 0 && end.windowScale >= 0) {
            scale = Math.min(peer.windowScale, MAX_WINDOW_SCALE);
        } else if (!peer.syn || !end.syn) {
            scale = MAX_WINDOW_SCALE;
        }
        long right = Math.max(end.highest, end.acked + ((long) peer.window << scale));
        return position >= end.acked && position <= right;
    }
}
