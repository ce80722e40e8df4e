package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.topology.EncodedEntries.Budget;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class EncodedEntriesTest {
    private static final int PAGE = EncodedEntries.PAGE_OCTETS;

    private record Kept(String value, boolean stored, boolean dirty) {}

    /** What has been written below, as by a store. */
    private final Map<Integer, String> below = new HashMap<>();

    private int news;

    private EncodedEntries entries(long octets) {
        return new EncodedEntries(new Budget(octets), (key, hash, isNew, value) -> {
            assertThat(hash).isEqualTo(hash(key));
            below.put(ByteBuffer.wrap(key).getInt(), new String(value, StandardCharsets.UTF_8));
            news += isNew ? 1 : 0;
        });
    }

    private static byte[] key(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    /** Few different ones, so that they collide. */
    private static int hash(byte[] key) {
        return HeapEntries.hash(key) & 0xf000_03ff;
    }

    private static byte[] octets(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
    }

    private static int find(EncodedEntries entries, int number) {
        return entries.find(key(number), hash(key(number)));
    }

    private static boolean add(EncodedEntries entries, int number, String value, int flags) {
        return entries.add(key(number), hash(key(number)), octets(value), flags);
    }

    /** A map, from which entries may leave only for lack of room, and what is dirty only once it has been written. */
    @Property(tries = 60)
    void itIsABoundedMap(@ForAll long seed) {
        Random random = new Random(seed);
        int pages = random.nextInt(4);
        EncodedEntries entries = entries((long) pages * PAGE);
        Map<Integer, Kept> plain = new HashMap<>();
        below.clear();
        for (int step = 0; step < 4_000; step++) {
            int number = random.nextInt(1_000);
            int slot = find(entries, number);
            Kept known = plain.get(number);
            if (known != null && slot < 0) {
                assertThat(below.get(number)).isEqualTo(known.value);
                plain.remove(number);
            } else if (known == null) {
                assertThat(slot).isNegative();
                String value = step + "x".repeat(random.nextInt(4_000));
                boolean stored = random.nextBoolean();
                boolean dirty = random.nextBoolean();
                if (!dirty) {
                    below.put(number, value);
                }
                int flags = (stored ? EncodedEntries.STORED : 0) | (dirty ? EncodedEntries.DIRTY : 0);
                assertThat(add(entries, number, value, flags)).isTrue();
                plain.put(number, new Kept(value, stored, dirty));
            } else {
                assertThat(entries.value(slot)).isEqualTo(octets(known.value));
                boolean dirty = entries.has(slot, EncodedEntries.DIRTY);
                assertThat(dirty).isEqualTo(known.dirty);
                assertThat(entries.has(slot, EncodedEntries.STORED)).isEqualTo(known.stored);
                if (random.nextInt(3) > 0) {
                    entries.remove(slot);
                    plain.remove(number);
                }
            }
            if (random.nextInt(1_000) == 0) {
                entries.clean();
                assertAllWritten(entries, plain);
            }
        }
        entries.clean();
        assertAllWritten(entries, plain);
        assertThat(entries.size()).isEqualTo(plain.size());
    }

    private void assertAllWritten(EncodedEntries entries, Map<Integer, Kept> plain) {
        for (Iterator<Map.Entry<Integer, Kept>> all = plain.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Integer, Kept> each = all.next();
            int number = each.getKey();
            Kept kept = each.getValue();
            assertThat(below.get(number)).isEqualTo(kept.value);
            int slot = find(entries, number);
            if (slot < 0) {
                all.remove();
            } else {
                assertThat(entries.has(slot, EncodedEntries.DIRTY)).isFalse();
                each.setValue(new Kept(kept.value, kept.stored || kept.dirty, false));
            }
        }
    }

    @Test
    void whatWasAddedFirstLeavesFirstAndIsWritten() {
        EncodedEntries entries = entries(0);
        String value = "v".repeat(PAGE / 4);
        for (int number = 0; number < 4; number++) {
            add(entries, number, value, number == 1 ? EncodedEntries.STORED : EncodedEntries.DIRTY);
        }

        assertThat(entries.size()).isEqualTo(1);
        assertThat(find(entries, 3)).isNotNegative();
        assertThat(below).containsOnlyKeys(0, 2);
        assertThat(news).isEqualTo(2);
    }

    @Test
    void whatWasRemovedMakesRoomForOthers() {
        EncodedEntries entries = entries(2 * PAGE);
        String value = "v".repeat(PAGE / 4);
        for (int number = 0; number < 1_000; number++) {
            add(entries, number, value, EncodedEntries.DIRTY);
            if (number >= 2) {
                entries.remove(find(entries, number - 2));
            }
        }

        assertThat(below).isEmpty();
        assertThat(entries.size()).isEqualTo(2);
    }

    @Test
    void storesShareTheirRoomAndGiveItBack() {
        Budget budget = new Budget(PAGE);
        EncodedEntries one = new EncodedEntries(budget, (key, hash, isNew, value) -> {});
        EncodedEntries other = new EncodedEntries(budget, (key, hash, isNew, value) -> {});
        fill(one);
        fill(other);
        assertThat(one.size()).as("two pages").isEqualTo(6);
        assertThat(other.size()).as("its one page").isLessThanOrEqualTo(3);

        one.clear();
        assertThat(one.size()).isZero();
        fill(other);
        assertThat(other.size()).isEqualTo(6);
    }

    private static void fill(EncodedEntries entries) {
        for (int number = 0; number < 6; number++) {
            int slot = find(entries, number);
            if (slot >= 0) {
                entries.remove(slot);
            }
            add(entries, number, "v".repeat(PAGE / 4), EncodedEntries.STORED);
        }
    }

    @Test
    void whatIsLargerThanAPageIsNotTaken() {
        EncodedEntries entries = entries(PAGE);
        assertThat(add(entries, 1, "v".repeat(PAGE), EncodedEntries.DIRTY)).isFalse();
        assertThat(find(entries, 1)).isNegative();
    }
}
