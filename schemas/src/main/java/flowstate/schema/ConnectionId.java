package flowstate.schema;

import java.util.Arrays;
import java.util.Base64;

/**
 * Names one instance of a 4-tuple: the key, and 64 bits made of the originator's initial sequence number and the start.
 *
 * <p>Its text is the URL-safe Base64 of both, so that whoever holds an id can tell which partition holds the connection
 * without an index, and a replay of the same capture yields the same ids.
 *
 * @param key the 4-tuple with its scope
 * @param instance see {@link #instanceOf}
 */
public record ConnectionId(ConnectionKey key, long instance) {

    /**
     * The instance bits of a connection.
     *
     * @param initialSequence the originator's initial sequence number, 0..2^32-1, or -1 where its SYN was not seen
     * @param startedAtNs capture time of the first segment, nanoseconds since 1970
     */
    public static long instanceOf(long initialSequence, long startedAtNs) {
        return mix(startedAtNs + 0x9e3779b97f4a7c15L * (initialSequence + 2));
    }

    /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit changes half of the output bits. */
    private static long mix(long bits) {
        long z = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /**
     * The id whose text form is given.
     *
     * @throws IllegalArgumentException if {@code text} is not an id's text form
     */
    public static ConnectionId parse(String text) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a connection id: '" + text + "' is not URL-safe Base64", e);
        }
        if (bytes.length < 8) {
            throw new IllegalArgumentException("not a connection id: '" + text + "' is too short");
        }
        int keyLength = bytes.length - 8;
        long instance = 0;
        for (int i = keyLength; i < bytes.length; i++) {
            instance = instance << 8 | (bytes[i] & 0xff);
        }
        try {
            return new ConnectionId(ConnectionKey.fromBytes(Arrays.copyOf(bytes, keyLength)), instance);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a connection id: '" + text + "' holds no key", e);
        }
    }

    @Override
    public String toString() {
        byte[] keyBytes = key.toBytes();
        byte[] bytes = Arrays.copyOf(keyBytes, keyBytes.length + 8);
        for (int i = 0; i < 8; i++) {
            bytes[keyBytes.length + i] = (byte) (instance >>> (56 - 8 * i));
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
