package flowstate.topology;

import java.util.Arrays;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * A bounded hash table of a store's values on the heap. Where there is no more room, one leaves that has not been asked
 * for in a while (the CLOCK algorithm: a hand goes round, and spares once whoever was asked for since it last came by).
 * Not thread-safe.
 *
 * <p>Where so much is open that hardly anything is still here when it is asked for again, few are held: else each would live just
 * long enough for the garbage collector to copy it, which with a million open took as long as following them. Now and then
 * that is tried again.
 *
 * <p>Its own, because a LinkedHashMap in the order of access moves an entry at each look-up, and hashes {@link Bytes} by a
 * polynomial in 31, under which addresses and ports that count up collide: together a fifth of the stream thread's time.
 */
final class HeapEntries<V> {
    /** A value and what the store must know of it. */
    static final class Entry<V> {
        final Bytes key;
        final int hash;

        /** Null: there is none, or no more. */
        @Nullable
        V value;

        /** Whether the store below, and so the changelog, has something under the key; of no account if it is encoded, too. */
        boolean saved;

        /** Whether the value differs from what was logged. */
        boolean dirty;

        /** Whether what is held was among the encoded: there it is, or saved when it left them. */
        boolean encoded;

        private boolean spared;
        private int place;
        private @Nullable Entry<V> next;

        Entry(Bytes key, int hash) {
            this.key = key;
            this.hash = hash;
        }
    }

    /** So few that they are still in the processor's own cache when they leave. */
    private static final int FEW = 32;

    /** How often as much is asked for with few of them as it takes to find out. */
    private static final int PATIENCE = 32;

    private final int capacity;
    /** How many are held at present. */
    private int room;

    private int hits;
    private int misses;

    private @Nullable Entry<V>[] buckets = table(1024);
    /** All entries, in no order, for the hand to go round. */
    private @Nullable Entry<V>[] places = table(1024);

    private int size;
    private int hand;

    HeapEntries(int capacity) {
        this.capacity = capacity;
        this.room = capacity;
    }

    @SuppressWarnings("unchecked")
    private static <V> @Nullable Entry<V>[] table(int length) {
        return (Entry<V>[]) new Entry<?>[length];
    }

    static int hash(byte[] key) {
        return Utils.murmur2(key);
    }

    @Nullable
    Entry<V> find(Bytes key, int hash) {
        Entry<V> entry = buckets[hash & (buckets.length - 1)];
        while (entry != null && !(entry.hash == hash && isOf(entry, key))) {
            entry = entry.next;
        }
        if (entry != null) {
            spare(entry);
        }
        return entry;
    }

    /** An entry that is in here is in use: it stays until the hand has come by twice. */
    void spare(Entry<V> entry) {
        entry.spared = true;
    }

    /** Mostly it is asked for by the very object that it came with: then its octets need not be fetched from memory. */
    private static boolean isOf(Entry<?> entry, Bytes key) {
        return entry.key == key || Arrays.equals(entry.key.get(), key.get());
    }

    /** Something was asked for, and was here, or was not, be it that there is none: what is new and not asked for again counts, too. */
    void asked(boolean found) {
        hits += found ? 1 : 0;
        misses += found ? 0 : 1;
        int trial = 2 * capacity;
        if (room < capacity) {
            if (hits + misses >= PATIENCE * trial) {
                room = capacity;
                hits = 0;
                misses = 0;
            }
        } else if (hits + misses >= trial) {
            if (hits < misses / 3 && capacity > FEW) {
                room = FEW;
            }
            hits = 0;
            misses = 0;
        }
    }

    /** One that has to leave, and has left, before another is added; null if there is room. */
    @Nullable
    Entry<V> leaver() {
        Entry<V> leaver = size < room ? null : longUnused();
        if (leaver != null) {
            remove(leaver);
        }
        return leaver;
    }

    /** Adds an entry that is not in here. */
    void add(Entry<V> entry) {
        if (size == places.length) {
            places = Arrays.copyOf(places, 2 * size);
            grow();
        }
        entry.place = size;
        places[size++] = entry;
        link(entry);
    }

    /** Removes an entry that is in here. */
    void remove(Entry<V> entry) {
        unlink(entry);
        Entry<V> last = places[--size];
        places[size] = null;
        if (last != null && last != entry) {
            places[entry.place] = last;
            last.place = entry.place;
        }
    }

    void clear() {
        buckets = table(1024);
        places = table(1024);
        size = 0;
        hand = 0;
        room = capacity;
        hits = 0;
        misses = 0;
    }

    private @Nullable Entry<V> longUnused() {
        while (true) {
            hand = hand < size ? hand : 0;
            Entry<V> entry = places[hand];
            if (entry == null || !entry.spared) {
                return entry;
            }
            entry.spared = false;
            hand++;
        }
    }

    private void grow() {
        buckets = table(2 * buckets.length);
        for (int i = 0; i < size; i++) {
            Entry<V> entry = places[i];
            if (entry != null) {
                link(entry);
            }
        }
    }

    private void link(Entry<V> entry) {
        int bucket = entry.hash & (buckets.length - 1);
        entry.next = buckets[bucket];
        buckets[bucket] = entry;
    }

    private void unlink(Entry<V> entry) {
        int bucket = entry.hash & (buckets.length - 1);
        Entry<V> each = buckets[bucket];
        if (each == entry) {
            buckets[bucket] = entry.next;
            return;
        }
        while (each != null) {
            if (each.next == entry) {
                each.next = entry.next;
                return;
            }
            each = each.next;
        }
    }
}
