package flowstate.tcp;

import org.jspecify.annotations.Nullable;

/** Notes when the turning points of a connection were, for its timers and its summary. */
final class Marks {
    private Marks() {}

    static void set(Connection c, Segment s, @Nullable Phase before) {
        handshake(c, s);
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

    private static void handshake(Connection c, Segment s) {
        boolean fromOriginator = s.fromLow() == c.originatorLow;
        if (s.has(Flags.SYN) && !s.has(Flags.RST)) {
            if (s.has(Flags.ACK)) {
                if (c.synAckClock < 0) {
                    c.synAckClock = s.clockNs();
                    // one that comes after it was acknowledged was captured out of order: its time tells nothing
                    c.synAckNs = Tracker.isPlausible(s) && !c.wasEstablished ? s.timeNs() : -1;
                    c.synToSynAckNs = elapsed(c.synNs, c.synAckNs);
                } else {
                    // which of them was acknowledged cannot be known (Karn)
                    c.synAckNs = -1;
                }
            } else {
                boolean first = c.originator().bareSyn && c.synNs == -1 && c.startSequence >= 0;
                c.synNs = first && Tracker.isPlausible(s) ? s.timeNs() : -2;
            }
        } else if (fromOriginator && c.synAckNs >= 0 && c.synAckToAckNs < 0 && c.originator().bareSyn) {
            c.synAckToAckNs = s.has(Flags.ACK) && Tracker.isPlausible(s) ? elapsed(c.synAckNs, s.timeNs()) : -1;
            c.synAckNs = -1;
        }
    }

    private static long elapsed(long fromNs, long toNs) {
        return fromNs >= 0 && toNs >= fromNs ? toNs - fromNs : -1;
    }
}
