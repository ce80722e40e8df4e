package flowstate.schema;

import java.time.Instant;

/** Times as the topics have them: nanoseconds since 1970-01-01T00:00Z, up to the year 2262. */
public final class EpochNanos {
    private static final long A_SECOND = 1_000_000_000;

    private EpochNanos() {}

    /** This machine's clock. */
    public static long now() {
        return of(Instant.now());
    }

    public static long of(Instant time) {
        return time.getEpochSecond() * A_SECOND + time.getNano();
    }
}
