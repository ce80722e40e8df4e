package flowstate.tcp;

import flowstate.octets.Varint;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A growing buffer that numbers and texts are written to and read from in turn. Numbers are of variable length ({@link Varint}): small
 * ones of either sign take one octet.
 */
final class Octets {
    /** Captures and agents that are at work at the same time. */
    private static final int NAMES = 64;

    /** To write to. */
    private byte[] own = new byte[512];
    /** The former, or what is read. */
    private byte[] bytes = own;

    private int at;

    /** Names that were read, by the sum of their octets. */
    private final @Nullable String[] names = new String[NAMES];

    private final byte[][] nameOctets = new byte[NAMES][0];

    /** Begins anew, to write. */
    void clear() {
        bytes = own;
        at = 0;
    }

    /** Begins to read {@code encoded}, which is not to be changed meanwhile. */
    void load(byte[] encoded) {
        bytes = encoded;
        at = 0;
    }

    /** How many were written or read. */
    int position() {
        return at;
    }

    byte[] copy() {
        return Arrays.copyOf(bytes, at);
    }

    void put(long value) {
        if (at + Varint.LONGEST > bytes.length) {
            grow();
        }
        at = Varint.put(bytes, at, value);
    }

    private void grow() {
        own = Arrays.copyOf(bytes, 2 * bytes.length);
        bytes = own;
    }

    long take() {
        int from = at;
        int first = bytes[from];
        if (first >= 0) {
            at = from + 1;
            return first >>> 1 ^ -(first & 1);
        }
        int length = Varint.lengthAt(bytes, from, bytes.length);
        at = from + length;
        return Varint.valueAt(bytes, from, length);
    }

    int takeInt() {
        return (int) take();
    }

    void putText(CharSequence text) {
        int length = text.length();
        int from = at;
        put(length);
        while (at + length > bytes.length) {
            grow();
        }
        for (int i = 0; i < length; i++) {
            char letter = text.charAt(i);
            if (letter >= 0x80) {
                at = from;
                putUtf8(text.toString());
                return;
            }
            bytes[at + i] = (byte) letter;
        }
        at += length;
    }

    private void putUtf8(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        put(utf8.length);
        while (at + utf8.length > bytes.length) {
            grow();
        }
        System.arraycopy(utf8, 0, bytes, at, utf8.length);
        at += utf8.length;
    }

    String takeText() {
        int length = takeInt();
        String text = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    /** A text that many have in common: the same object each time, as long as there are few of them. */
    String takeName() {
        int from = at;
        int length = takeInt();
        int to = at + length;
        int sum = 0;
        for (int i = at; i < to; i++) {
            sum += bytes[i];
        }
        int slot = sum & (NAMES - 1);
        String name = names[slot];
        byte[] octets = nameOctets[slot];
        if (name != null && Arrays.equals(bytes, at, to, octets, 0, octets.length)) {
            at = to;
            return name;
        }
        nameOctets[slot] = Arrays.copyOfRange(bytes, at, to);
        at = from;
        name = takeText();
        names[slot] = name;
        return name;
    }
}
