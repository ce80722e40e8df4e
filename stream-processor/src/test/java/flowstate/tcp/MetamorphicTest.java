package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.traffic.Conversation;
import flowstate.traffic.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The verdict is the same, however what was captured got there. */
class MetamorphicTest {
    private static final long START_NS = 1_767_225_600_000_000_000L;

    @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
    void theVerdictOnAGeneratedConnectionStays(@ForAll long seed, @ForAll Change change) {
        Random random = new Random(seed);
        Plan plan = Plan.random(random);
        Assume.that(change.leavesTellable(plan) && GeneratedTruthTest.canBeJudged(plan));
        Conversation conversation = Conversation.of(plan);
        boolean clientIsLow = random.nextBoolean();
        int lowPort = clientIsLow ? 40_000 : 80;
        int highPort = clientIsLow ? 80 : 40_000;
        List<Seen> all = Seen.of(conversation, clientIsLow, START_NS);
        boolean ends = conversation.truth().endReason() == EndReason.CAPTURE_ENDED;
        assertThat(differences(all, change, lowPort, highPort, ends, random.nextLong()))
                .as(() -> change + "\n" + conversation.trace())
                .isEmpty();
    }

    /** Both verdicts, where the change made a difference. */
    static List<String> differences(
            List<Seen> all, Change change, int lowPort, int highPort, boolean captureEnds, long seed) {
        boolean swapped = change == Change.ENDS_SWAPPED;
        List<Verdict> before = run(all, Change.NUMBERS_SHIFTED, lowPort, highPort, captureEnds);
        List<Verdict> after = run(
                change.apply(all, new Random(seed)),
                change,
                swapped ? highPort : lowPort,
                swapped ? lowPort : highPort,
                captureEnds);
        List<String> was =
                before.stream().map(v -> change.comparable(v).toString()).toList();
        List<String> is =
                after.stream().map(v -> change.comparable(v).toString()).toList();
        if (was.equals(is)) {
            return List.of();
        }
        List<String> differences = new ArrayList<>();
        was.forEach(v -> differences.add("was " + v));
        is.forEach(v -> differences.add("is  " + v));
        return differences;
    }

    private static List<Verdict> run(List<Seen> all, Change change, int lowPort, int highPort, boolean captureEnds) {
        Watch watch = new Watch(Timers.DEFAULT, lowPort, highPort);
        watch.between = change.between();
        for (Seen seen : all) {
            watch.segment(seen.segment(), seen.agent());
        }
        if (!captureEnds) {
            watch.await();
        }
        watch.end();
        return watch.verdicts();
    }
}
