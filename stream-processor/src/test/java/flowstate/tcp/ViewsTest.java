package flowstate.tcp;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import flowstate.trace.Line;
import flowstate.trace.Scenarios;
import flowstate.trace.Trace;
import flowstate.trace.TraceRun;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of several agents beyond the kinds that traces show. */
class ViewsTest {
    private final List<String> messages = new ArrayList<>();

    private Connection run(String scenario, boolean withFirstAgentOnly) {
        Trace trace = Scenarios.named(scenario);
        TraceRun run = TraceRun.plain(trace);
        Tracker tracker = new Tracker(Timers.DEFAULT);
        Connection connection = null;
        for (Line line : trace.lines()) {
            if (line.step() instanceof Line.Observed observed
                    && !(withFirstAgentOnly && observed.segment().agent().equals("b"))) {
                String agent = observed.segment().agent();
                Segment segment = observed.segment()
                        .segment(run, line.atNs(), trace.clocks().getOrDefault(agent, 0L));
                connection = tracker.onSegment(connection, 40000, 50000, segment, agent, "trace", new Messages());
            }
        }
        return requireNonNull(connection);
    }

    private final class Messages extends Unheard {
        @Override
        public void anomaly(
                Connection c,
                AnomalyKind kind,
                long count,
                double confidence,
                long atNs,
                @Nullable Segment evidence,
                String message) {
            messages.add(kind + ": " + message);
        }
    }

    @Test
    void aLossBetweenTwoAgentsIsLocated() {
        run("lost-between-agents", false);

        assertThat(messages)
                .contains(
                        "SEGMENT_GAP: 100 octets of the originator are missing before this: seen at a, not at b, so lost or"
                                + " overtaken between the two");
    }

    @Test
    void theWayBetweenTheAgentsIsMeasuredAndTheClockCorrected() {
        Connection c = run("two-agents-clock-skew", false);

        Observer b = c.observers().get(1);
        assertThat(b.agent()).isEqualTo("b");
        assertThat(b.roundTripNs()).isBetween(19_000_000L, 20_000_000L);
        assertThat(b.clockOffsetNs()).isBetween(29_999_000_000L, 30_001_000_000L);
        assertThat(messages).contains("CLOCK_SKEW: the clock of b is 30.000 s ahead of that of a");
    }

    @Test
    void oneAgentAloneIsComparedWithNobody() {
        Connection c = run("two-agents", true);

        assertThat(c.observers()).singleElement().satisfies(only -> {
            assertThat(only.recent).isNull();
            assertThat(only.lag).isNull();
        });
    }

    private static final long MS = 1_000_000;
    private static final long STARTED = 50_000 * MS;

    /** Two agents, of which the first is 10 ms nearer to the low end. */
    private static Connection seenByTwo() {
        Connection c = new Connection("eth0", -1, STARTED, STARTED, 40_000, 80);
        c.originatorLow = true;
        Observer second = add(c, "b");
        lag(second).add(true, 10 * MS);
        lag(second).add(false, -10 * MS);
        return c;
    }

    private static Observer add(Connection c, String agent) {
        if (c.observers.isEmpty()) {
            c.observers.add(new Observer("a"));
        }
        Observer added = new Observer(agent);
        added.lag = new Lag();
        c.observers.add(added);
        return added;
    }

    private static Lag lag(Observer observer) {
        return requireNonNull(observer.lag);
    }

    private static Segment segment(String flags, int seq, int ack, int payload, long atNs) {
        return new Segment(
                atNs, atNs, true, seq, ack, Flags.parse(flags), 9, payload, 40, -1, -1, false, -1, -1, 0, -1, 0);
    }

