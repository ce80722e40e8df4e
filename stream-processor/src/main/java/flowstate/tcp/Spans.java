package flowstate.tcp;

import java.util.Arrays;

/**
 * Which octets of one direction were seen: everything before {@link #contiguous}, and a few islands beyond it.
 *
 * <p>Positions are relative to the end's base, see {@link End}. Bounded: where more than {@value #MAX_ISLANDS} islands
 * would be needed the two furthest are taken for one, so that a gap may go unnoticed, but none is made up.
 */
final class Spans {
    static final int MAX_ISLANDS = 31;

    private static final long[] NONE = {};
    private static final int FIRST_ROOM = 4;

    long contiguous;
    int islands;
    /** Where each island begins, in order; most connections never have one. */
    long[] from = NONE;

    long[] to = NONE;

    /** Notes that the range was seen. A segment without length, ahead of the rest, is no island: it ends no gap. */
    void add(long start, long end) {
        if (start == end) {
            return;
        }
        if (start <= contiguous) {
            contiguous = Math.max(contiguous, end);
            absorb();
            return;
        }
        long newFrom = start;
        long newTo = end;
        int kept = 0;
        for (int i = 0; i < islands; i++) {
            if (to[i] < newFrom || from[i] > newTo) {
                from[kept] = from[i];
                to[kept++] = to[i];
            } else {
                newFrom = Math.min(newFrom, from[i]);
                newTo = Math.max(newTo, to[i]);
            }
        }
        makeRoom(kept + 1);
        int at = kept;
        while (at > 0 && from[at - 1] > newFrom) {
            from[at] = from[at - 1];
            to[at] = to[at - 1];
            at--;
        }
        from[at] = newFrom;
        to[at] = newTo;
        islands = kept + 1;
        if (islands > MAX_ISLANDS) {
            islands--;
            to[islands - 1] = to[islands];
        }
    }

    /** Has room for so many islands, which are to be filled in. */
    void makeRoom(int wanted) {
        if (wanted > from.length) {
            int room = Math.max(FIRST_ROOM, Integer.highestOneBit(wanted - 1) << 1);
            from = Arrays.copyOf(from, room);
            to = Arrays.copyOf(to, room);
        }
    }

    /**
     * The peer has everything up to {@code position}.
     *
     * @return octets up to there that were not seen here
     */
    long acknowledged(long position) {
        if (position <= contiguous) {
            return 0;
        }
        long missing = position - contiguous;
        for (int i = 0; i < islands; i++) {
            missing -= Math.max(0, Math.min(to[i], position) - from[i]);
        }
        contiguous = position;
        absorb();
        return missing;
    }

    /** How many stretches before {@code position} were not seen: before each island one is missing. */
    int gapsBefore(long position) {
        int gaps = 0;
        long seenTo = contiguous;
        while (gaps < islands && from[gaps] < position) {
            seenTo = to[gaps++];
        }
        return seenTo < position ? gaps + 1 : gaps;
    }

    boolean equalTo(Spans other) {
        if (contiguous != other.contiguous || islands != other.islands) {
            return false;
        }
        for (int i = 0; i < islands; i++) {
            if (from[i] != other.from[i] || to[i] != other.to[i]) {
                return false;
            }
        }
        return true;
    }

    void set(Spans other) {
        contiguous = other.contiguous;
        islands = other.islands;
        makeRoom(islands);
        System.arraycopy(other.from, 0, from, 0, islands);
        System.arraycopy(other.to, 0, to, 0, islands);
    }

    private void absorb() {
        int used = 0;
        while (used < islands && from[used] <= contiguous) {
            contiguous = Math.max(contiguous, to[used]);
            used++;
        }
        if (used > 0) {
            islands -= used;
            System.arraycopy(from, used, from, 0, islands);
            System.arraycopy(to, used, to, 0, islands);
        }
    }

    /** Moves every position: the base was known wrongly. */
    void shift(long by) {
        contiguous = Math.max(0, contiguous + by);
        islands = 0;
    }
}
