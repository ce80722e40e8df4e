package flowstate.tcp;

/**
 * How much later than the first agent another one sees the same segments: the difference of their clocks, and the way
 * between them. Per direction the least and the most of the latest {@value #WINDOW} differences are kept.
 *
 * <p>What one end sends reaches the nearer agent first; so one direction's differences are all above the clocks'
 * difference, the other's all below. Between the two lies the offset; what separates them is the time that a segment and
 * its answer spend between the agents, whatever their clocks. Only the least delayed of each direction count: a lost
 * first copy cannot mislead. Times in nanoseconds.
 */
final class Lag {
    /** Differences after which a direction begins anew: clocks drift. */
    static final int WINDOW = 128;

    /** A difference of one direction alone is the way, and not the clocks, as long as it is no larger. */
    private static final long LONGEST_WAY_NS = 1_000_000_000L;

    /** Two agents that are nearer than this cannot be told apart by time. */
    private static final long NEAREST_NS = 20_000;

    final Differences low = new Differences();
    final Differences high = new Differences();

    /** The differences of one direction. */
    static final class Differences {
        int count;
        long least;
        long most;

        private void add(long ns) {
            boolean first = count == 0 || count == WINDOW;
            least = first ? ns : Math.min(least, ns);
            most = first ? ns : Math.max(most, ns);
            count = first ? 1 : count + 1;
        }
    }

    Differences of(boolean fromLow) {
        return fromLow ? low : high;
    }

    void add(boolean fromLow, long laterByNs) {
        of(fromLow).add(laterByNs);
    }

    /** Whether anything was seen by both. */
    boolean known() {
        return low.count > 0 || high.count > 0;
    }

    /** Whether no more than one segment was seen by both. */
    boolean restsOnOne() {
        return low.count + high.count <= 1;
    }

    boolean knownBothWays() {
        return low.count > 0 && high.count > 0;
    }

    private long firstNearLow() {
        return low.least - high.most;
    }

    private long firstNearHigh() {
        return high.least - low.most;
    }

    /** What a segment and its answer spend between the two agents; 0 if they are at one place, -1 if it is not known. */
    long roundTripNs() {
        return knownBothWays() ? Math.max(0, Math.max(firstNearLow(), firstNearHigh())) : -1;
    }

    /** Whether what the low end sends passes the first agent before this one; with false, see {@link #tellsOrder}. */
    boolean firstIsNearLow() {
        return firstNearLow() >= firstNearHigh();
    }

    /** Whether it can be told which of the two is nearer to which end. */
    boolean tellsOrder() {
        return roundTripNs() >= NEAREST_NS;
    }

    /** How far this agent's clock is ahead of the first's; 0 where that they agree is not contradicted. */
    long offsetNs() {
        if (!knownBothWays()) {
            long only = low.count > 0 ? low.least : high.count > 0 ? high.least : 0;
            return Math.abs(only) <= LONGEST_WAY_NS ? 0 : only;
        }
        long above = firstIsNearLow() ? low.least : high.least;
        long below = firstIsNearLow() ? high.most : low.most;
        boolean agree = Math.min(above, below) <= 0 && Math.max(above, below) >= 0;
        return agree ? 0 : below + (above - below) / 2;
    }
}