    /** What an agent has shown already is no measure: which copy of it another one saw is not known. */
    @ParameterizedTest
    @CsvSource({
        "P., 0,  1, 0,  true",
        "P., -1, 1, 0,  false",
        "P., -1, 2, 0,  true",
        "P., -9, 9, 1,  false",
        "., 0,  0, 0,  false",
        "., 0,  0, 1,  true",
        "., 1,  0, 0,  true",
        "., -1, 0, 1,  false",
        "P, -1, 1, 1,  false",
        "R, 5, 0, 0,  true",
        "R, 7, 0, 0,  false"
    })
    void onlyWhatIsNewIsCompared(String flags, int fromNext, int payload, int newlyAcked, boolean isNew) {
        Connection c = seenByTwo();
        Observer first = c.observers.get(0);
        first.lowFlow.set(Flow.BEGAN | Flow.ACKED, true);
        first.lowFlow.next = Integer.MAX_VALUE;
        first.lowFlow.acked = Integer.MIN_VALUE + 3;
        first.low.rst = true;
        first.low.rstSeq = Integer.MAX_VALUE + 7;
        Segment s = segment(
                flags, first.lowFlow.next + fromNext, first.lowFlow.acked + newlyAcked, payload, STARTED + 300 * MS);
        Views.compare(c, s, first);
        Views.compare(c, s.at(STARTED + 340 * MS, STARTED + 340 * MS), c.observers.get(1));
        assertThat(lag(c.observers.get(1)).low.count).isEqualTo(isNew ? 2 : 1);
    }

    @Test
    void anAcknowledgementIsNewOnlyBesideAnother() {
        Connection c = seenByTwo();
        Observer first = c.observers.get(0);
        first.lowFlow.set(Flow.BEGAN, true);
        first.lowFlow.next = 100;
        Views.compare(c, segment(".", 100, 77, 0, STARTED), first);
        assertThat(first.recent).as("it may have been seen while alone").isNull();
    }

    @Test
    void theSynIsComparedThoughItWasSeenBeforeThereWasAnybodyToCompareWith() {
        Connection c = new Connection("eth0", -1, 0, 0, 40_000, 80);
        Observer second = add(c, "b");
        c.low.syn = true;
        c.low.base = 100;
        c.observers.get(0).synNs = 0;
        Views.compare(c, segment("S", 100, 0, 0, 12 * MS), second);
        assertThat(lag(second).low.least).isEqualTo(12 * MS);
        assertThat(lag(second).low.count).isEqualTo(1);
    }

    /**
     * The first agent saw a SYN, and perhaps more of its sender since; the latest timestamp and the one of the SYN that the second
     * agent shows tell whether that is the same one or another, sent again (RFC 6298 section 5, RFC 7323 section 3.2). -1: none.
     */
    @ParameterizedTest
    @CsvSource({
        "-1,         false, 1000, true",
        "1000,       false, -1,   true",
        "1000,       false, 1000, true",
        "1000,       false, 2000, false",
        "1000,       false, 999,  false",
        "1200,       true,  1000, true",
        "1000,       true,  1000, true",
        "1000,       true,  1001, false",
        "4294967295, true,  1,    false",
        "1,          true,  4294967295, true"
    })
    void anotherSynIsNoMeasure(long latest, boolean sentMore, long ofTheSyn, boolean compared) {
        Connection c = new Connection("eth0", -1, STARTED, STARTED, 40_000, 80);
        Observer second = add(c, "b");
        Observer first = c.observers.get(0);
        first.synNs = STARTED;
        first.lowFlow.latestNs = sentMore ? STARTED + MS : STARTED;
        String timestamp = ofTheSyn < 0 ? "" : ",TS val " + ofTheSyn + " ecr 0";
        Segment syn = Talk.segment("@0 C > S S 0:0(0) <mss 1460" + timestamp + ">");
        c.low.syn = true;
        c.low.base = syn.seq();
        c.low.timestamp = latest;
        Views.compare(c, syn.at(STARTED + 12 * MS, STARTED + 12 * MS), second);
        assertThat(lag(second).low.count).isEqualTo(compared ? 1 : 0);
    }

    @Test
    void timesAreToldByTheFirstAgentsClock() {
        Connection c = new Connection("eth0", -1, STARTED, STARTED, 40_000, 80);
        Observer second = add(c, "b");
        Segment s = segment(".", 1, 1, 0, STARTED + 30_000 * MS).at(STARTED + 29_000 * MS, STARTED + 30_000 * MS);
        c.lastClock = STARTED + 31_000 * MS;
        assertThat(Views.toFirstClock(c, s, second))
                .as("its clock is not known yet")
                .isEqualTo(s.at(s.timeNs(), c.lastClock));
        assertThat(Views.toFirstClock(c, s, c.observers.get(0))).isSameAs(s);
        lag(second).add(true, 30_010 * MS);
        lag(second).add(false, 29_990 * MS);
        assertThat(Views.toFirstClock(c, s, second)).isEqualTo(s.at(STARTED - 1_000 * MS, STARTED));
        lag(second).low.least = 10 * MS;
        lag(second).high.most = -10 * MS;
        assertThat(Views.toFirstClock(c, s, second))
                .as("clocks that agree cost nothing")
                .isSameAs(s);
    }

