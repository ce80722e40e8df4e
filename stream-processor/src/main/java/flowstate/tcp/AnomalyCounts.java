package flowstate.tcp;

import java.util.Arrays;

/** How often each kind of anomaly was found in a connection. Few kinds occur in one: only those take space. */
final class AnomalyCounts {
    /** The kind's ordinal stands above this many bits, its count below. */
    private static final int COUNT_BITS = 56;

    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;
    private static final long[] NONE = {};

    /** One for each kind found, in the order in which they were found first. */
    private long[] entries = NONE;

    /** Counts one more; returns how many there are. */
    long add(AnomalyKind kind) {
        for (int i = 0; i < entries.length; i++) {
            if (entries[i] >>> COUNT_BITS == kind.ordinal()) {
                return ++entries[i] & COUNT_MASK;
            }
        }
        entries = Arrays.copyOf(entries, entries.length + 1);
        entries[entries.length - 1] = (long) kind.ordinal() << COUNT_BITS | 1;
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

    void set(AnomalyCounts other) {
        entries = other.entries.clone();
    }

    int size() {
        return entries.length;
    }

    /** As octets: how many kinds, then pairs of ordinal and count. */
    void put(Octets out) {
        out.put(entries.length);
        for (long entry : entries) {
            out.put(entry >>> COUNT_BITS);
            out.put(entry & COUNT_MASK);
        }
    }

    void take(Octets in) {
        entries = new long[in.takeInt()];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = in.take() << COUNT_BITS | in.take();
        }
    }
}
