package flowstate.capture.source;

/** A count of 64 bits, from one of 32 that wraps and starts at 0 with each new capture. Not thread-safe. */
final class WrappingCount {
    private long total;
    private long latest;

    /** @param count the 32 bits, 0 to 2^32 - 1 */
    void take(long count) {
        total += (count - latest) & 0xffff_ffffL;
        latest = count;
    }

    /** The next count is of another capture. */
    void startAnew() {
        latest = 0;
    }

    long total() {
        return total;
    }
}
