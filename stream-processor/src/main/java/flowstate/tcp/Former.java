package flowstate.tcp;

import org.jspecify.annotations.Nullable;

/**
 * The numbers of the connection that had the 4-tuple before this one. An agent may tell of whole old connections when another
 * has already told how the next began: what it then shows is not of this one.
 *
 * @param lowBase initial sequence number of the key's low end
 * @param lowLength how many numbers that end used; -1: nothing of it was seen
 * @param highBase the same of the high end
 * @param highLength the same of the high end
 * @param before the one before it; null where there was none, or it is too long ago
 */
record Former(
        int lowBase,
        long lowLength,
        int highBase,
        long highLength,
        @Nullable Former before) {
    /** As many short connections of one 4-tuple as an agent may show in one batch, and some to spare. */
    private static final int MOST = 8;

    static Former of(Connection c) {
        Former before = first(c.former, MOST - 1);
        return new Former(c.low.base, length(c.low), c.high.base, length(c.high), before);
    }

    private static @Nullable Former first(@Nullable Former f, int most) {
        if (f == null || most == 0) {
            return null;
        }
        return new Former(f.lowBase, f.lowLength, f.highBase, f.highLength, first(f.before, most - 1));
    }

    private static long length(End end) {
        return end.based ? Math.max(end.highest, end.acked) : -1;
    }

    /**
     * Whether a segment is of an old connection: a late copy of another agent's, or what an end of it still sends, as one in
     * TIME_WAIT that does not take the new SYN.
     */
    static boolean has(Connection c, Segment s) {
        if (c.former == null || isOfThis(c, s)) {
            return false;
        }
        for (Former f = c.former; f != null; f = f.before) {
            if (f.fits(s)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOfThis(Connection c, Segment s) {
        End end = c.end(s.fromLow());
        boolean stampedAfter = end.isStampedAs(s) && end.stampedAhead(s) > 0;
        return stampedAfter || fits(end, s.seq()) && (!s.has(Flags.ACK) || fits(c.end(!s.fromLow()), s.ack()));
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
