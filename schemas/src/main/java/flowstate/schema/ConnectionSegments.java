package flowstate.schema;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Some segments of one connection in a {@link SegmentBatch}, in the order of capture.
 *
 * @param key the connection key's bytes, not to be changed
 * @param clock the agent's capture clock at the last of them, nanoseconds since 1970
 * @param tunnel what the first tunnelled one of them was wrapped in; null if none was
 * @param segments not to be changed
 */
public record ConnectionSegments(
        byte[] key, long clock, @Nullable String tunnel, List<TcpSegment> segments) {
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConnectionSegments c
                && Arrays.equals(key, c.key)
                && clock == c.clock
                && Objects.equals(tunnel, c.tunnel)
                && segments.equals(c.segments);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(key) + Long.hashCode(clock);
    }

    @Override
    public String toString() {
        return Arrays.toString(key) + " at " + clock + (tunnel == null ? "" : " in " + tunnel) + ": " + segments;
    }
}
