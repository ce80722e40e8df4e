package flowstate.topology;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A set of deadlines, in two arrays: open addressing with linear probing; removal shifts back. A HashSet has two objects for each,
 * which with a million open live long enough for the garbage collector to copy them, and are looked up through both. Not
 * thread-safe.
 */
final class DeadlineSet {
    private static final int LEAST_ROOM = 16;

    private long[] times = new long[LEAST_ROOM];
    /** Null where there is none. */
    private byte[] @Nullable [] connections = new byte[LEAST_ROOM][];

    private int size;

    int size() {
        return size;
    }

    boolean contains(long atNs, byte[] connection) {
        return size > 0 && connections[find(atNs, connection)] != null;
    }

    /** Adds one, unless it is in here. */
    void add(long atNs, byte[] connection) {
        if (3 * (size + 1) > 2 * times.length) {
            grow();
        }
        int slot = find(atNs, connection);
        if (connections[slot] == null) {
            set(slot, atNs, connection);
            size++;
        }
    }

    /** Removes one; false if it is not in here. */
    boolean remove(long atNs, byte[] connection) {
        if (size == 0) {
            return false;
        }
        int hole = find(atNs, connection);
        if (connections[hole] == null) {
            return false;
        }
        size--;
        int mask = times.length - 1;
        for (int at = (hole + 1) & mask; connections[at] != null; at = (at + 1) & mask) {
            // it may fill the hole only if its own slot is not between the hole and where it is now
            int own = hash(times[at], connections[at]);
            if (((at - own) & mask) >= ((at - hole) & mask)) {
                set(hole, times[at], connections[at]);
                hole = at;
            }
        }
        connections[hole] = null;
        return true;
    }

    void clear() {
        times = new long[LEAST_ROOM];
        connections = new byte[LEAST_ROOM][];
        size = 0;
    }

    private void grow() {
        long[] oldTimes = times;
        byte[] @Nullable [] oldConnections = connections;
        times = new long[2 * oldTimes.length];
        connections = new byte[2 * oldTimes.length][];
        for (int i = 0; i < oldTimes.length; i++) {
            if (oldConnections[i] != null) {
                set(find(oldTimes[i], oldConnections[i]), oldTimes[i], oldConnections[i]);
            }
        }
    }

    private void set(int slot, long atNs, byte[] connection) {
        times[slot] = atNs;
        connections[slot] = connection;
    }

    /** Where a deadline is, or else where it would be put. */
    private int find(long atNs, byte[] connection) {
        int mask = times.length - 1;
        int slot = hash(atNs, connection) & mask;
        while (connections[slot] != null && !(times[slot] == atNs && Arrays.equals(connections[slot], connection))) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    static int hash(long atNs, byte[] connection) {
        return 31 * Long.hashCode(atNs) + HeapEntries.hash(connection);
    }
}
