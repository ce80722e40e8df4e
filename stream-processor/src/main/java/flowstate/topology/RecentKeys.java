package flowstate.topology;

import flowstate.schema.ConnectionKey;
import java.util.Arrays;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Connection keys by their encoded form, of which the ones used last are kept: a key remembers the texts that events name
 * it by, and a Community ID costs more than all the rest of an event. Not thread-safe.
 */
final class RecentKeys {
    /** Some 500 octets each. */
    private static final int SLOTS = 4096;

    /**
     * A key, and as stores and topics have it.
     *
     * @param encoded not to be changed
     */
    record Known(ConnectionKey key, Bytes encoded) {
        byte[] octets() {
            return encoded.get();
        }
    }

    private final @Nullable Known[] recent = new Known[SLOTS];
    /** Of the keys in there: where many are open at once it mostly is another, which need not be looked at to know. */
    private final int[] hashes = new int[SLOTS];

    /**
     * The key that some octets of a record encode, which are copied.
     *
     * @throws IllegalArgumentException if they are no key's encoded form
     */
    Known of(byte[] octets, int from, int to) {
        int hash = hash(octets, from, to);
        int slot = (hash ^ hash >>> 12) & (SLOTS - 1);
        Known known = hashes[slot] == hash ? recent[slot] : null;
        if (known == null || !isOf(known, octets, from, to)) {
            byte[] encoded = Arrays.copyOfRange(octets, from, to);
            known = new Known(ConnectionKey.fromBytes(encoded), Bytes.wrap(encoded));
            recent[slot] = known;
            hashes[slot] = hash;
        }
        return known;
    }

    /** The same, where the octets are a key and nothing else. */
    Known of(byte[] encoded) {
        return of(encoded, 0, encoded.length);
    }

    private static boolean isOf(Known known, byte[] octets, int from, int to) {
        byte[] encoded = known.octets();
        return Arrays.equals(encoded, 0, encoded.length, octets, from, to);
    }

    private static int hash(byte[] octets, int from, int to) {
        int hash = 1;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + octets[i];
        }
        return hash;
    }
}
