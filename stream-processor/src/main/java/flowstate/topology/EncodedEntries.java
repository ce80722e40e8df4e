package flowstate.topology;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A store's values in their encoded form, on the heap in pages of 256 KiB: some 25 octets more than key and value, and nothing
 * that a garbage collector would have to follow or copy one by one. A page of which much has been removed is closed up and
 * written on, so that pages are four fifths full where there are many. Where there is no more room, the page that was begun
 * first leaves, with all that is in it: what has not been written below is written then. Not thread-safe.
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

    private static final int ANY_FLAG = STORED | DIRTY | LIVE;

    /** Of a record: hash, then flags and lengths of key and value in one number; then key and value. */
    private static final int ABOUT = 4;

    private static final int HEADER = 8;

    private static final int KEY_SHIFT = 3;
    private static final int LONGEST_KEY = (1 << 10) - 1;
    private static final int VALUE_SHIFT = 13;

    /** How full a page may be and yet be worth closing up, and all of them may be before there is another. */
    private static final int FULL_OCTETS = PAGE_OCTETS / 5 * 4;

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
        int length = keyLength(octets, at);
        int from = at + HEADER;
        return length == key.length && Arrays.equals(octets, from, from + length, key, 0, length);
    }

    /** The value in a slot, the caller's own copy. */
    byte[] value(int slot) {
        return value(page(place(slot)), offset(place(slot)));
    }

    boolean has(int slot, int flag) {
        return has(page(place(slot)).octets, offset(place(slot)), flag);
    }

    /**
     * Adds what is not in here.
     *
     * @param flags of {@link #STORED}, {@link #DIRTY}
     * @return false: it is too large to be kept here
     */
    boolean add(byte[] key, int hash, byte[] value, int flags) {
        int length = HEADER + key.length + value.length;
        if (length > PAGE_OCTETS || key.length > LONGEST_KEY) {
            return false;
        }
        Page page = order.peekLast();
        if (page == null || page.used + length > PAGE_OCTETS) {
            page = nextPage(length);
        }
        byte[] octets = page.octets;
        int at = page.used;
        putInt(octets, at, hash);
        putInt(octets, at + ABOUT, value.length << VALUE_SHIFT | key.length << KEY_SHIFT | LIVE | flags);
        System.arraycopy(key, 0, octets, at + HEADER, key.length);
        System.arraycopy(value, 0, octets, at + HEADER + key.length, value.length);
        page.used += length;
        page.live += length;
        liveOctets += length;
        page.dirty += (flags & DIRTY) != 0 ? 1 : 0;
        if (4 * (size + 1) > 3 * table.length) {
            grow();
        }
        insert(entry(hash, page, at));
        size++;
        return true;
    }

    /** Removes what is in a slot. */
    void remove(int slot) {
        int place = place(slot);
        Page page = page(place);
        int at = offset(place);
        if (has(page.octets, at, DIRTY)) {
            page.dirty--;
        }
        setFlags(page.octets, at, 0);
        page.live -= length(page, at);
        liveOctets -= length(page, at);
        size--;
        shiftBack(slot);
    }

    /** Has all written that is dirty, which it then no more is. */
    void clean() {
        for (Page page : order) {
            for (int at = 0; page.dirty > 0 && at < page.used; at += length(page, at)) {
                if (has(page.octets, at, DIRTY)) {
                    write(page, at);
                }
            }
        }
    }

    private void write(Page page, int at) {
        byte[] octets = page.octets;
        int from = at + HEADER;
        byte[] key = Arrays.copyOfRange(octets, from, from + keyLength(octets, at));
        below.write(key, getInt(octets, at), !has(octets, at, STORED), value(page, at));
        setFlags(octets, at, LIVE | STORED);
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

    /** One in which so many octets find room: the emptiest, a new one, or that which was begun first. */
    private Page nextPage(int length) {
        Page next = emptiest();
        boolean roomy = next != null && next.live <= FULL_OCTETS && next.live + length <= PAGE_OCTETS;
        boolean full = liveOctets >= (long) pages.size() * FULL_OCTETS && next != null && next.live > 0;
        if (next == null || ((full || !roomy) && pages.size() < MOST_PAGES && take())) {
            next = new Page(pages.size());
            pages.add(next);
        } else if (roomy) {
            closeUp(next);
        } else {
            next = order.getFirst();
            empty(next);
        }
        order.remove(next);
        order.addLast(next);
        return next;
    }

    private @Nullable Page emptiest() {
        Page emptiest = null;
        for (Page page : order) {
            if (emptiest == null || page.live < emptiest.live) {
                emptiest = page;
            }
        }
        return emptiest;
    }

    /** Moves what is in a page to its beginning. */
    private void closeUp(Page page) {
        byte[] octets = page.octets;
        int to = 0;
        int length;
        for (int at = 0; at < page.used; at += length) {
            length = length(page, at);
            if (has(octets, at, LIVE)) {
                if (to < at) {
                    int hash = getInt(octets, at);
                    table[slotOf(hash, page, at)] = entry(hash, page, to);
                    System.arraycopy(octets, at, octets, to, length);
                }
                to += length;
            }
        }
        page.used = to;
    }

    private boolean take() {
        boolean took = budget.take();
        taken += took ? 1 : 0;
        return took;
    }

    private void empty(Page page) {
        for (int at = 0; at < page.used; at += length(page, at)) {
            if (has(page.octets, at, DIRTY)) {
                write(page, at);
            }
            if (has(page.octets, at, LIVE)) {
                size--;
                shiftBack(slotOf(getInt(page.octets, at), page, at));
            }
        }
        liveOctets -= page.live;
        page.live = 0;
        page.used = 0;
    }

    /** What the table has of a record. */
    private static long entry(int hash, Page page, int at) {
        return (long) hash << 32 | (page.number * PAGE_OCTETS + at + 1);
    }

    private int slotOf(int hash, Page page, int at) {
        long wanted = entry(hash, page, at);
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
        return HEADER + keyLength(page.octets, at) + valueLength(page.octets, at);
    }

    private static byte[] value(Page page, int at) {
        int from = at + HEADER + keyLength(page.octets, at);
        return Arrays.copyOfRange(page.octets, from, from + valueLength(page.octets, at));
    }

    private static int keyLength(byte[] octets, int at) {
        return getInt(octets, at + ABOUT) >>> KEY_SHIFT & LONGEST_KEY;
    }

    private static int valueLength(byte[] octets, int at) {
        return getInt(octets, at + ABOUT) >>> VALUE_SHIFT;
    }

    private static boolean has(byte[] octets, int at, int flag) {
        return (getInt(octets, at + ABOUT) & flag) != 0;
    }

    private static void setFlags(byte[] octets, int at, int flags) {
        putInt(octets, at + ABOUT, getInt(octets, at + ABOUT) & ~ANY_FLAG | flags);
    }

    private static int getInt(byte[] octets, int at) {
        return (int) INTS.get(octets, at);
    }

    private static void putInt(byte[] octets, int at, int value) {
        INTS.set(octets, at, value);
    }
}
