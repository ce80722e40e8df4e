package flowstate.tcp;

/**
 * The numbers of the connection that had the 4-tuple before this one. An agent may tell of a whole old connection when another
 * has already told how the next began: what it then shows is not of this one.
 *
 * @param lowBase initial sequence number of the key's low end
 * @param lowLength how many numbers that end used; -1: nothing of it was seen
 * @param highBase the same of the high end
 * @param highLength the same of the high end
 */
record Former(int lowBase, long lowLength, int highBase, long highLength) {
    static Former of(Connection c) {
        return new Former(c.low.base, length(c.low), c.high.base, length(c.high));
    }

    private static long length(End end) {
        return end.based ? Math.max(end.highest, end.acked) : -1;
    }

    /** Whether a segment of an agent that has shown nothing of {@code c} is a late copy of the old connection's. */
    static boolean has(Connection c, Segment s, String agent) {
        Former former = c.former;
        if (former == null || c.observerNamed(agent) != null) {
            return false;
        }
        boolean ofThis = fits(c.end(s.fromLow()), s.seq()) && (!s.has(Flags.ACK) || fits(c.end(!s.fromLow()), s.ack()));
        return !ofThis && former.fits(s);
    }

    /** What nothing is known of fits. */
    private static boolean fits(End end, int number) {
        return !end.based || isWithin(number - end.base, Math.max(end.highest, end.rightEdge));
    }

    private boolean fits(Segment s) {
        boolean from = fits(s.fromLow(), s.seq());
        // the number of a RST that refuses is 0, and its acknowledgement tells
        return s.has(Flags.ACK) ? fits(!s.fromLow(), s.ack()) && (from || s.has(Flags.RST)) : from;
    }

    private boolean fits(boolean low, int number) {
        return isWithin(number - (low ? lowBase : highBase), low ? lowLength : highLength);
    }

    private static boolean isWithin(int offset, long length) {
        return length >= 0 && Integer.toUnsignedLong(offset) <= length + 1;
    }
}
