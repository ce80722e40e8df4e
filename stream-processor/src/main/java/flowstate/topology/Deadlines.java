package flowstate.topology;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * When which connection is to be looked at, by the clock of which agent: a heap for each agent, in order of time, and of
 * the connections' keys where times are equal. Some 12 octets and the key a connection.
 *
 * <p>On the Java heap only: each stored connection knows its own deadline, so that these are made anew from the
 * connections after a restart. Not thread-safe.
 */
final class Deadlines {
    /**
     * A connection's deadline.
     *
     * @param atNs by the agent's clock, nanoseconds since 1970
     * @param connection the connection key's bytes, not to be changed
     */
    record Deadline(long atNs, byte[] connection) implements Comparable<Deadline> {
        @Override
        public int compareTo(Deadline other) {
            int order = Long.compare(atNs, other.atNs);
            return order != 0 ? order : Arrays.compareUnsigned(connection, other.connection);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Deadline d && atNs == d.atNs && Arrays.equals(connection, d.connection);
        }

        @Override
        public int hashCode() {
            return DeadlineSet.hash(atNs, connection);
        }
    }

    private final Map<String, Heap> byAgent = new HashMap<>();

    /** Adds a deadline. */
    void put(String agent, long atNs, byte[] connection) {
        byAgent.computeIfAbsent(agent, name -> new Heap()).add(atNs, connection);
    }

    /** Removes one that was added. */
    void delete(String agent, long atNs, byte[] connection) {
        Heap heap = byAgent.get(agent);
        if (heap != null) {
            heap.delete(atNs, connection);
        }
    }

    /**
     * Takes out the next deadline of an agent that is over by {@code clockNs}; null if there is none.
     */
    @Nullable
    Deadline takeDue(String agent, long clockNs) {
        Heap heap = byAgent.get(agent);
        return heap == null ? null : heap.take(clockNs);
    }

    /** Hands over the connection key's bytes of each deadline of an agent, in no order. No deadline may change meanwhile. */
    void each(String agent, Consumer<byte[]> visit) {
        Heap heap = byAgent.get(agent);
        if (heap != null) {
            heap.each(visit);
        }
    }

    void forget(String agent) {
        byAgent.remove(agent);
    }

    /** A binary heap in two arrays: the least deadline first. */
    private static final class Heap {
        private static final int FEW = 1_000;

        private long[] times = new long[16];
        private byte[][] connections = new byte[16][];
        private int size;
        /** Deleted, but still in the heap: few are, as a deadline is usually left to pass. */
        private final DeadlineSet deleted = new DeadlineSet();

        void add(long atNs, byte[] connection) {
            // one that comes again is as good as new
            if (deleted.remove(atNs, connection)) {
                return;
            }
            if (size == times.length) {
                times = Arrays.copyOf(times, 2 * size);
                connections = Arrays.copyOf(connections, 2 * size);
            }
            int at = size++;
            while (at > 0 && before(atNs, connection, (at - 1) / 2)) {
                move((at - 1) / 2, at);
                at = (at - 1) / 2;
            }
            times[at] = atNs;
            connections[at] = connection;
        }

        void delete(long atNs, byte[] connection) {
            deleted.add(atNs, connection);
            if (deleted.size() > FEW && deleted.size() > size / 2) {
                dropDeleted();
            }
        }

        private void dropDeleted() {
            int kept = 0;
            for (int i = 0; i < size; i++) {
                if (!deleted.contains(times[i], connections[i])) {
                    move(i, kept++);
                }
            }
            Arrays.fill(connections, kept, size, null);
            size = kept;
            deleted.clear();
            // from the last that has children: those below are heaps by then
            for (int i = size / 2 - 1; i >= 0; i--) {
                sink(i, times[i], connections[i]);
            }
        }

        @Nullable
        Deadline take(long clockNs) {
            while (size > 0 && times[0] <= clockNs) {
                Deadline least = new Deadline(times[0], connections[0]);
                removeLeast();
                if (!deleted.remove(least.atNs(), least.connection())) {
                    return least;
                }
            }
            return null;
        }

        private void removeLeast() {
            size--;
            long atNs = times[size];
            byte[] connection = connections[size];
            connections[size] = null;
            if (size > 0) {
                sink(0, atNs, connection);
            }
        }

        /** Puts a deadline where it belongs, from a place downwards. */
        private void sink(int from, long atNs, byte[] connection) {
            int at = from;
            while (true) {
                int child = 2 * at + 1;
                if (child >= size) {
                    break;
                }
                if (child + 1 < size && before(times[child + 1], connections[child + 1], child)) {
                    child++;
                }
                if (!before(times[child], connections[child], atNs, connection)) {
                    break;
                }
                move(child, at);
                at = child;
            }
            times[at] = atNs;
            connections[at] = connection;
        }

        private void move(int from, int to) {
            times[to] = times[from];
            connections[to] = connections[from];
        }

        private boolean before(long atNs, byte[] connection, int than) {
            return before(atNs, connection, times[than], connections[than]);
        }

        private static boolean before(long atNs, byte[] connection, long otherNs, byte[] other) {
            return atNs < otherNs || (atNs == otherNs && Arrays.compareUnsigned(connection, other) < 0);
        }

        void each(Consumer<byte[]> visit) {
            for (int i = 0; i < size; i++) {
                if (!deleted.contains(times[i], connections[i])) {
                    visit.accept(connections[i]);
                }
            }
        }
    }
}
