package flowstate.schema;

import flowstate.octets.Varint;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Single values out of Avro's binary encoding, for the readers that are made by hand; see {@link AvroOutput}. Whatever
 * the octets are, it throws nothing but {@link IndexOutOfBoundsException} where they are cut short and
 * {@link IllegalArgumentException} where they are wrong. Not thread-safe; meant to be reused.
 */
public final class AvroInput {
    private byte[] bytes = {};
    private int at;
    private int end;

    /** Reads from here on. */
    public void reset(byte[] octets, int from, int to) {
        bytes = octets;
        at = from;
        end = to;
    }

    public boolean takeBoolean() {
        return bytes[next(1)] != 0;
    }

    public int takeInt() {
        long value = takeLong();
        if (value != (int) value) {
            throw new IllegalArgumentException("an int must have 32 bits, was " + value);
        }
        return (int) value;
    }

    public long takeLong() {
        int from = at;
        // most numbers are of one octet: worth a way of their own
        if (from < end && bytes[from] >= 0) {
            at = from + 1;
            return Varint.valueAt(bytes, from, 1);
        }
        return takeLonger();
    }

    private long takeLonger() {
        int from = at;
        int length = Varint.lengthAt(bytes, from, end);
        at = from + length;
        return Varint.valueAt(bytes, from, length);
    }

    public double takeDouble() {
        return Double.longBitsToDouble((long) AvroOutput.LONGS.get(bytes, next(Double.BYTES)));
    }

    /** Octets; the caller's own copy. */
    public byte[] takeBytes() {
        int length = takeCount();
        int from = next(length);
        return Arrays.copyOfRange(bytes, from, from + length);
    }

    /** A string; where it equals one that may well be it, that one, without making another. */
    public String takeString(String perhaps) {
        int length = takeCount();
        int from = next(length);
        boolean same = length == perhaps.length();
        for (int i = 0; same && i < length; i++) {
            // octets beyond ASCII are negative, and so differ from any character
            same = bytes[from + i] == perhaps.charAt(i);
        }
        return same ? perhaps : new String(bytes, from, length, StandardCharsets.UTF_8);
    }

    /** Which of so many branches of a union, or symbols of an enum. */
    public int takeIndex(int count) {
        int index = takeInt();
        if (index < 0 || index >= count) {
            throw new IllegalArgumentException("an index must be 0 to " + (count - 1) + ", was " + index);
        }
        return index;
    }

    /** How many items the next block of an array has; 0 at its end. */
    public int takeBlock() {
        int count = takeInt();
        if (count < 0) {
            // the block's size in octets follows, for whoever wants to skip it
            takeLong();
            count = -count;
        }
        if (count < 0 || count > end - at) {
            throw new IllegalArgumentException("a block of " + count + " items does not fit " + (end - at) + " octets");
        }
        return count;
    }

    /** How many octets, or characters, follow. */
    int takeCount() {
        int count = takeInt();
        if (count < 0) {
            throw new IllegalArgumentException("a length must not be negative, was " + count);
        }
        return count;
    }

    /** Passes over some octets; returns where they begin. */
    int next(int octets) {
        int from = at;
        if (octets > end - from) {
            throw new IndexOutOfBoundsException("cut short at " + end);
        }
        at = from + octets;
        return from;
    }
}
