package flowstate.topology;

import flowstate.schema.ConnectionKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Connection keys by their encoded form, of which the ones used last are kept: a key remembers the texts that events name
 * it by, and a Community ID costs more than all the rest of an event. Not thread-safe.
 */
final class RecentKeys {
    /** Some 500 octets each. */
    private static final int SLOTS = 4096;

    private final @Nullable ConnectionKey[] recent = new ConnectionKey[SLOTS];

    ConnectionKey of(byte[] encoded) {
        int hash = Arrays.hashCode(encoded);
        int slot = (hash ^ hash >>> 12) & (SLOTS - 1);
        ConnectionKey key = recent[slot];
        if (key == null || !key.isOf(encoded)) {
            key = ConnectionKey.fromBytes(encoded);
            recent[slot] = key;
        }
        return key;
    }
}
