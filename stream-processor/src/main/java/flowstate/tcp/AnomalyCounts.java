package flowstate.tcp;

import java.util.Arrays;

/** How often each kind of anomaly was found in a connection. Few kinds occur in one: only those take space. */
final class AnomalyCounts {
    /** The kind's ordinal stands above this many bits, its count below. */
    private static final int COUNT_BITS = 56;

    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;
    private static final long[] NONE = {};
    private static final AnomalyKind[] KINDS = AnomalyKind.values();

    /** One for each kind found, in the order in which they were found first. */
    private long[] entries = NONE;

    /** Counts one more; returns how many there are. */
    long add(AnomalyKind kind) {
        for (int i = 0; i < entries.length; i++) {
            if (entries[i] >>> COUNT_BITS == kind.ordinal()) {
                return ++entries[i] & COUNT_MASK;
            }
        }
        put(kind, 1);
        return 1;
    }

    /** How many were found; 0 for a kind that was not. */
    long of(AnomalyKind kind) {
        for (long entry : entries) {
            if (entry >>> COUNT_BITS == kind.ordinal()) {
                return entry & COUNT_MASK;
            }
        }
        return 0;
    }

    int size() {
        return entries.length;
    }

    AnomalyKind kind(int i) {
        return KINDS[(int) (entries[i] >>> COUNT_BITS)];
    }

    long count(int i) {
        return entries[i] & COUNT_MASK;
    }

    /** Adds a kind that is not there yet. */
    void put(AnomalyKind kind, long count) {
        entries = Arrays.copyOf(entries, entries.length + 1);
        entries[entries.length - 1] = (long) kind.ordinal() << COUNT_BITS | count;
    }
}
