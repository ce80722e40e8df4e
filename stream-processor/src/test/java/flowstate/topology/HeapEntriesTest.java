package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.topology.HeapEntries.Entry;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HeapEntriesTest {
    private static Entry<String> entry(int number) {
        byte[] key = ByteBuffer.allocate(4).putInt(number).array();
        return new Entry<>(Bytes.wrap(key), HeapEntries.hash(key));
    }

    private static @Nullable Entry<String> find(HeapEntries<String> entries, int number) {
        Entry<String> wanted = entry(number);
        return entries.find(wanted.key.get(), wanted.hash);
    }

    /** The plain definition: a map, from which whatever had to leave is removed. */
    @Property(tries = 100)
    void itIsABoundedMap(@ForAll long seed) {
        Random random = new Random(seed);
        int capacity = 1 + random.nextInt(2_000);
        HeapEntries<String> entries = new HeapEntries<>(capacity);
        Map<Integer, Entry<String>> plain = new HashMap<>();
        for (int step = 0; step < 10_000; step++) {
            int number = random.nextInt(3_000);
            Entry<String> known = plain.get(number);
            assertThat(find(entries, number)).isSameAs(known);
            if (known == null) {
                Entry<String> added = entry(number);
                Entry<String> leaver = entries.add(added);
                assertThat(leaver == null).isEqualTo(plain.size() < capacity);
                if (leaver != null) {
                    assertThat(plain.remove(ByteBuffer.wrap(leaver.key.get()).getInt()))
                            .isSameAs(leaver);
                }
                plain.put(number, added);
            } else if (random.nextInt(4) == 0) {
                entries.remove(known);
                plain.remove(number);
            }
        }
    }

    @Test
    void whatIsAskedForStays() {
        HeapEntries<String> entries = new HeapEntries<>(3);
        for (int number = 0; number < 1_000; number++) {
            entries.add(entry(number));
            assertThat(find(entries, 0)).isNotNull();
        }
    }
}
