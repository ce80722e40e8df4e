package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class KeyHashesTest {
    /** The plain definition: a count for each hash. */
    @Property(tries = 200)
    void itIsAMultiset(@ForAll long seed) {
        Random random = new Random(seed);
        KeyHashes hashes = new KeyHashes();
        Map<Integer, Integer> plain = new HashMap<>();
        for (int step = 0; step < 5_000; step++) {
            // neighbours, so that they share places
            int hash = random.nextInt(2_000) * (random.nextBoolean() ? 1 : 4096);
            if (random.nextInt(3) > 0) {
                hashes.add(hash);
                plain.merge(hash, 1, Integer::sum);
            } else if (plain.containsKey(hash)) {
                hashes.remove(hash);
                plain.computeIfPresent(hash, (key, count) -> count == 1 ? null : count - 1);
            }
            int asked = random.nextInt(2_000) * (random.nextBoolean() ? 1 : 4096);
            // 0 and 1 may be taken for each other
            assertThat(hashes.contains(asked))
                    .isEqualTo(plain.containsKey(asked) || asked >> 1 == 0 && plain.containsKey(1 - asked));
        }
    }
}
