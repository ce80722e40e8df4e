package flowstate.octets;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Numbers of variable length, as Avro writes them: zigzag, seven bits an octet, least significant first, the highest bit set in
 * all octets but the last.
 *
 * <p>They are nearly all that is read and written, in dozens of places that the compiler inlines. A loop in each of them made it take
 * seconds for a single method, so those of up to eight octets are read and written without one.
 */
public final class Varint {
    /** Octets of the longest. */
    public static final int LONGEST = 10;

    /** Octets of the longest that is handled as a word. */
    private static final int WORD = Long.BYTES;

    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final VarHandle LITTLE_ENDIAN =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Varint() {}

    /** How many octets a number takes: 1 to 10. */
    public static int length(long value) {
        return lengthOf(value << 1 ^ value >> 63);
    }

    private static int lengthOf(long zigzag) {
        return (63 - Long.numberOfLeadingZeros(zigzag | 1)) / 7 + 1;
    }

    /**
     * Writes a number at an index, from which on there must be room for {@link #LONGEST}; what is behind the number there may be
     * overwritten.
     *
     * @return the index behind it
     */
    public static int put(byte[] to, int at, long value) {
        long zigzag = value << 1 ^ value >> 63;
        if ((zigzag & ~0x7fL) == 0) {
            to[at] = (byte) zigzag;
            return at + 1;
        }
        int length = lengthOf(zigzag);
        if (length > WORD) {
            return putLong(to, at, zigzag);
        }
        long word = (zigzag & 0x0fff_ffffL) | (zigzag & 0x00ff_ffff_f000_0000L) << 4;
        word = (word & 0x0000_3fff_0000_3fffL) | (word & 0x0fff_c000_0fff_c000L) << 2;
        word = (word & 0x007f_007f_007f_007fL) | (word & 0x3f80_3f80_3f80_3f80L) << 1;
        long before = HIGH_BITS >>> 8 * (WORD + 1 - length);
        LITTLE_ENDIAN.set(to, at, word | before);
        return at + length;
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
        if (at < end && from[at] >= 0) {
            return 1;
        }
        if (at <= from.length - WORD) {
            long last = ~(long) LITTLE_ENDIAN.get(from, at) & HIGH_BITS;
            int length = (Long.numberOfTrailingZeros(last) >>> 3) + 1;
            if (length <= WORD && at + length <= end) {
                return length;
            }
        }
        return count(from, at, end);
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
        if (length == 1) {
            int only = from[at];
            return only >>> 1 ^ -(only & 1);
        }
        if (length > WORD || at > from.length - WORD) {
            return gather(from, at, length);
        }
        long word = (long) LITTLE_ENDIAN.get(from, at) & ~HIGH_BITS & -1L >>> 8 * (WORD - length);
        word = (word & 0x007f_007f_007f_007fL) | (word & 0x7f00_7f00_7f00_7f00L) >>> 1;
        word = (word & 0x0000_3fff_0000_3fffL) | (word & 0x3fff_0000_3fff_0000L) >>> 2;
        word = (word & 0x0000_0000_0fff_ffffL) | (word & 0x0fff_ffff_0000_0000L) >>> 4;
        return word >>> 1 ^ -(word & 1);
    }

    private static long gather(byte[] from, int at, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            value |= (from[at + i] & 0x7fL) << 7 * i;
        }
        return value >>> 1 ^ -(value & 1);
    }
}
