package flowstate.tcp;

/**
 * The latest segments that one agent saw, to find each again among another's. Not stored: after a restart a few matches
 * are missed, and nothing else.
 */
final class Recent {
    /** Agents on one path publish within a second of each other; that many more segments may lie between. */
    private static final int SIZE = 32;

    private final long[] prints = new long[SIZE];
    private final long[] timesNs = new long[SIZE];
    private int next;

    /** What tells a segment from its neighbours: all that does not change on its way. Never 0. */
    static long print(Segment s) {
        long numbers = (long) s.seq() << 32 | s.ack() & 0xffffffffL;
        long rest = (long) s.flags() << 40 | (long) s.payload() << 20 | (long) s.window() << 1 | (s.fromLow() ? 1 : 0);
        long mixed = numbers * 0x9e3779b97f4a7c15L + rest + s.timestampValue() * 0xc2b2ae3d27d4eb4fL;
        return (mixed ^ mixed >>> 29) | 1;
    }

    /** When a segment was seen for the first time; {@link Long#MIN_VALUE} if it was not, or too long ago. */
    long timeOf(long print) {
        for (int i = 0; i < SIZE; i++) {
            if (prints[i] == print) {
                return timesNs[i];
            }
        }
        return Long.MIN_VALUE;
    }

    void add(long print, long timeNs) {
        prints[next] = print;
        timesNs[next] = timeNs;
        next = (next + 1) % SIZE;
    }
}
