package flowstate.hosts;

import java.util.Arrays;

/**
 * How many different things were counted: exactly up to {@value #EXACT}, then estimated by linear counting (Whang and
 * others, 1990) in a map of {@value #BITS} bits: to some 5 % up to 5,000; beyond 15,000 it is "at least".
 */
final class Distinct {
    static final int EXACT = 32;
    static final int BITS = 2048;

    private static final long[] NONE = {};

    /** Hashes in the order of their coming, or the map. */
    long[] words = NONE;

    int exact;
    boolean estimates;

    /** A hash whose bits are as good as random. */
    static long hash(byte[] address, int port) {
        long h = port + 1;
        for (byte octet : address) {
            h = (h ^ octet & 0xff) * 0x100000001b3L;
        }
        h = (h ^ h >>> 32) * 0xd6e8feb86659fd93L;
        return h ^ h >>> 32;
    }

    void add(long hash) {
        if (estimates) {
            set(hash);
            return;
        }
        for (int i = 0; i < exact; i++) {
            if (words[i] == hash) {
                return;
            }
        }
        if (exact == EXACT) {
            long[] all = words;
            words = new long[BITS / Long.SIZE];
            estimates = true;
            for (int i = 0; i < exact; i++) {
                set(all[i]);
            }
            set(hash);
            return;
        }
        if (exact == words.length) {
            words = Arrays.copyOf(words, Math.min(EXACT, Math.max(2, 2 * exact)));
        }
        words[exact++] = hash;
    }

    private void set(long hash) {
        int bit = (int) (hash & BITS - 1);
        words[bit / Long.SIZE] |= 1L << bit % Long.SIZE;
    }

    int count() {
        if (!estimates) {
            return exact;
        }
        int zeros = BITS;
        for (long word : words) {
            zeros -= Long.bitCount(word);
        }
        return (int) Math.round(BITS * Math.log((double) BITS / Math.max(1, zeros)));
    }

    Distinct copy() {
        Distinct copy = new Distinct();
        copy.words = words.clone();
        copy.exact = exact;
        copy.estimates = estimates;
        return copy;
    }
}
