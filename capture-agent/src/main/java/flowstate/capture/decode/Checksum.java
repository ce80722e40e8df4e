package flowstate.capture.decode;

import java.nio.ByteBuffer;

/**
 * The Internet checksum (RFC 1071): sums of 16-bit words in ones' complement, big-endian, kept wide in a long until they
 * are folded. Read eight octets at a time: it does not matter where in a wide number a word is added.
 */
final class Checksum {
    private static final long LOW_HALF = 0xffff_ffffL;

    private Checksum() {}

    /**
     * Sums octets; one that is left over counts as the upper half of a word. The first octet must be at an even distance
     * from the start of what is checked.
     *
     * @return not folded; may be added to other sums
     */
    static long sum(ByteBuffer buffer, int from, int length) {
        int at = from;
        int end = from + length;
        long sum = 0;
        long more = 0;
        for (int last = end - 16; at <= last; at += 16) {
            long a = buffer.getLong(at);
            long b = buffer.getLong(at + 8);
            sum += (a >>> 32) + (a & LOW_HALF);
            more += (b >>> 32) + (b & LOW_HALF);
        }
        sum += more;
        for (; at + 2 <= end; at += 2) {
            sum += buffer.getShort(at) & 0xffff;
        }
        if (at < end) {
            sum += (buffer.get(at) & 0xff) << 8;
        }
        return sum;
    }

    /** Sums {@code length} octets, a multiple of four, from the start of an array. */
    static long sum(byte[] octets, int length) {
        long sum = 0;
        for (int i = 0; i < length; i += 4) {
            sum += Cursor.i32(octets, i) & LOW_HALF;
        }
        return sum;
    }

    /** The 16 bits that a sum comes to: 0xffff over something that holds its own, right checksum. */
    static int fold(long sum) {
        long folded = (sum >>> 32) + (sum & LOW_HALF);
        folded = (folded >>> 32) + (folded & LOW_HALF);
        folded = (folded >>> 16) + (folded & 0xffff);
        folded = (folded >>> 16) + (folded & 0xffff);
        return (int) ((folded >>> 16) + (folded & 0xffff));
    }
}
