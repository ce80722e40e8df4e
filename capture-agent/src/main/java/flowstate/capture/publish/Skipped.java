package flowstate.capture.publish;

import flowstate.capture.decode.SkipReason;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** Packets that are no TCP segments, by reason, as every account counts them. */
final class Skipped {
    private Skipped() {}

    /** The reasons that occurred, in their own order; unmodifiable. */
    static Map<SkipReason, Long> occurred(Map<SkipReason, Long> counts) {
        Map<SkipReason, Long> occurred = new EnumMap<>(SkipReason.class);
        counts.forEach((reason, count) -> {
            if (count != 0) {
                occurred.put(reason, count);
            }
        });
        return Collections.unmodifiableMap(occurred);
    }

    /** For all reasons together. */
    static long inAll(Map<SkipReason, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
