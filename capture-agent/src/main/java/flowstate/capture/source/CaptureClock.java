package flowstate.capture.source;

/**
 * Tells how far capture time has come, from packet times that may lie: the low watermark of {@link RawPacket#clockNs}.
 *
 * <p>Packets enter a window of look-ahead with {@link #add} and leave it in the same order with {@link #next}, which
 * answers the lowest time in the window that is not behind the clock already. So
 *
 * <ul>
 *   <li>in a capture that is in order, the clock is each packet's own time;
 *   <li>packets out of order by less than the window are waited for;
 *   <li>a packet too far in the future never moves the clock, because later packets in the window say less;
 *   <li>a packet too far in the past is late, whatever one does: the clock stands still on it and others do not wait;
 *   <li>the clock never goes back.
 * </ul>
 *
 * <p>Two places have no neighbours on one side and need a rule of their own. At the start, one packet more than an hour
 * before all others of the first window does not hold the clock back, unless it is the first. At the end, one last packet
 * more than an hour ahead does not move it, unless a second one agrees.
 *
 * <p>Times are nanoseconds since 1970; every {@code long} is allowed. Not thread-safe.
 */
final class CaptureClock {
    /**
     * A step that one packet alone cannot make where it has no neighbours. In a capture that goes on, an hour without a
     * packet and then a single one is rarer than a wrong time; and where the guess is wrong, the end of the capture
     * comes next and settles what the clock did not.
     */
    static final long LONE_STEP_NS = 3_600_000_000_000L;

    private final int mask;

    /** Time of each packet in the window, at its number modulo the ring's size. */
    private final long[] times;

    /**
     * Numbers of those packets in the window that no later packet undercuts; their times rise, so the first is the
     * lowest. A packet behind the clock is never in it.
     */
    private final long[] lows;

    private long lowsTaken;
    private long lowsAdded;
    private long taken;
    private long added;
    private boolean ended;
    private long clockNs = Long.MIN_VALUE;

    /** @param window most packets that are ever in the window, at least 1 */
    CaptureClock(int window) {
        int size = Integer.highestOneBit(window) << 1;
        mask = size - 1;
        times = new long[size];
        lows = new long[size];
    }

    /** The next packet enters the window. */
    void add(long timeNs) {
        long number = added++;
        times[index(number)] = timeNs;
        if (taken > 0) {
            consider(number);
        }
    }

    /** No packet enters any more. */
    void end() {
        ended = true;
    }

    /** The oldest packet leaves the window, which must not be empty; returns how far time has come with it. */
    long next() {
        boolean first = taken == 0;
        if (first) {
            start();
        }
        long number = taken++;
        if (lowsTaken == lowsAdded) {
            return clockNs;
        }
        long candidate = lows[index(lowsTaken)];
        long low = times[index(candidate)];
        // a late packet takes nothing forward: what comes after it does that
        if (times[index(number)] >= clockNs && (first || !isLoneStepAtEnd(low, number))) {
            clockNs = low;
        }
        if (candidate == number) {
            lowsTaken++;
        }
        return clockNs;
    }

    private void start() {
        long outlier = loneEarlyPacket();
        for (long number = 0; number < added; number++) {
            if (number != outlier) {
                consider(number);
            }
        }
    }

    /** The packet in the first window that is by itself far before all others, or -1. */
    private long loneEarlyPacket() {
        if (added < 3) {
            // of two packets, nobody can say which one is wrong
            return -1;
        }
        long lowest = 0;
        for (long number = 1; number < added; number++) {
            if (times[index(number)] < times[index(lowest)]) {
                lowest = number;
            }
        }
        long second = Long.MAX_VALUE;
        for (long number = 0; number < added; number++) {
            if (number != lowest) {
                second = Math.min(second, times[index(number)]);
            }
        }
        return lowest > 0 && isFarBeyond(second, times[index(lowest)]) ? lowest : -1;
    }

    private void consider(long number) {
        long timeNs = times[index(number)];
        if (timeNs < clockNs) {
            return;
        }
        while (lowsAdded > lowsTaken && times[index(lows[index(lowsAdded - 1)])] >= timeNs) {
            lowsAdded--;
        }
        lows[index(lowsAdded++)] = number;
    }

    private boolean isLoneStepAtEnd(long low, long oldest) {
        if (!ended || !isFarBeyond(low, clockNs)) {
            return false;
        }
        int agreeing = 0;
        for (long number = oldest; number < added; number++) {
            if (times[index(number)] >= low) {
                agreeing++;
            }
        }
        return agreeing < 2;
    }

    private static boolean isFarBeyond(long later, long earlier) {
        // a difference below 0 is one that does not fit: the two are centuries apart
        return later > earlier && (later - earlier > LONE_STEP_NS || later - earlier < 0);
    }

    private int index(long number) {
        return (int) number & mask;
    }
}
