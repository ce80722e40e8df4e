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
 * first leaves, with all that is in it: what has not been logged or saved is logged or saved then.
 *
 * <p>For one thread, but for {@link #copy}, which sees each value here until it is in the store below.
 */
final class EncodedEntries {
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    static final int PAGE_OCTETS = 1 << 18;
    private static final int MOST_PAGES = 1 << 12;

    /** The changelog has something under the key. */
    static final int LOGGED = 1;

    /** The store below has something under the key. */
    static final int SAVED = 1 << 1;

    /** The changelog does not have this value. */
    static final int TO_LOG = 1 << 2;

    /** The store below does not have this value. */
    static final int TO_SAVE = 1 << 3;

    private static final int LIVE = 1 << 4;

    private static final int ANY_FLAG = LOGGED | SAVED | TO_LOG | TO_SAVE | LIVE;

    /** Of a record: hash, then flags and lengths of key and value in one number; then key and value. */
    private static final int ABOUT = 4;

    private static final int HEADER = 8;

    private static final int KEY_SHIFT = 5;
    private static final int LONGEST_KEY = (1 << 8) - 1;
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

    /** Takes what is to be written. */
    interface Outlet {
        /** To the changelog. */
        void log(byte[] key, byte[] value);

        /**
         * To the store below.
         *
         * @param isNew it has nothing under the key
         */
        void save(byte[] key, int hash, boolean isNew, byte[] value);

        /** What was to be saved must be in the store below when this returns: it will not be here any more. */
        void saved();
    }

    private static final class Page {
        final byte[] octets = new byte[PAGE_OCTETS];
        final int number;
        int used;
        int live;
        int toLog;
        int toSave;

        Page(int number) {
            this.number = number;
        }

        boolean has(int at, int flag) {
            return (about(at) & flag) != 0;
        }

        int about(int at) {
            return getInt(octets, at + ABOUT);
        }

        /** Of a record that is there, all of them; the counts of them go with it. */
        void setFlags(int at, int flags) {
            int about = about(at);
            putInt(octets, at + ABOUT, about & ~ANY_FLAG | flags);
            toLog += one(flags, TO_LOG) - one(about, TO_LOG);
            toSave += one(flags, TO_SAVE) - one(about, TO_SAVE);
        }

        void change(int at, int off, int on) {
            setFlags(at, about(at) & ANY_FLAG & ~off | on);
        }

        private static int one(int flags, int flag) {
            return (flags & flag) != 0 ? 1 : 0;
        }

        int keyLength(int at) {
            return about(at) >>> KEY_SHIFT & LONGEST_KEY;
        }

        int valueLength(int at) {
            return about(at) >>> VALUE_SHIFT;
        }

        int length(int at) {
            return HEADER + keyLength(at) + valueLength(at);
        }

        byte[] key(int at) {
            int from = at + HEADER;
            return Arrays.copyOfRange(octets, from, from + keyLength(at));
        }

        byte[] value(int at) {
            int from = at + HEADER + keyLength(at);
            return Arrays.copyOfRange(octets, from, from + valueLength(at));
        }
    }

    private final Budget budget;
    private final Outlet outlet;
    private final List<Page> pages = new ArrayList<>();
    /** The page that was begun first comes first, that which is written to last. */
    private final ArrayDeque<Page> order = new ArrayDeque<>();

    private int taken;
    private long liveOctets;

    /** Open addressing with linear probing: hash in the upper half, place in the lower, plus one. */
    private long[] table = new long[1024];

    private int size;

    EncodedEntries(Budget budget, Outlet outlet) {
        this.budget = budget;
        this.outlet = outlet;
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
        Page page = page(place);
        int from = offset(place) + HEADER;
        return page.keyLength(offset(place)) == key.length
                && Arrays.equals(page.octets, from, from + key.length, key, 0, key.length);
    }

    /** The value in a slot, the caller's own copy. */
    byte[] value(int slot) {
        return page(place(slot)).value(offset(place(slot)));
    }

    /** The value of a key, for any thread; null if it is not here: if there is one, it is in the store below by now. */
    synchronized byte @Nullable [] copy(byte[] key, int hash) {
        int slot = find(key, hash);
        return slot < 0 ? null : value(slot);
    }

    boolean has(int slot, int flag) {
        return page(place(slot)).has(offset(place(slot)), flag);
    }

    /** Which of {@link #LOGGED} and {@link #SAVED} a slot has. */
    int held(int slot) {
        return page(place(slot)).about(offset(place(slot))) & (LOGGED | SAVED);
    }

    /** Someone else has a newer value, and will see to it that this is logged. */
    synchronized void needNotLog(int slot) {
        page(place(slot)).change(offset(place(slot)), TO_LOG, 0);
    }

    /**
     * Takes a value, in the place of one that is in a slot.
     *
     * @param slot the key's, as {@link #find} says
     * @param flags of {@link #LOGGED}, {@link #SAVED}, {@link #TO_LOG}, {@link #TO_SAVE}
     * @return false: it is too large to be kept here, and nothing is here any more
     */
    synchronized boolean put(int slot, byte[] key, int hash, byte[] value, int flags) {
        if (slot >= 0) {
            Page page = page(place(slot));
            int at = offset(place(slot));
            if (page.valueLength(at) == value.length) {
                System.arraycopy(value, 0, page.octets, at + HEADER + key.length, value.length);
                page.setFlags(at, LIVE | flags);
                return true;
            }
            remove(slot);
        }
        return add(key, hash, value, flags);
    }

    private boolean add(byte[] key, int hash, byte[] value, int flags) {
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
        putInt(octets, at + ABOUT, value.length << VALUE_SHIFT | key.length << KEY_SHIFT);
        page.setFlags(at, LIVE | flags);
        System.arraycopy(key, 0, octets, at + HEADER, key.length);
        System.arraycopy(value, 0, octets, at + HEADER + key.length, value.length);
        page.used += length;
        page.live += length;
        liveOctets += length;
        if (4 * (size + 1) > 3 * table.length) {
            grow();
        }
        insert(entry(hash, page, at));
        size++;
        return true;
    }

    /** Removes what is in a slot. */
    synchronized void remove(int slot) {
        int place = place(slot);
        Page page = page(place);
        int at = offset(place);
        page.setFlags(at, 0);
        page.live -= page.length(at);
        liveOctets -= page.length(at);
        size--;
        shiftBack(slot);
    }

    /** Has all logged that is to be. */
    synchronized void log() {
        for (Page page : order) {
            for (int at = 0; page.toLog > 0 && at < page.used; at += page.length(at)) {
                if (page.has(at, TO_LOG)) {
                    log(page, at);
                }
            }
        }
    }

    /** Has all saved that is to be. */
    synchronized void save() {
        for (Page page : order) {
            for (int at = 0; page.toSave > 0 && at < page.used; at += page.length(at)) {
                if (page.has(at, TO_SAVE)) {
                    save(page, at);
                }
            }
        }
        outlet.saved();
    }

    private void log(Page page, int at) {
        outlet.log(page.key(at), page.value(at));
        page.change(at, TO_LOG, LOGGED);
    }

    private void save(Page page, int at) {
        outlet.save(page.key(at), getInt(page.octets, at), !page.has(at, SAVED), page.value(at));
        page.change(at, TO_SAVE, SAVED);
    }

    /** Forgets all, and gives the pages back. */
    synchronized void clear() {
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
            length = page.length(at);
            if (page.has(at, LIVE)) {
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
        for (int at = 0; at < page.used; at += page.length(at)) {
            if (page.has(at, TO_LOG)) {
                log(page, at);
            }
            if (page.has(at, TO_SAVE)) {
                save(page, at);
            }
        }
        outlet.saved();
        for (int at = 0; at < page.used; at += page.length(at)) {
            if (page.has(at, LIVE)) {
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

    private static int getInt(byte[] octets, int at) {
        return (int) INTS.get(octets, at);
    }

    private static void putInt(byte[] octets, int at, int value) {
        INTS.set(octets, at, value);
    }
}
