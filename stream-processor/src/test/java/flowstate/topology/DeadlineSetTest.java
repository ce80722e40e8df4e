package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.topology.Deadlines.Deadline;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class DeadlineSetTest {
    /** The plain definition. Times are few, as when a capture's clock is coarse, and come with many connections each. */
    @Property(tries = 100)
    void itIsASet(@ForAll long seed) {
        Random random = new Random(seed);
        DeadlineSet deadlines = new DeadlineSet();
        Set<Deadline> plain = new HashSet<>();
        for (int step = 0; step < 5_000; step++) {
            int number = random.nextInt(400);
            byte[] connection = {(byte) (number >> 8), (byte) number};
            Deadline deadline = new Deadline(random.nextInt(3), connection);
            assertThat(deadlines.contains(deadline.atNs(), connection)).isEqualTo(plain.contains(deadline));
            if (random.nextBoolean()) {
                deadlines.add(deadline.atNs(), connection);
                plain.add(deadline);
            } else {
                assertThat(deadlines.remove(deadline.atNs(), connection)).isEqualTo(plain.remove(deadline));
            }
            if (random.nextInt(2_000) == 0) {
                deadlines.clear();
                plain.clear();
            }
            assertThat(deadlines.size()).isEqualTo(plain.size());
        }
    }
}
