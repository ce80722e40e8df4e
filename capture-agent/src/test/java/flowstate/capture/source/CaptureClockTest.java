package flowstate.capture.source;

import static flowstate.capture.source.RecordSource.LOOK_AHEAD;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class CaptureClockTest {
    private static final long SECOND = 1_000_000_000;
    private static final long HOUR = 3_600 * SECOND;
    private static final long NOON = 1_457_870_400 * SECOND;

    @Test
    void theSeedTracesSynAckTwentyHoursAheadDoesNotMoveTheClock() {
        assertThat(clocks(NOON, NOON + 20 * HOUR, NOON + 1, NOON + 2))
                .containsExactly(NOON, NOON + 1, NOON + 1, NOON + 2);
    }

    @Test
    void theSeedTracesSynAckAnHourBehindDoesNotHoldTheClockBack() {
        assertThat(clocks(NOON, NOON - 2 * HOUR, NOON + 1, NOON + 2)).containsExactly(NOON, NOON, NOON + 1, NOON + 2);
    }

    @Test
    void aFirstPacketInTheFutureWaitsForTheNext() {
        assertThat(clocks(NOON + 20 * HOUR, NOON, NOON + 1)).containsExactly(NOON, NOON, NOON + 1);
    }

    @Test
    void aFirstPacketInThePastIsLeftBehind() {
        assertThat(clocks(0, NOON, NOON + 1)).containsExactly(0L, NOON, NOON + 1);
    }

    @Test
    void aLastPacketFarInTheFutureIsNotBelievedAlone() {
        assertThat(clocks(NOON, NOON + 1, NOON + 20 * HOUR)).containsExactly(NOON, NOON + 1, NOON + 1);
    }

    @Test
    void twoLastPacketsThatAgreeAreBelieved() {
        assertThat(clocks(NOON, NOON + 20 * HOUR, NOON + 20 * HOUR + 1))
                .containsExactly(NOON, NOON + 20 * HOUR, NOON + 20 * HOUR + 1);
    }

    @Test
    void aLatePacketDoesNotMakeALastOneInTheFutureBelieved() {
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 2 * LOOK_AHEAD; i++) {
            times.add(NOON + i);
        }
        times.add(NOON + 20 * HOUR);
        times.add(NOON);
        long last = NOON + 2 * LOOK_AHEAD - 1;
        assertThat(clocks(times)).endsWith(last, last, last);
    }

    @Test
    void aLastPacketWithinTheHourIsBelieved() {
        assertThat(clocks(NOON, NOON + HOUR)).containsExactly(NOON, NOON + HOUR);
    }

    @Test
    void keepAlivesEveryTwoHoursMoveTheClock() {
        assertThat(clocks(NOON, NOON + 2 * HOUR, NOON + 4 * HOUR, NOON + 4 * HOUR + 1))
                .containsExactly(NOON, NOON + 2 * HOUR, NOON + 4 * HOUR, NOON + 4 * HOUR + 1);
    }

    @Test
    void packetsOutOfOrderWithinTheWindowAreWaitedFor() {
        assertThat(clocks(NOON, NOON + 3, NOON + 4, NOON + 1, NOON + 5))
                .containsExactly(NOON, NOON + 1, NOON + 1, NOON + 1, NOON + 5);
    }

    @Test
    void theSmallestAndTheLargestTimesDoNotOverflow() {
        assertThat(clocks(Long.MIN_VALUE, NOON, Long.MAX_VALUE)).containsExactly(Long.MIN_VALUE, NOON, NOON);
        assertThat(clocks(Long.MAX_VALUE)).containsExactly(Long.MAX_VALUE);
    }

    @Property
    void theClockNeverGoesBack(@ForAll List<Long> times) {
        assertThat(clocks(times)).hasSameSizeAs(times).isSorted();
    }

    @Property
    void theClockNeverPassesAPacketInTheWindowThatWasNotLate(@ForAll List<@LongRange(min = 0, max = 500) Long> times) {
        List<Long> clocks = clocks(times);
        for (int i = 1; i < times.size(); i++) {
            for (int later = i; later <= Math.min(i + LOOK_AHEAD, times.size() - 1); later++) {
                assertThat(times.get(later) < clocks.get(i - 1) || clocks.get(i) <= times.get(later))
                        .as("packet %d waits for packet %d", i, later)
                        .isTrue();
            }
        }
    }

    @Property
    void inACaptureInOrderTheClockIsThePacketsTime(@ForAll("inOrder") List<Long> times) {
        assertThat(clocks(times)).isEqualTo(times);
    }

    @Property
    void oneOutlierIntoTheFutureChangesNoOtherPacketsClock(
            @ForAll("inOrder") List<Long> times,
            @ForAll @IntRange(max = 120) int place,
            @ForAll @LongRange(min = 0) long beyond) {
        Assume.that(place <= times.size());
        long last = times.get(times.size() - 1);
        long outlier = last + Math.min(beyond, Long.MAX_VALUE - last);
        assertThat(clocksOfOthers(times, place, outlier)).isEqualTo(times);
    }

    @Property
    void oneOutlierIntoThePastChangesNoOtherPacketsClock(
            @ForAll("inOrder") List<Long> times,
            @ForAll @IntRange(max = 120) int place,
            @ForAll @LongRange(min = HOUR + 1, max = NOON) long before) {
        Assume.that(place <= times.size());
        assumeNotOneAgainstOne(times);
        assertThat(clocksOfOthers(times, place, times.get(0) - before)).isEqualTo(times);
    }

    @Property
    void anyOutlierChangesOnlyClocksWithinTheWindowBeforeItAndOnlyToLess(
            @ForAll("inOrder") List<Long> times, @ForAll @IntRange(max = 120) int place, @ForAll long outlier) {
        Assume.that(place <= times.size());
        assumeNotOneAgainstOne(times);
        List<Long> clocks = clocksOfOthers(times, place, outlier);
        for (int i = 0; i < times.size(); i++) {
            if (i < place - LOOK_AHEAD || i >= place) {
                assertThat(clocks.get(i)).isEqualTo(times.get(i));
            } else {
                assertThat(clocks.get(i)).isLessThanOrEqualTo(times.get(i));
            }
        }
    }

    /** Of two packets, nobody can say which one is the outlier. */
    private static void assumeNotOneAgainstOne(List<Long> times) {
        Assume.that(times.size() > 1);
    }

    @Provide
    Arbitrary<List<Long>> inOrder() {
        return Arbitraries.longs()
                .between(0, 10 * SECOND)
                .list()
                .ofMinSize(1)
                .ofMaxSize(120)
                .map(gaps -> {
                    List<Long> times = new ArrayList<>();
                    long time = NOON;
                    for (long gap : gaps) {
                        time += gap;
                        times.add(time);
                    }
                    return times;
                });
    }

    private static List<Long> clocksOfOthers(List<Long> times, int place, long outlier) {
        List<Long> with = new ArrayList<>(times);
        with.add(place, outlier);
        List<Long> clocks = clocks(with);
        clocks.remove(place);
        return clocks;
    }

    private static List<Long> clocks(long... times) {
        List<Long> list = new ArrayList<>();
        for (long time : times) {
            list.add(time);
        }
        return clocks(list);
    }

    /** Runs the times through as RecordSource does. */
    private static List<Long> clocks(List<Long> times) {
        CaptureClock clock = new CaptureClock(LOOK_AHEAD + 1);
        List<Long> clocks = new ArrayList<>();
        for (int added = 0; clocks.size() < times.size(); ) {
            if (added < times.size() && added - clocks.size() <= LOOK_AHEAD) {
                clock.add(times.get(added++));
            } else {
                if (added == times.size()) {
                    clock.end();
                }
                clocks.add(clock.next());
            }
        }
        return clocks;
    }
}
