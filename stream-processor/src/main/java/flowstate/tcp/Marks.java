package flowstate.tcp;

import org.jspecify.annotations.Nullable;

/** Notes when the turning points of a connection were, for its timers and its summary. */
final class Marks {
    private Marks() {}

    /** @param seen {@code s} with the times of the agent that saw it */
    static void set(Connection c, Segment s, Segment seen, Observer observer, @Nullable Phase before) {
        handshake(c, seen, s.clockNs(), observer);
        long clock = s.clockNs();
        if (s.has(Flags.FIN) && !s.has(Flags.RST)) {
            fin(c, s, clock);
        }
        boolean finOutstanding = (c.low.fin && !c.low.finAcked()) || (c.high.fin && !c.high.finAcked());
        if (!finOutstanding) {
            c.finClock = -1;
        }
        boolean halfClosed = (c.low.finAcked() && !c.high.fin) || (c.high.finAcked() && !c.low.fin);
        if (halfClosed && c.halfClosedNs < 0) {
            c.halfClosedNs = s.robustTimeNs();
            c.halfClosedClock = clock;
        }
        if (halfClosed && (c.closeWaitClock < 0 || (s.payload() > 0 && !c.end(s.fromLow()).fin))) {
            c.closeWaitClock = clock;
        }
        boolean endsNow = c.phase().isOver() && (before == null || !before.isOver());
        // RFC 9293 section 3.10.7.8: a FIN that comes again restarts TIME_WAIT
        boolean finAgain = before == Phase.CLOSED && s.has(Flags.FIN);
        if (endsNow || finAgain) {
            c.overClock = clock;
        }
    }

    private static void fin(Connection c, Segment s, long clock) {
        if (c.finClock < 0) {
            c.finClock = clock;
        }
        boolean both = c.low.fin && c.high.fin;
        boolean onlyVisibleEnd = !c.end(!s.fromLow()).seen;
        if (c.lastFinClock < 0 && (both || onlyVisibleEnd)) {
            c.lastFinClock = clock;
        }
        if (both && c.halfClosedNs >= 0 && c.halfClosedUntilNs < 0) {
            c.halfClosedUntilNs = s.robustTimeNs();
        }
    }

    /** Each agent's round trips by its own clock: between two agents, clocks and ways differ. */
    private static void handshake(Connection c, Segment s, long clockNs, Observer o) {
        boolean fromOriginator = s.fromLow() == c.originatorLow;
        boolean opens = s.has(Flags.SYN) && !s.has(Flags.RST);
        if (opens && s.has(Flags.ACK)) {
            if (c.synAckClock < 0) {
                c.synAckClock = clockNs;
            }
            // one that comes after it was acknowledged was captured out of order: its time tells nothing; and which of
            // two was acknowledged cannot be known (Karn)
            boolean first = o.synAckNs == -1 && o.synToSynAckNs < 0 && !o.answered;
            o.synAckNs = first && Tracker.isPlausible(s) ? s.timeNs() : -2;
            if (first) {
                o.synToSynAckNs = elapsed(o.synNs, o.synAckNs);
            }
        } else if (opens) {
            boolean first = c.originator().bareSyn && o.synNs == -1 && c.startSequence >= 0;
            o.synNs = first && Tracker.isPlausible(s) ? s.timeNs() : -2;
        } else if (fromOriginator && c.originator().bareSyn) {
            if (o.synAckNs >= 0 && !o.answered && s.has(Flags.ACK) && Tracker.isPlausible(s)) {
                o.synAckToAckNs = elapsed(o.synAckNs, s.timeNs());
            }
            o.answered = true;
        }
    }

    private static long elapsed(long fromNs, long toNs) {
        return fromNs >= 0 && toNs >= fromNs ? toNs - fromNs : -1;
    }
}
