package flowstate.topology;

import flowstate.tcp.Standing;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/** How many connections an instance holds, by how they stand, and whether it is ending many. Thread-safe. */
final class OpenConnections {
    private final Set<OfPartition> partitions = ConcurrentHashMap.newKeySet();

    /** Those of one partition, counted by its thread, asked about by any. */
    final class OfPartition {
        private final AtomicLongArray counts = new AtomicLongArray(Standing.values().length);
        private volatile boolean ending;

        /** A connection stands otherwise than before; null stands for none. */
        void moved(@Nullable Standing before, @Nullable Standing now) {
            if (before != now) {
                add(before, -1);
                add(now, 1);
            }
        }

        private void add(@Nullable Standing standing, long by) {
            if (standing != null) {
                int at = standing.ordinal();
                // one thread writes: an ordered store will do
                counts.lazySet(at, counts.get(at) + by);
            }
        }

        /** Whether there is an agent that is done of which not all has ended, or is not committed. */
        void ending(boolean isEnding) {
            ending = isEnding;
        }

        /** The partition has gone elsewhere. */
        void leave() {
            partitions.remove(this);
        }
    }

    OfPartition ofPartition() {
        OfPartition added = new OfPartition();
        partitions.add(added);
        return added;
    }

    /** Whether there is an agent that is done of which not all has ended, or is not committed. */
    boolean isEnding() {
        return partitions.stream().anyMatch(each -> each.ending);
    }

    long count(Standing standing) {
        return partitions.stream()
                .mapToLong(each -> each.counts.get(standing.ordinal()))
                .sum();
    }
}
