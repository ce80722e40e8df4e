package flowstate.capture.publish;

import java.time.Duration;

/**
 * When segments leave; checked when built.
 *
 * @param segments of one connection that are told together, at most
 * @param linger how long they wait for more, by the capture's clock, at least
 * @param sweep how often it is looked whose linger is over
 * @param open connections with segments that wait, at most; beyond it the oldest go early. Each has up to {@code segments}
 *     segments of some 20 octets.
 * @param progressInterval how far the capture's clock goes between two progress records of a partition
 */
public record Batching(int segments, Duration linger, Duration sweep, int open, Duration progressInterval) {
    /** 16 segments or 50 ms, as measured for the best rate; progress each second. */
    public static final Batching DEFAULT = new Batching(16, Duration.ofMillis(50), 65_536, Duration.ofSeconds(1));

    /**
     * For months on a host that has other things to do: ten times a second all that is there leaves together. Each time
     * costs a request to the broker and wakes four threads, whatever is in it.
     */
    public static final Batching LIVE =
            new Batching(32, Duration.ofMillis(10), Duration.ofMillis(100), 65_536, Duration.ofSeconds(1));

    private static final int SWEEPS_IN_A_LINGER = 5;

    /**
     * Checks each value.
     *
     * @throws IllegalArgumentException with the rule, the value and the consequence in one line
     */
    public Batching {
        require(
                segments >= 1 && segments <= 1024,
                "segments of a connection must be 1..1024, was %d: a record could outgrow what brokers take",
                segments);
        requirePositive("linger", linger, "no two segments could be told together");
        requirePositive("sweep", sweep, "each packet would look at all that is open");
        require(open >= 1, "open connections must be at least 1, was %d: no segment could be held", open);
        requirePositive("progress interval", progressInterval, "each packet would cost a record on each partition");
    }

    /** One that looks each fifth of the linger. */
    public Batching(int segments, Duration linger, int open, Duration progressInterval) {
        this(segments, linger, linger.dividedBy(SWEEPS_IN_A_LINGER), open, progressInterval);
    }

    private static void require(boolean holds, String message, Object... values) {
        if (!holds) {
            throw new IllegalArgumentException(String.format(message, values));
        }
    }

    private static void requirePositive(String what, Duration duration, String consequence) {
        require(
                !duration.isNegative() && !duration.isZero(),
                "%s must be above zero, was %s: %s",
                what,
                duration,
                consequence);
    }
}
