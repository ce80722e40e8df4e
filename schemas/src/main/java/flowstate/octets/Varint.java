package flowstate.octets;

/**
 * Numbers of variable length, as Avro writes them: zigzag, seven bits an octet, least significant first, the highest bit
 * set in all octets but the last.
 *
 * <p>They are nearly all that is read and written, in dozens of places that the compiler inlines. A loop in each of them
 * made it take seconds for a single method, so those of up to four octets, by far the most, are read and written without
 * one.
 */
public final class Varint {
    /** Octets of the longest. */
    public static final int LONGEST = 10;

    /** Octets of the longest that needs no loop. */
    private static final int SHORT = 4;

    private Varint() {}

    /** How many octets a number takes: 1 to 10. */
    public static int length(long value) {
        long zigzag = value << 1 ^ value >> 63;
        return (63 - Long.numberOfLeadingZeros(zigzag | 1)) / 7 + 1;
    }

    /**
     * Writes a number at an index, from which on there must be room for {@link #LONGEST}.
     *
     * @return the index behind it
     */
    public static int put(byte[] to, int at, long value) {
        long zigzag = value << 1 ^ value >> 63;
        if (zigzag >>> 7 == 0) {
            to[at] = (byte) zigzag;
            return at + 1;
        }
        to[at] = (byte) (zigzag | 0x80);
        if (zigzag >>> 14 == 0) {
            to[at + 1] = (byte) (zigzag >>> 7);
            return at + 2;
        }
        to[at + 1] = (byte) (zigzag >>> 7 | 0x80);
        if (zigzag >>> 21 == 0) {
            to[at + 2] = (byte) (zigzag >>> 14);
            return at + 3;
        }
        to[at + 2] = (byte) (zigzag >>> 14 | 0x80);
        if (zigzag >>> 28 == 0) {
            to[at + 3] = (byte) (zigzag >>> 21);
            return at + 4;
        }
        to[at + 3] = (byte) (zigzag >>> 21 | 0x80);
        return putLong(to, at + 4, zigzag >>> 28);
    }

    private static int putLong(byte[] to, int at, long zigzag) {
        int next = at;
        long rest = zigzag;
        while ((rest & ~0x7fL) != 0) {
            to[next++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        to[next++] = (byte) rest;
        return next;
    }

    /**
     * How many octets the number at an index takes.
     *
     * @return 1 to 10
     * @throws IndexOutOfBoundsException if it is cut short by {@code end}
     * @throws IllegalArgumentException if it does not end within 10 octets
     */
    public static int lengthAt(byte[] from, int at, int end) {
        if (at + SHORT > end) {
            return count(from, at, end);
        }
        if (from[at] >= 0) {
            return 1;
        }
        if (from[at + 1] >= 0) {
            return 2;
        }
        if (from[at + 2] >= 0) {
            return 3;
        }
        return from[at + 3] >= 0 ? 4 : count(from, at, end);
    }

    private static int count(byte[] from, int at, int end) {
        for (int length = 1; length <= LONGEST; length++) {
            if (at + length > end) {
                throw new IndexOutOfBoundsException("cut short at " + end);
            }
            if (from[at + length - 1] >= 0) {
                return length;
            }
        }
        throw new IllegalArgumentException("a number must end within 10 octets");
    }

    /** The number of so many octets, as {@link #lengthAt} says, at an index. */
    public static long valueAt(byte[] from, int at, int length) {
        int zigzag = from[at];
        if (length > 1) {
            zigzag = zigzag & 0x7f | from[at + 1] << 7;
        }
        if (length > 2) {
            zigzag = zigzag & 0x3fff | from[at + 2] << 14;
        }
        if (length > 3) {
            zigzag = zigzag & 0x1f_ffff | from[at + 3] << 21;
        }
        return length > 4 ? gather(from, at, length) : zigzag >>> 1 ^ -(zigzag & 1);
    }

    private static long gather(byte[] from, int at, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            value |= (from[at + i] & 0x7fL) << 7 * i;
        }
        return value >>> 1 ^ -(value & 1);
    }
}
