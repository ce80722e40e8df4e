package flowstate.capture.publish;

import flowstate.capture.decode.DecodedSegment;
import flowstate.schema.CollectedSegments;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A hash table from 4-tuple to connection, looked up straight from a segment's octets, whichever direction it has;
 * allocates nothing for a known connection. Open addressing with linear probing; removal shifts back, so that no
 * tombstones gather. Not thread-safe.
 */
final class Connections {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    /** Who a connection is, in canonical order. Addresses are two big-endian halves; IPv4 fills the lower half only. */
    private static class Tuple {
        long lowUpper;
        long lowLower;
        long highUpper;
        long highLower;
        long portsAndVersion;
        int hash;

        final void set(Tuple other) {
            lowUpper = other.lowUpper;
            lowLower = other.lowLower;
            highUpper = other.highUpper;
            highLower = other.highLower;
            portsAndVersion = other.portsAndVersion;
            hash = other.hash;
        }

        final boolean is(Tuple other) {
            return hash == other.hash
                    && portsAndVersion == other.portsAndVersion
                    && lowLower == other.lowLower
                    && highLower == other.highLower
                    && lowUpper == other.lowUpper
                    && highUpper == other.highUpper;
        }
    }

    /**
     * One connection, and its open segments. What was removed becomes the next that is added: where many are open at once each
     * comes and goes again and again, and would have lived just long enough for the garbage collector to copy it.
     */
    static final class Connection extends Tuple {
        /** Encoded connection key. */
        byte[] key;

        int partition;

        /** Its open segments; null while it has none. */
        @Nullable
        CollectedSegments segments;

        /** Whether one of the open segments came through a tunnel. */
        boolean tunnelled;

        /** The latest such tunnel: as octets, to know it again, and in words; null before the first. */
        byte @Nullable [] tunnelOctets;

        @Nullable
        String tunnel;

        /** Capture clock at the first and the last of the open segments. */
        long openedClockNs;

        long lastClockNs;

        /** Whether it is not to be published, as {@link Exclusion} said when it had this version. */
        boolean excluded;

        int excludedVersion;

        /** How often had been looked when it came, or {@link Batcher#SURE} once it was looked again. */
        long looksBefore;

        /** Neighbours in the line in which it stands; see {@link Line}. */
        @Nullable
        Connection previous;

        @Nullable
        Connection next;

        private Connection(byte[] key) {
            this.key = key;
        }

        /** Is that of a tuple, and nothing else is known of it yet. */
        private void begin(Tuple tuple, byte[] itsKey, int itsPartition) {
            set(tuple);
            key = itsKey;
            partition = itsPartition;
            segments = null;
            tunnelled = false;
            tunnelOctets = null;
            tunnel = null;
            openedClockNs = 0;
            lastClockNs = 0;
            excluded = false;
            excludedVersion = 0;
            looksBefore = 0;
        }
    }

    /** Connections in the order in which they joined: first in, first out, and out of the middle at no cost. */
    static final class Line {
        private @Nullable Connection first;
        private @Nullable Connection last;

        @Nullable
        Connection first() {
            return first;
        }

        void add(Connection connection) {
            connection.previous = last;
            connection.next = null;
            if (last == null) {
                first = connection;
            } else {
                last.next = connection;
            }
            last = connection;
        }

        void remove(Connection connection) {
            Connection before = connection.previous;
            Connection after = connection.next;
            if (before == null) {
                first = after;
            } else {
                before.next = after;
            }
            if (after == null) {
                last = before;
            } else {
                after.previous = before;
            }
            connection.previous = null;
            connection.next = null;
        }
    }

    private final long seed;
    private @Nullable Connection[] table = new Connection[256];
    private int size;
    /** Removed last, to be another. */
    private @Nullable Connection spare;

    /** Last looked up. */
    private final Tuple sought = new Tuple();

    private boolean fromLow;

    /** An empty table. The seed keeps whoever sends the packets from choosing tuples that collide. */
    Connections(long seed) {
        this.seed = seed;
    }

    int size() {
        return size;
    }

