package flowstate.schema;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Avro's binary encoding of single values into a buffer that grows, for the writers that are made by hand. Not
 * thread-safe; meant to be reused.
 *
 * <p>Source: Avro 1.12 specification, "Binary Encoding": integers are zigzag and variable-length, seven bits an octet,
 * least significant first; strings are their length and UTF-8.
 */
public final class AvroOutput {
    private static final int LONGEST_NUMBER = 10;

    private byte[] bytes;
    private int length;

    /** An empty buffer with room for so many octets at first. */
    public AvroOutput(int capacity) {
        this.bytes = new byte[capacity];
    }

    /** Forgets what was written. */
    public void clear() {
        length = 0;
    }

    public int length() {
        return length;
    }

    /** What was written; the caller's own copy. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    public void putBoolean(boolean value) {
        room(1);
        bytes[length++] = (byte) (value ? 1 : 0);
    }

    public void putInt(int value) {
        room(LONGEST_NUMBER);
        int rest = value << 1 ^ value >> 31;
        while ((rest & ~0x7f) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    public void putLong(long value) {
        room(LONGEST_NUMBER);
        long rest = value << 1 ^ value >> 63;
        while ((rest & ~0x7fL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    public void putDouble(double value) {
        room(Double.BYTES);
        long bits = Double.doubleToRawLongBits(value);
        for (int i = 0; i < Double.BYTES; i++) {
            bytes[length++] = (byte) (bits >>> 8 * i);
        }
    }

    /** Octets as they are, without their length. */
    public void putRaw(byte[] octets) {
        room(octets.length);
        System.arraycopy(octets, 0, bytes, length, octets.length);
        length += octets.length;
    }

    public void putString(String value) {
        int chars = value.length();
        putInt(chars);
        room(chars);
        int from = length;
        // nearly all are ASCII: one octet a character, without a copy
        for (int i = 0; i < chars; i++) {
            char c = value.charAt(i);
            if (c >= 0x80) {
                length = from - numberLength(chars);
                byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
                putInt(utf8.length);
                putRaw(utf8);
                return;
            }
            bytes[length++] = (byte) c;
        }
    }

    private static int numberLength(int value) {
        int octets = 1;
        for (int rest = value << 1; (rest & ~0x7f) != 0; rest >>>= 7) {
            octets++;
        }
        return octets;
    }

    private void room(int octets) {
        if (length + octets > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + octets));
        }
    }
}
