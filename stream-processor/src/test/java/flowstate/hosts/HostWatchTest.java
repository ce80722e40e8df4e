package flowstate.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.hosts.Attempt.Outcome;
import flowstate.hosts.HostKey.Watch;
import flowstate.hosts.Notice.Course;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class HostWatchTest {
    private static final long SECOND = 1_000_000_000L;
    /** A whole number of panes. */
    private static final long START = 1_767_225_600L * SECOND;

    private static final HostRules RULES = HostRules.DEFAULT;
    private static final byte[] HOST = {10, 0, 0, 2};
    private static final HostKey FLOODED = new HostKey(Watch.SYN_FLOOD, 0, HOST, 80, "");
    private static final HostKey SCANNER = new HostKey(Watch.PORT_SCAN, 0, HOST, 0, "");

    private final HostWatch watch = new HostWatch();

    private static byte[] peer(int i) {
        return new byte[] {10, (byte) (i >> 16), (byte) (i >> 8), (byte) i};
    }

    private static Attempt attempt(long atNs, Outcome outcome, int peer, int port) {
        return new Attempt(START + atNs, outcome, 1, false, peer(peer), port, "capture");
    }

    private static List<Attempt> unanswered(int count, long fromNs, long everyNs) {
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            attempts.add(attempt(fromNs + i * everyNs, Outcome.UNANSWERED, i, 80));
        }
        return attempts;
    }

    private static List<Notice> told(HostWatch watch, HostKey key, List<Attempt> attempts) {
        List<Notice> told = new ArrayList<>();
        attempts.forEach(attempt -> told.addAll(watch.add(RULES, key, attempt)));
        return told;
    }

    private List<Course> courses(HostKey key, List<Attempt> attempts) {
        return told(watch, key, attempts).stream().map(Notice::course).toList();
    }

    @Test
    void aThousandUnansweredWithinAMinuteAreAFlood() {
        assertThat(told(watch, FLOODED, unanswered(1000, 0, 20_000_000)))
                .singleElement()
                .satisfies(notice -> {
                    assertThat(notice.course()).isEqualTo(Course.BEGAN);
                    assertThat(notice.beganNs()).isEqualTo(START);
                    assertThat(notice.count()).isEqualTo(1000);
                });
    }

    @Test
    void oneFewerIsNone() {
        assertThat(courses(FLOODED, unanswered(999, 0, 20_000_000))).isEmpty();
    }

    @Test
    void aThousandWithinTenMinutesAreNone() {
        assertThat(courses(FLOODED, unanswered(1000, 0, 600_000_000))).isEmpty();
    }

    @Test
    void aBusyServerWithAsManyFailuresIsNotFlooded() {
        for (int i = 0; i < 126; i++) {
            watch.add(RULES, FLOODED, new Attempt(START, Outcome.OPENED, 16, false, peer(i), 80, "capture"));
        }

        assertThat(courses(FLOODED, unanswered(2000, 0, 1_000_000))).isEmpty();
    }

    @Test
    void itGoesOnAtPowersOfTenAndEndsAtItsLastAttempt() {
        assertThat(courses(FLOODED, unanswered(10_000, 0, 1_000_000))).containsExactly(Course.BEGAN, Course.GOES_ON);

        assertThat(told(watch, FLOODED, unanswered(1, 300 * SECOND, 0)))
                .singleElement()
                .satisfies(notice -> {
                    assertThat(notice.course()).isEqualTo(Course.ENDED);
                    assertThat(notice.atNs()).isEqualTo(START + 9_999_000_000L);
                    assertThat(notice.count()).isEqualTo(10_000);
                });
    }

    /** Between the thresholds of end and beginning it is neither told again nor ended. */
    @Test
    void whatVariesAboutTheThresholdIsToldOnce() {
        List<Attempt> attempts = unanswered(1100, 0, 1_000_000);
        for (int pane = 1; pane < 20; pane++) {
            attempts.addAll(unanswered(300 + pane % 2 * 200, pane * 30 * SECOND, 1_000_000));
        }

        assertThat(courses(FLOODED, attempts)).containsExactly(Course.BEGAN);
    }

    @Test
    void twentyFivePortsInVainAreAScan() {
        List<Attempt> attempts = new ArrayList<>();
        for (int port = 1; port <= 25; port++) {
            attempts.add(attempt(port * 1_000_000L, Outcome.REFUSED, 7, port));
        }

        assertThat(told(watch, SCANNER, attempts)).singleElement().satisfies(notice -> {
            assertThat(notice.course()).isEqualTo(Course.BEGAN);
            assertThat(notice.message()).isEqualTo("25 attempts on 25 ports of 1 host failed");
        });
        assertThat(watch.onlyPeer()).isEqualTo(peer(7));
    }

    @Test
    void manyAttemptsOnFewPortsAreNone() {
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            attempts.add(attempt(i * 1_000_000L, Outcome.REFUSED, i % 4, 1 + i % 6));
        }

        assertThat(courses(SCANNER, attempts)).isEmpty();
    }

    @Test
    void aScanOfManyHostsSaysHowMany() {
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            attempts.add(attempt(i * 1_000_000L, Outcome.UNANSWERED, i, 22));
        }

        List<Notice> told = told(watch, SCANNER, attempts);
        assertThat(told).extracting(Notice::course).containsExactly(Course.BEGAN, Course.GOES_ON, Course.GOES_ON);
        assertThat(told.get(2).message()).matches("1000 attempts on 1 port of some (9[5-9].|10[0-4].) hosts failed");
        assertThat(watch.onlyPeer()).isEmpty();
    }

    @Property(tries = 50)
    void theOrderWithinAPaneDoesNotMatter(@ForAll long seed) {
        List<Attempt> attempts = unanswered(1500, 0, 15_000_000);
        Collections.shuffle(attempts, new Random(seed));

        assertThat(told(new HostWatch(), FLOODED, attempts))
                .extracting(Notice::course)
                .containsExactly(Course.BEGAN);
    }

    /** An agent whose clock is an hour ahead tells of the same time as the others. */
    @Test
    void aClockThatIsOffDoesNoHarmToTheOthers() {
        List<Attempt> attempts = new ArrayList<>();
        for (Attempt right : unanswered(1000, 0, 20_000_000)) {
            attempts.add(right);
            attempts.add(attempt(right.timeNs() - START + 3600 * SECOND, Outcome.UNANSWERED, 1, 80));
            attempts.add(attempt(right.timeNs() - START - 7200 * SECOND, Outcome.UNANSWERED, 1, 80));
        }

        assertThat(told(watch, FLOODED, attempts))
                .extracting(notice -> notice.beganNs() - START)
                .containsExactlyInAnyOrder(0L, 3600 * SECOND, -7200 * SECOND);
    }

    @Test
    void whatIsKeptOfAHostIsBounded() {
        Random random = new Random(7);
        for (int i = 0; i < 200_000; i++) {
            long time = random.nextInt(100) * 1000 * SECOND + random.nextInt(60) * SECOND;
            watch.add(RULES, SCANNER, attempt(time, Outcome.REFUSED, random.nextInt(), random.nextInt(65536)));
        }

        assertThat(HostCodec.encode(watch).length).isLessThan(6_000);
    }

    @Property(tries = 100)
    void aRestartAtAnyPointChangesNothing(@ForAll long seed) {
        Random random = new Random(seed);
        HostWatch kept = new HostWatch();
        HostWatch restarted = new HostWatch();
        for (int i = 0; i < 200; i++) {
            Attempt attempt = attempt(
                    random.nextInt(4) * 600 * SECOND + random.nextInt(70) * SECOND,
                    Outcome.values()[random.nextInt(3)],
                    random.nextInt(40),
                    random.nextInt(40));
            restarted = HostCodec.watch(HostCodec.encode(restarted));
            attempt = HostCodec.attempts(HostCodec.encode(List.of(attempt))).get(0);
            assertThat(restarted.add(RULES, SCANNER, attempt)).isEqualTo(kept.add(RULES, SCANNER, attempt));
        }
        assertThat(restarted.finish(SCANNER)).isEqualTo(kept.finish(SCANNER));
    }
}
