package flowstate.capture.publish;

import java.time.Duration;

/**
 * When segments leave in batches; checked when built.
 *
 * @param segments of one connection in one batch, at most
 * @param linger how long a batch is open, at most, by the capture's clock
 * @param open batches that are open at one time, at most; beyond it the oldest leaves early. Each holds up to
 *     {@code segments} segments of some 200 octets.
 * @param progressInterval how far the capture's clock goes between two progress records of a partition
 */
public record Batching(int segments, Duration linger, int open, Duration progressInterval) {
    /** 16 segments or 50 ms, as measured for the best rate; progress each second. */
    public static final Batching DEFAULT = new Batching(16, Duration.ofMillis(50), 65_536, Duration.ofSeconds(1));

    /**
     * Checks each value.
     *
     * @throws IllegalArgumentException with the rule, the value and the consequence in one line
     */
    public Batching {
        require(
                segments >= 1 && segments <= 1024,
                "segments in a batch must be 1..1024, was %d: a record could outgrow what brokers take",
                segments);
        requirePositive("linger", linger, "no batch could hold two segments");
        require(open >= 1, "open batches must be at least 1, was %d: no segment could be held", open);
        requirePositive("progress interval", progressInterval, "each packet would cost a record on each partition");
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
