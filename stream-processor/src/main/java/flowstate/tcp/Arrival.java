package flowstate.tcp;

/** What a segment is to a connection that is already known on its 4-tuple. */
enum Arrival {
    /** It belongs to the connection. */
    BELONGS,
    /** It begins another connection on the same 4-tuple. */
    NEW_CONNECTION,
    /**
     * A SYN with another sequence number on an open connection: an old duplicate, which the receiver answers with a
     * challenge ACK (RFC 5961 section 4), unless a SYN-ACK proves otherwise.
     */
    QUESTIONABLE_SYN;

    private static final long SOONEST_RETRY_NS = 100_000_000L;

    /** By how much a segment overtakes another on its way, or in a capture of several queues or hosts. */
    static final long OVERTAKEN_NS = 100_000_000L;

    /** What may have been sent in that time. */
    private static final int OVERTAKEN_BY = 1 << 17;

    static Arrival of(Connection c, Segment s, Observer observer) {
        if (!s.has(Flags.SYN) || s.has(Flags.RST)) {
            return BELONGS;
        }
        End end = c.end(s.fromLow());
        boolean sameBase = end.based && end.base == s.seq();
        if (sameBase) {
            return retries(c, s, observer) ? NEW_CONNECTION : BELONGS;
        }
        if (!end.syn && isOvertaken(c, s, end)) {
            return BELONGS;
        }
        return s.has(Flags.ACK) ? synAck(c, s, end) : bareSyn(c, end, c.end(!s.fromLow()));
    }

    /**
     * Whether a SYN or SYN-ACK was captured behind what it comes before: it ends just where that begins (a Fast Open SYN
     * and its SYN-ACK), or a little before, and little time has passed.
     */
    private static boolean isOvertaken(Connection c, Segment s, End end) {
        int ahead = end.base - s.seq();
        boolean close = ahead >= 0 && ahead < OVERTAKEN_BY && s.clockNs() - c.startClock < OVERTAKEN_NS;
        return end.based && (close || end.base + 1 == s.end());
    }

    /**
     * Whether a SYN tries again, with its old number, what a RST has ended. Some systems do (Windows, three times, half
     * a second apart); anything sooner is a copy of the SYN that was answered, and so is the first that a second agent shows,
     * and one that was stamped no later.
     */
    private static boolean retries(Connection c, Segment s, Observer observer) {
        boolean reset = c.phase() == Phase.RESET || c.phase() == Phase.REJECTED;
        boolean copy = !c.isAlone(observer) && (!observer.flow(s.fromLow()).has(Flow.SYN) || !observer.isComparable());
        End end = c.end(s.fromLow());
        boolean stampedNoLater = end.isStampedAs(s) && end.stampedAhead(s) <= 0;
        return reset && !copy && !stampedNoLater && !s.has(Flags.ACK) && s.clockNs() - c.overClock > SOONEST_RETRY_NS;
    }

    private static Arrival bareSyn(Connection c, End end, End peer) {
        return switch (c.phase()) {
            case CLOSED, RESET, REJECTED -> NEW_CONNECTION;
            case OPENING -> {
                // another attempt, unless it crosses the peer's SYN: a simultaneous open
                boolean crosses = !end.syn && peer.bareSyn;
                yield crosses ? BELONGS : NEW_CONNECTION;
            }
            // of a connection joined midstream the numbers are not known well enough to doubt a SYN
            // and where a RST waits for what the receiver does, a SYN shows that the receiver has closed
            case ESTABLISHED, HALF_CLOSED, CLOSING ->
                end.syn && !end.rstPending && !peer.rstPending ? QUESTIONABLE_SYN : NEW_CONNECTION;
        };
    }

    private static Arrival synAck(Connection c, Segment s, End end) {
        Segment pending = c.pendingSyn;
        if (pending != null && pending.fromLow() != s.fromLow() && s.ack() == pending.seq() + 1) {
            return NEW_CONNECTION;
        }
        return switch (c.phase()) {
            case CLOSED -> NEW_CONNECTION;
            case RESET, REJECTED -> end.syn ? NEW_CONNECTION : BELONGS;
            case OPENING -> BELONGS;
            case ESTABLISHED, HALF_CLOSED, CLOSING -> end.syn || !end.seen ? BELONGS : NEW_CONNECTION;
        };
    }
}
