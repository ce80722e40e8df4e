package flowstate.topology;

import flowstate.tcp.Connection;
import flowstate.tcp.Standing;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a partition that anybody can make with a single packet, oldest first: those without a handshake, and
 * those of which one end only was seen. Established ones are not among them, so no flood can push those out.
 *
 * <p>On the heap alone, some 100 octets each, and built anew from the store at the start. One thread.
 */
final class HalfOpen {
    private final Map<Standing, LinkedHashSet<Key>> byStanding = new EnumMap<>(Standing.class);

    /** See {@link HeapEntries} on hashes of keys that count up. */
    private record Key(Bytes bytes, int hash) {
        static Key of(Bytes bytes) {
            return new Key(bytes, Utils.murmur2(bytes.get()));
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && hash == key.hash && Arrays.equals(bytes.get(), key.bytes.get());
        }
    }

    HalfOpen() {
        for (Standing standing : Standing.values()) {
            if (standing != Standing.PROVEN) {
                byStanding.put(standing, new LinkedHashSet<>());
            }
        }
    }

    /** How a connection stands; that of none is proven, as there is nothing to let go of. */
    static Standing of(@Nullable Connection connection) {
        return connection == null ? Standing.PROVEN : connection.standing();
    }

    /** A connection stands otherwise than before. */
    void moved(Bytes bytesOfKey, Standing before, Standing now) {
        if (before == now) {
            return;
        }
        Key key = Key.of(bytesOfKey);
        LinkedHashSet<Key> left = byStanding.get(before);
        if (left != null) {
            left.remove(key);
        }
        LinkedHashSet<Key> entered = byStanding.get(now);
        if (entered != null) {
            entered.add(key);
        }
    }

    int size() {
        int size = 0;
        for (LinkedHashSet<Key> keys : byStanding.values()) {
            size += keys.size();
        }
        return size;
    }

    /** Takes out the one to be let go of first: the oldest without a handshake, then the oldest of which one end was seen. */
    @Nullable
    Bytes takeFirst() {
        for (LinkedHashSet<Key> keys : byStanding.values()) {
            Iterator<Key> oldest = keys.iterator();
            if (oldest.hasNext()) {
                Bytes first = oldest.next().bytes();
                oldest.remove();
                return first;
            }
        }
        return null;
    }
}
