package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.topology.EncodedEntries.Budget;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class EncodedEntriesTest {
    private static final int PAGE = EncodedEntries.PAGE_OCTETS;

    private static final int[] FLAGS = {
        EncodedEntries.LOGGED, EncodedEntries.SAVED, EncodedEntries.TO_LOG, EncodedEntries.TO_SAVE
    };

    private record Kept(String value, int flags) {
        Kept after(int done, int held) {
            return (flags & done) == 0 ? this : new Kept(value, flags & ~done | held);
        }
    }

    /** What has been written, as by a store; what is saved is in the store below with the next {@link #saved}. */
    private final Map<Integer, String> logged = new HashMap<>();

    private final Map<Integer, String> saving = new HashMap<>();
    private final Map<Integer, String> saved = new HashMap<>();
    private int news;

    private class Below implements EncodedEntries.Outlet {
        @Override
        public void log(byte[] key, byte[] value) {
            logged.put(number(key), text(value));
        }

        @Override
        public void save(byte[] key, int hash, boolean isNew, byte[] value) {
            assertThat(hash).isEqualTo(hash(key));
            saving.put(number(key), text(value));
            news += isNew ? 1 : 0;
        }

        @Override
        public void saved() {
            saved.putAll(saving);
            saving.clear();
        }
    }

    private EncodedEntries entries(long octets) {
        return new EncodedEntries(new Budget(octets), new Below());
    }

    private static int number(byte[] key) {
        return ByteBuffer.wrap(key).getInt();
    }

    private static String text(byte[] octets) {
        return new String(octets, StandardCharsets.UTF_8);
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

    private static boolean put(EncodedEntries entries, int number, String value, int flags) {
        return entries.put(find(entries, number), key(number), hash(key(number)), octets(value), flags);
    }

    /** A map, from which entries may leave only for lack of room, and only once they have been written. */
    @Property(tries = 60)
    void itIsABoundedMap(@ForAll long seed) {
        Random random = new Random(seed);
        int pages = random.nextInt(4);
        EncodedEntries entries = entries((long) pages * PAGE);
        Map<Integer, Kept> plain = new HashMap<>();
        logged.clear();
        saved.clear();
        for (int step = 0; step < 4_000; step++) {
            int number = random.nextInt(1_000);
            int slot = find(entries, number);
            Kept known = plain.get(number);
            if (known != null && slot < 0) {
                assertWritten(number, known);
                assertThat(entries.copy(key(number), hash(key(number)))).isNull();
                plain.remove(number);
            } else {
                assertThat(slot >= 0).isEqualTo(known != null);
                if (known != null) {
                    assertIn(entries, number, known);
                }
                int deed = random.nextInt(4);
                if (deed == 0 && known != null) {
                    entries.remove(slot);
                    plain.remove(number);
                } else if (deed == 1 && known != null) {
                    entries.needNotLog(slot);
                    plain.put(number, new Kept(known.value, known.flags & ~EncodedEntries.TO_LOG));
                } else {
                    // now and then as long as the one before
                    String value = known != null && deed == 2
                            ? "y".repeat(known.value.length())
                            : step + "x".repeat(random.nextInt(4_000));
                    Kept kept = new Kept(value, random.nextInt(16));
                    saved.put(number, "older");
                    logged.put(number, "older");
                    if ((kept.flags & EncodedEntries.TO_LOG) == 0) {
                        logged.put(number, value);
                    }
                    if ((kept.flags & EncodedEntries.TO_SAVE) == 0) {
                        saved.put(number, value);
                    }
                    assertThat(put(entries, number, value, kept.flags)).isTrue();
                    plain.put(number, kept);
                }
            }
            if (random.nextInt(1_000) == 0) {
                entries.log();
                plain.replaceAll((each, kept) ->
                        find(entries, each) < 0 ? kept : kept.after(EncodedEntries.TO_LOG, EncodedEntries.LOGGED));
            }
            if (random.nextInt(2_000) == 0) {
                entries.save();
                plain.replaceAll((each, kept) ->
                        find(entries, each) < 0 ? kept : kept.after(EncodedEntries.TO_SAVE, EncodedEntries.SAVED));
            }
        }
        plain.keySet().removeIf(each -> find(entries, each) < 0);
        assertThat(entries.size()).isEqualTo(plain.size());
        entries.log();
        entries.save();
        plain.forEach(this::assertWritten);
    }

    private void assertIn(EncodedEntries entries, int number, Kept known) {
        int slot = find(entries, number);
        assertThat(entries.value(slot)).isEqualTo(octets(known.value));
        assertThat(entries.copy(key(number), hash(key(number)))).isEqualTo(octets(known.value));
        assertThat(entries.held(slot)).isEqualTo(known.flags & (EncodedEntries.LOGGED | EncodedEntries.SAVED));
        for (int flag : FLAGS) {
            assertThat(entries.has(slot, flag)).isEqualTo((known.flags & flag) != 0);
        }
    }

    private void assertWritten(int number, Kept known) {
        assertThat(saved.get(number)).isEqualTo(known.value);
        if ((known.flags & EncodedEntries.TO_LOG) != 0) {
            assertThat(logged.get(number)).isEqualTo(known.value);
        }
    }

    @Test
    void whatWasAddedFirstLeavesFirstAndIsWritten() {
        EncodedEntries entries = entries(0);
        String value = "v".repeat(PAGE / 4);
        int both = EncodedEntries.TO_LOG | EncodedEntries.TO_SAVE;
        put(entries, 0, value, both);
        put(entries, 1, value, EncodedEntries.LOGGED | EncodedEntries.SAVED);
        put(entries, 2, value, EncodedEntries.LOGGED | EncodedEntries.TO_SAVE);
        put(entries, 3, value, both);

        assertThat(entries.size()).isEqualTo(1);
        assertThat(find(entries, 3)).isNotNegative();
        assertThat(logged).containsOnlyKeys(0);
        assertThat(saved).containsOnlyKeys(0, 2);
        assertThat(news).isEqualTo(2);
    }

    @Test
    void whatWasRemovedMakesRoomForOthers() {
        EncodedEntries entries = entries(2 * PAGE);
        String value = "v".repeat(PAGE / 4);
        for (int number = 0; number < 1_000; number++) {
            put(entries, number, value, EncodedEntries.TO_SAVE);
            if (number >= 2) {
                entries.remove(find(entries, number - 2));
            }
        }

        assertThat(saved).isEmpty();
        assertThat(entries.size()).isEqualTo(2);
    }

    @Test
    void storesShareTheirRoomAndGiveItBack() {
        Budget budget = new Budget(PAGE);
        EncodedEntries one = new EncodedEntries(budget, new Below());
        EncodedEntries other = new EncodedEntries(budget, new Below());
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
            put(entries, number, "v".repeat(PAGE / 4), EncodedEntries.SAVED);
        }
    }

    @Test
    void whatIsLargerThanAPageIsNotTaken() {
        EncodedEntries entries = entries(PAGE);
        put(entries, 1, "v", EncodedEntries.LOGGED);
        assertThat(put(entries, 1, "v".repeat(PAGE), EncodedEntries.TO_SAVE)).isFalse();
        assertThat(find(entries, 1)).isNegative();
    }

    /** What is asked for from another thread is never missing: not while a page is closed up, nor when it leaves, for then it is saved. */
    @Test
    void whatIsInHereOrBelowIsFoundByOtherThreads() throws Exception {
        Map<Integer, String> below = new ConcurrentHashMap<>();
        EncodedEntries entries = new EncodedEntries(new Budget(2 * PAGE), new Below() {
            @Override
            public void saved() {
                below.putAll(saving);
                saving.clear();
            }
        });
        int numbers = 300;
        for (int number = 0; number < numbers; number++) {
            put(entries, number, "v", EncodedEntries.TO_SAVE);
        }
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Integer> missing = new FutureTask<>(() -> {
            int missed = 0;
            for (int number = 0; !done.get(); number = (number + 1) % numbers) {
                byte[] copy = entries.copy(key(number), hash(key(number)));
                String found = copy == null ? below.get(number) : text(copy);
                missed += found != null && found.matches("v+") ? 0 : 1;
            }
            return missed;
        });
        Thread reader = new Thread(missing);
        reader.start();
        Random random = new Random(1);
        for (int step = 0; step < 100_000; step++) {
            put(entries, random.nextInt(numbers), "v".repeat(1 + random.nextInt(4_000)), EncodedEntries.TO_SAVE);
        }
        done.set(true);
        assertThat(missing.get()).isZero();
        assertThat(below).as("pages that have left").isNotEmpty();
    }
}
