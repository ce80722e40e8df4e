package flowstate.topology;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A store's values in their encoded form, on the heap in pages of 256 KiB: some 25 octets more than key and value, and nothing
 * that a garbage collector would have to follow or copy one by one. Where there is no more room, the page that was begun first
 * leaves, with all that is in it: what has not been written below is written then. Not thread-safe.
 */
final class EncodedEntries {
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    static final int PAGE_OCTETS = 1 << 18;
    private static final int MOST_PAGES = 1 << 12;

    /** The store below holds something under the key. */
    static final int STORED = 1;

    /** The store below does not hold this value. */
    static final int DIRTY = 1 << 1;

    private static final int LIVE = 1 << 2;

    /** Of a record: hash, lengths of key and value, flags; then key and value. */
    private static final int KEY_LENGTH = 4;

    private static final int VALUE_LENGTH = 8;
    private static final int FLAGS = 12;
    private static final int HEADER = 13;

    private static final long EMPTY = 0;

    /** How many pages the stores of an instance may take, all together. Thread-safe. */
    static final class Budget {
        private final AtomicInteger pages;

        /** @param octets in pages, rounded down; each store may take one page beyond it */
        Budget(long octets) {
            this.pages = new AtomicInteger((int) Math.min(octets / PAGE_OCTETS, Integer.MAX_VALUE));
        }

        private boolean take() {
            return pages.getAndUpdate(left -> left > 0 ? left - 1 : left) > 0;
        }

        private void giveBack(int count) {
            pages.addAndGet(count);
        }
    }

    /** Takes what is to be written below. */
    @FunctionalInterface
    interface Below {
        /** @param isNew the store below holds nothing under the key */
        void write(byte[] key, int hash, boolean isNew, byte[] value);
    }

    private static final class Page {
        final byte[] octets = new byte[PAGE_OCTETS];
        final int number;
        int used;
        int live;
        int dirty;

        Page(int number) {
            this.number = number;
        }
    }

    private final Budget budget;
    private final Below below;
    private final List<Page> pages = new ArrayList<>();
    /** The page that was begun first comes first, that which is written to last. */
    private final ArrayDeque<Page> order = new ArrayDeque<>();

    private int taken;
    private long liveOctets;

    /** Open addressing with linear probing: hash in the upper half, place in the lower, plus one. */
    private long[] table = new long[1024];

    private int size;

    EncodedEntries(Budget budget, Below below) {
        this.budget = budget;
        this.below = below;
    }

    int size() {
        return size;
    }

    /** The slot of a key, until the next change; -1 if it is not here. */
    int find(byte[] key, int hash) {
        int mask = table.length - 1;
        for (int slot = hash & mask; table[slot] != EMPTY; slot = (slot + 1) & mask) {
            if ((int) (table[slot] >>> 32) == hash && isAt(place(slot), key)) {
                return slot;
            }
        }
        return -1;
    }

    private boolean isAt(int place, byte[] key) {
        byte[] octets = page(place).octets;
        int at = offset(place);
        int length = getInt(octets, at + KEY_LENGTH);
        int from = at + HEADER;
        return length == key.length && Arrays.equals(octets, from, from + length, key, 0, length);
    }

    /** The value in a slot, the caller's own copy. */
    byte[] value(int slot) {
        return value(page(place(slot)), offset(place(slot)));
    }

    boolean has(int slot, int flag) {
        return (page(place(slot)).octets[offset(place(slot)) + FLAGS] & flag) != 0;
    }

    /**
     * Adds what is not in here.
     *
     * @param flags of {@link #STORED}, {@link #DIRTY}
     * @return false: it is too large to be kept here
     */
    boolean add(byte[] key, int hash, byte[] value, int flags) {
        int length = HEADER + key.length + value.length;
        if (length > PAGE_OCTETS) {
            return false;
        }
        Page page = order.peekLast();
        if (page == null || page.used + length > PAGE_OCTETS) {
            page = nextPage();
        }
        byte[] octets = page.octets;
        int at = page.used;
        putInt(octets, at, hash);
        putInt(octets, at + KEY_LENGTH, key.length);
        putInt(octets, at + VALUE_LENGTH, value.length);
        octets[at + FLAGS] = (byte) (LIVE | flags);
        System.arraycopy(key, 0, octets, at + HEADER, key.length);
        System.arraycopy(value, 0, octets, at + HEADER + key.length, value.length);
        page.used += length;
        page.live += length;
        liveOctets += length;
        page.dirty += (flags & DIRTY) != 0 ? 1 : 0;
        if (4 * (size + 1) > 3 * table.length) {
            grow();
        }
        insert((long) hash << 32 | (page.number * PAGE_OCTETS + at + 1));
        size++;
        return true;
    }

