package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.topology.Deadlines.Deadline;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
    private static byte[] key(int number) {
        return new byte[] {(byte) (number >> 8), (byte) number};
    }

    private static List<Deadline> due(Deadlines deadlines, String agent, long clockNs) {
        List<Deadline> due = new ArrayList<>();
        for (Deadline each = deadlines.takeDue(agent, clockNs);
                each != null;
                each = deadlines.takeDue(agent, clockNs)) {
            due.add(each);
        }
        return due;
    }

    @Test
    void whatIsDueIsTakenOnceInOrderOfTimeAndKey() {
        Deadlines deadlines = new Deadlines();
        deadlines.put("a", 30, key(1));
        deadlines.put("a", 10, key(200));
        deadlines.put("a", 10, key(100));
        deadlines.put("b", 5, key(1));

        assertThat(due(deadlines, "a", 29)).containsExactly(new Deadline(10, key(100)), new Deadline(10, key(200)));
        assertThat(due(deadlines, "a", 29)).isEmpty();
        assertThat(due(deadlines, "a", 30)).containsExactly(new Deadline(30, key(1)));
        assertThat(due(deadlines, "nobody", 1000)).isEmpty();
    }

    @Test
    void whatIsDeletedIsNotTakenUntilItIsAddedAgain() {
        Deadlines deadlines = new Deadlines();
        deadlines.put("a", 10, key(1));
        deadlines.delete("a", 10, key(1));
        assertThat(due(deadlines, "a", 9)).isEmpty();
        deadlines.put("a", 10, key(1));
        assertThat(due(deadlines, "a", 10)).containsExactly(new Deadline(10, key(1)));
        deadlines.delete("a", 20, key(2));
    }

    /** The plain definition: a sorted set. */
    @Property(tries = 200)
    void itIsASortedSet(@ForAll long seed) {
        Random random = new Random(seed);
        Deadlines deadlines = new Deadlines();
        TreeSet<Deadline> plain = new TreeSet<>();
        for (int step = 0; step < 5_000; step++) {
            Deadline deadline = new Deadline(random.nextInt(1_000), key(random.nextInt(5_000)));
            int what = random.nextInt(1_000);
            if (what < 600) {
                if (plain.add(deadline)) {
                    deadlines.put("a", deadline.atNs(), deadline.connection());
                }
            } else if (what < 995) {
                Deadline some = plain.ceiling(deadline);
                if (some != null) {
                    plain.remove(some);
                    deadlines.delete("a", some.atNs(), some.connection());
                }
            } else {
                long clock = random.nextInt(100);
                List<Deadline> expected = new ArrayList<>(plain.headSet(new Deadline(clock + 1, new byte[0])));
                expected.forEach(plain::remove);
                assertThat(due(deadlines, "a", clock)).isEqualTo(expected);
            }
        }
        List<byte[]> each = new ArrayList<>();
        deadlines.each("a", each::add);
        assertThat(each)
                .containsExactlyInAnyOrderElementsOf(
                        plain.stream().map(Deadline::connection).toList());
        assertThat(due(deadlines, "a", Long.MAX_VALUE)).containsExactlyElementsOf(plain);
        deadlines.put("a", 1, key(1));
        deadlines.forget("a");
        assertThat(due(deadlines, "a", Long.MAX_VALUE)).isEmpty();
    }
}