    @ParameterizedTest
    @CsvSource({"1000000000, false", "1000000001, true", "-1000000000, false", "-1000000001, true"})
    void clocksMoreThanASecondApartAreTold(long offsetNs, boolean told) {
        Connection c = new Connection("eth0", -1, STARTED, STARTED, 40_000, 80);
        Observer second = add(c, "b");
        lag(second).add(true, offsetNs);
        lag(second).add(false, offsetNs);
        Findings found = new Findings();
        Views.find(c, segment(".", 1, 1, 0, STARTED), second, found);
        assertThat(found.all()).hasSize(told ? 1 : 0);
        assertThat(found.all())
                .allSatisfy(f -> assertThat(f.sentence().get())
                        .isEqualTo(
                                "the clock of b is 1.000 s " + (offsetNs > 0 ? "ahead of" : "behind") + " that of a"));
    }

    @ParameterizedTest
    @CsvSource({"500, true", "501, false", "499, true"})
    void aLossIsLocatedIfTheAgentBeforeHasAll(int gapEnd, boolean located) {
        Connection c = seenByTwo();
        c.observers.get(0).lowFlow.set(Flow.BEGAN, true);
        c.observers.get(0).lowFlow.unbroken = 500;
        Segment s = segment("P.", gapEnd, 1, 10, STARTED);
        assertThat(Views.where(c, s, c.observers.get(1)))
                .isEqualTo(located ? ": seen at a, not at b, so lost or overtaken between the two" : "");
    }

    @Test
    void anAgentFurtherOnDoesNotTellWhereItWasLost() {
        Connection c = seenByTwo();
        c.observers.get(1).lowFlow.set(Flow.BEGAN, true);
        c.observers.get(1).lowFlow.unbroken = 500;
        assertThat(Views.where(c, segment("P.", 500, 1, 10, STARTED), c.observers.get(0)))
                .isEmpty();
    }

    @Test
    void twoAgentsOfWhichNoneIsTheFirstAreNotPutInOrder() {
        Connection c = seenByTwo();
        Observer third = add(c, "c");
        lag(third).add(true, 20 * MS);
        lag(third).add(false, -20 * MS);
        c.observers.get(1).lowFlow.set(Flow.BEGAN, true);
        c.observers.get(1).lowFlow.unbroken = 500;
        assertThat(Views.where(c, segment("P.", 500, 1, 10, STARTED), third)).isEmpty();
    }

    @Test
    void aRstIsAwaitedFromTheOtherAgentForHalfASecond() {
        Connection c = seenByTwo();
        Suspect suspect = new Suspect(true, 7, STARTED, STARTED, "b", "a");
        c.suspect = suspect;
        Views.onClock(c, STARTED + 500 * MS - 1, "a", new Messages());
        Views.onClock(c, STARTED + 500 * MS, "b", new Messages());
        assertThat(messages).isEmpty();
        assertThat(c.suspect).isSameAs(suspect);
        Views.onClock(c, STARTED + 500 * MS, "a", new Messages());
        assertThat(messages)
                .containsExactly("SUSPECTED_RST_INJECTION: a RST of the originator came to b and never passed a, which"
                        + " sees all else that it sends before");
        assertThat(c.suspect).isNull();
    }

    @Test
    void anAgentThatMissedOtherSegmentsAsWellHasMissedTheRst() {
        Connection c = seenByTwo();
        c.suspect = new Suspect(true, 7, STARTED, STARTED, "b", "a");
        c.observers.get(1).low.highest = 8;
        c.observers.get(0).low.highest = 7;
        Views.onClock(c, STARTED + 500 * MS, "a", new Messages());
        assertThat(messages).isEmpty();
        assertThat(c.suspect).isNull();
    }
}