    /** Removes what is in a slot. */
    void remove(int slot) {
        int place = place(slot);
        Page page = page(place);
        int at = offset(place);
        if ((page.octets[at + FLAGS] & DIRTY) != 0) {
            page.dirty--;
        }
        page.octets[at + FLAGS] = 0;
        page.live -= length(page, at);
        liveOctets -= length(page, at);
        size--;
        shiftBack(slot);
    }

    /** Has all written that is dirty, which it then no more is. */
    void clean() {
        for (Page page : order) {
            for (int at = 0; page.dirty > 0 && at < page.used; at += length(page, at)) {
                if ((page.octets[at + FLAGS] & DIRTY) != 0) {
                    write(page, at);
                }
            }
        }
    }

    private void write(Page page, int at) {
        byte[] octets = page.octets;
        int from = at + HEADER;
        byte[] key = Arrays.copyOfRange(octets, from, from + getInt(octets, at + KEY_LENGTH));
        below.write(key, getInt(octets, at), (octets[at + FLAGS] & STORED) == 0, value(page, at));
        octets[at + FLAGS] = LIVE | STORED;
        page.dirty--;
    }

    /** Forgets all, and gives the pages back. */
    void clear() {
        budget.giveBack(taken);
        taken = 0;
        pages.clear();
        order.clear();
        table = new long[1024];
        size = 0;
        liveOctets = 0;
    }

    /** One that is empty, or a new one, or that which was begun first. */
    private Page nextPage() {
        Page next = null;
        for (Page page : order) {
            if (page.live == 0) {
                next = page;
                break;
            }
        }
        boolean full = 2 * liveOctets >= (long) pages.size() * PAGE_OCTETS;
        if (next == null && (pages.isEmpty() || (full && pages.size() < MOST_PAGES && take()))) {
            next = new Page(pages.size());
            pages.add(next);
        }
        if (next == null) {
            next = order.getFirst();
            empty(next);
        }
        order.remove(next);
        order.addLast(next);
        next.used = 0;
        return next;
    }

    private boolean take() {
        boolean took = budget.take();
        taken += took ? 1 : 0;
        return took;
    }

    private void empty(Page page) {
        for (int at = 0; at < page.used; at += length(page, at)) {
            if ((page.octets[at + FLAGS] & DIRTY) != 0) {
                write(page, at);
            }
            if ((page.octets[at + FLAGS] & LIVE) != 0) {
                size--;
                shiftBack(slotOf(getInt(page.octets, at), page.number * PAGE_OCTETS + at));
            }
        }
        liveOctets -= page.live;
        page.live = 0;
    }

    private int slotOf(int hash, int place) {
        long wanted = (long) hash << 32 | (place + 1);
        int slot = hash & (table.length - 1);
        while (table[slot] != wanted) {
            slot = (slot + 1) & (table.length - 1);
        }
        return slot;
    }

    private void grow() {
        long[] old = table;
        table = new long[2 * old.length];
        for (long each : old) {
            if (each != EMPTY) {
                insert(each);
            }
        }
    }

    private void insert(long hashAndPlace) {
        int mask = table.length - 1;
        int slot = (int) (hashAndPlace >>> 32) & mask;
        while (table[slot] != EMPTY) {
            slot = (slot + 1) & mask;
        }
        table[slot] = hashAndPlace;
    }

    private void shiftBack(int from) {
        int mask = table.length - 1;
        int hole = from;
        int at = from;
        while (true) {
            at = (at + 1) & mask;
            long moved = table[at];
            if (moved == EMPTY) {
                table[hole] = EMPTY;
                return;
            }
            // it may fill the hole only if its own slot is not between the hole and where it is now
            if (((at - (int) (moved >>> 32)) & mask) >= ((at - hole) & mask)) {
                table[hole] = moved;
                hole = at;
            }
        }
    }

    private int place(int slot) {
        return (int) table[slot] - 1;
    }

    private Page page(int place) {
        return pages.get(place / PAGE_OCTETS);
    }

    private static int offset(int place) {
        return place % PAGE_OCTETS;
    }

    private static int length(Page page, int at) {
        return HEADER + getInt(page.octets, at + KEY_LENGTH) + getInt(page.octets, at + VALUE_LENGTH);
    }

    private static byte[] value(Page page, int at) {
        int from = at + HEADER + getInt(page.octets, at + KEY_LENGTH);
        return Arrays.copyOfRange(page.octets, from, from + getInt(page.octets, at + VALUE_LENGTH));
    }

    private static int getInt(byte[] octets, int at) {
        return (int) INTS.get(octets, at);
    }

    private static void putInt(byte[] octets, int at, int value) {
        INTS.set(octets, at, value);
    }
}
