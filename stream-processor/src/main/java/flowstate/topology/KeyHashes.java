package flowstate.topology;

/**
 * The hashes of a set of keys, 4 to 8 octets each: says for sure which keys are not in the set. Two keys with the same
 * hash count as two. Open addressing with linear probing; removal shifts back. Not thread-safe.
 */
final class KeyHashes {
    private static final int EMPTY = 0;

    private int[] table = new int[1024];
    private int size;

    /** Whether a key of this hash may be in the set. */
    boolean contains(int hash) {
        return table[place(spread(hash))] != EMPTY;
    }

    void add(int hash) {
        if (4 * size >= 3 * table.length) {
            int[] old = table;
            table = new int[2 * old.length];
            for (int each : old) {
                if (each != EMPTY) {
                    put(each);
                }
            }
        }
        put(spread(hash));
        size++;
    }

    /** Removes one key of this hash, which is in the set. */
    void remove(int hash) {
        int mask = table.length - 1;
        int hole = place(spread(hash));
        size--;
        int at = hole;
        while (true) {
            at = (at + 1) & mask;
            int moved = table[at];
            if (moved == EMPTY) {
                table[hole] = EMPTY;
                return;
            }
            // it may fill the hole only if its own place is not between the hole and where it is now
            if (((at - moved) & mask) >= ((at - hole) & mask)) {
                table[hole] = moved;
                hole = at;
            }
        }
    }

    /** 0 stands for an empty place. */
    private static int spread(int hash) {
        return hash == EMPTY ? 1 : hash;
    }

    /** Where the first such hash is, or else where it would be put. */
    private int place(int hash) {
        int at = hash & (table.length - 1);
        while (table[at] != EMPTY && table[at] != hash) {
            at = (at + 1) & (table.length - 1);
        }
        return at;
    }

    private void put(int hash) {
        int at = hash & (table.length - 1);
        while (table[at] != EMPTY) {
            at = (at + 1) & (table.length - 1);
        }
        table[at] = hash;
    }
}