    /** Whether the sender of the segment last given to {@link #find} is the key's low end. */
    boolean fromLow() {
        return fromLow;
    }

    /** The segment's connection, or null. */
    @Nullable
    Connection find(DecodedSegment segment) {
        seek(segment);
        for (int at = sought.hash & (table.length - 1); ; at = (at + 1) & (table.length - 1)) {
            Connection found = table[at];
            if (found == null || found.is(sought)) {
                return found;
            }
        }
    }

    /** Adds the tuple that {@link #find} was last asked for and did not find. */
    Connection add(byte[] key, int partition) {
        if (size >= table.length / 2) {
            @Nullable Connection[] old = table;
            table = new Connection[2 * old.length];
            for (Connection connection : old) {
                if (connection != null) {
                    put(connection);
                }
            }
        }
        Connection connection = spare == null ? new Connection(key) : spare;
        spare = null;
        connection.begin(sought, key, partition);
        put(connection);
        size++;
        return connection;
    }

    private void put(Connection connection) {
        int at = connection.hash & (table.length - 1);
        while (table[at] != null) {
            at = (at + 1) & (table.length - 1);
        }
        table[at] = connection;
    }

    /** Removes a connection that is in the table, and is not to be used any more. */
    void remove(Connection connection) {
        int mask = table.length - 1;
        int hole = connection.hash & mask;
        while (table[hole] != connection) {
            hole = (hole + 1) & mask;
        }
        size--;
        spare = connection;
        int at = hole;
        while (true) {
            at = (at + 1) & mask;
            Connection moved = table[at];
            if (moved == null) {
                table[hole] = null;
                return;
            }
            // it may fill the hole only if its own place is not between the hole and where it is now
            int distanceFromHome = (at - moved.hash) & mask;
            int distanceFromHole = (at - hole) & mask;
            if (distanceFromHome >= distanceFromHole) {
                table[hole] = moved;
                hole = at;
            }
        }
    }

    /** Puts the tuple in canonical order: the order of {@link flowstate.schema.ConnectionKey#isLow}. */
    private void seek(DecodedSegment segment) {
        long sourceUpper = 0;
        long destinationUpper = 0;
        long sourceLower;
        long destinationLower;
        if (segment.addressLength == 4) {
            sourceLower = (int) INTS.get(segment.source, 0) & 0xffff_ffffL;
            destinationLower = (int) INTS.get(segment.destination, 0) & 0xffff_ffffL;
        } else {
            sourceUpper = (long) LONGS.get(segment.source, 0);
            sourceLower = (long) LONGS.get(segment.source, 8);
            destinationUpper = (long) LONGS.get(segment.destination, 0);
            destinationLower = (long) LONGS.get(segment.destination, 8);
        }
        int order = Long.compareUnsigned(sourceUpper, destinationUpper);
        if (order == 0) {
            order = Long.compareUnsigned(sourceLower, destinationLower);
        }
        fromLow = order < 0 || (order == 0 && segment.sourcePort <= segment.destinationPort);
        sought.lowUpper = fromLow ? sourceUpper : destinationUpper;
        sought.lowLower = fromLow ? sourceLower : destinationLower;
        sought.highUpper = fromLow ? destinationUpper : sourceUpper;
        sought.highLower = fromLow ? destinationLower : sourceLower;
        long lowPort = fromLow ? segment.sourcePort : segment.destinationPort;
        long highPort = fromLow ? segment.destinationPort : segment.sourcePort;
        sought.portsAndVersion = (long) segment.addressLength << 32 | lowPort << 16 | highPort;

        long bits = mix(seed ^ sought.lowLower);
        bits = mix(bits ^ sought.highLower);
        bits = mix(bits ^ sought.portsAndVersion);
        if (segment.addressLength != 4) {
            bits = mix(bits ^ sought.lowUpper);
            bits = mix(bits ^ sought.highUpper);
        }
        sought.hash = (int) bits;
    }

    /** One round of multiply and fold: enough to spread what is seeded. */
    private static long mix(long bits) {
        long z = bits * 0x9e3779b97f4a7c15L;
        return z ^ (z >>> 32);
    }
}
