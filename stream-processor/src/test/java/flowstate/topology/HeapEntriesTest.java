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
        return entries.find(wanted.key, wanted.hash);
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
                Entry<String> leaver = entries.leaver();
                entries.add(added);
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
            entries.leaver();
            entries.add(entry(number));
            assertThat(find(entries, 0)).isNotNull();
        }
    }

    private static int held(HeapEntries<String> entries, int asked, int different) {
        Random random = new Random(1);
        Map<Integer, Entry<String>> held = new HashMap<>();
        for (int i = 0; i < asked; i++) {
            int number = random.nextInt(different);
            entries.asked(held.containsKey(number));
            if (!held.containsKey(number)) {
                for (Entry<String> leaver = entries.leaver(); leaver != null; leaver = entries.leaver()) {
                    held.values().remove(leaver);
                }
                held.put(number, entry(number));
                entries.add(held.get(number));
            } else {
                find(entries, number);
            }
        }
        return held.size();
    }

    @Test
    void whereNothingIsHereWhenItIsAskedForAgainFewAreHeldUntilThatChanges() {
        HeapEntries<String> entries = new HeapEntries<>(2_000);

        assertThat(held(entries, 10_000, 100_000)).isLessThanOrEqualTo(50);
        entries.clear();
        assertThat(held(entries, 10_000, 2_500)).isEqualTo(2_000);
    }

    @Test
    void thatIsTriedAgainNowAndThen() {
        HeapEntries<String> entries = new HeapEntries<>(2_000);
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            entries.asked(random.nextInt(10) == 0);
        }
        for (int i = 0; i < 400_000; i++) {
            entries.asked(random.nextInt(10) > 0);
        }
        for (int number = 0; number < 2_000; number++) {
            assertThat(entries.leaver()).isNull();
            entries.add(entry(number));
        }
        assertThat(entries.leaver()).isNotNull();
    }
}
