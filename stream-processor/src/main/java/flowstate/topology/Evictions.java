package flowstate.topology;

import java.time.Duration;

/**
 * Counts the connections of a partition that were let go of for lack of room, in a row: a row ends where there was room for all
 * for a minute of this machine's clock. On the heap alone: it begins anew after a restart. One thread.
 */
final class Evictions {
    static final Duration PAUSE = Duration.ofMinutes(1);

    private long inARow;
    private long latestMs;

    /** Counts one more; returns how many there are. */
    long add(long nowMs) {
        inARow = nowMs - latestMs > PAUSE.toMillis() ? 1 : inARow + 1;
        latestMs = nowMs;
        return inARow;
    }
}
