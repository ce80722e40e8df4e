package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which alarm is next, on a clock that begins at 0: that is a time like any other. See {@link TimersTest} for the rest. */
class AlarmsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY = 86_400 * SECOND;

    private final Alarms alarms = new Alarms(Timers.DEFAULT);
    private final Alarms zeeks = new Alarms(Timers.ZEEK);
    private final Connection c = new Connection("eth0", -1, 0, 0, 40_000, 80);

    @BeforeEach
    void theOriginatorIsLow() {
        c.originatorLow = true;
        c.low.syn = true;
        c.low.seen = true;
    }

    private static Alarms.Alarm alarm(Alarms.Kind kind, long seconds) {
        return new Alarms.Alarm(kind, seconds * SECOND);
    }

    private void answered() {
        c.high.syn = true;
        c.high.seen = true;
        c.synAckClock = 0;
    }

    @Test
    void aSynAckAtZeroIsAnAnswer() {
        assertThat(alarms.next(c)).isEqualTo(alarm(Alarms.Kind.REPORT_ATTEMPT, 5));
        assertThat(alarms.reasonToGiveUp(c)).isEqualTo(EndReason.ATTEMPT_TIMEOUT);
        answered();
        assertThat(alarms.next(c)).isEqualTo(alarm(Alarms.Kind.REPORT_HALF_OPEN, 5));
        assertThat(alarms.reasonToGiveUp(c)).isEqualTo(EndReason.HANDSHAKE_TIMEOUT);
        c.reported = Alarms.Kind.REPORT_HALF_OPEN.bit();
        assertThat(alarms.next(c)).isEqualTo(alarm(Alarms.Kind.GIVE_UP, 60));
    }

    @Test
    void aFinAtZeroWaitsToBeAcknowledged() {
        answered();
        c.phase = Phase.HALF_CLOSED;
        c.finClock = 0;
        assertThat(alarms.next(c)).isEqualTo(alarm(Alarms.Kind.REPORT_FIN, 5));
        c.reported = Alarms.Kind.REPORT_FIN.bit();
        assertThat(alarms.next(c)).isEqualTo(alarm(Alarms.Kind.GIVE_UP, 30));
    }

    @Test
    void aHalfCloseAtZeroIsReported() {
        answered();
        c.phase = Phase.HALF_CLOSED;
        assertThat(alarms.next(c)).as("nothing is to be told").isEqualTo(alarm(Alarms.Kind.GIVE_UP, 7200));
        c.closeWaitClock = 0;
        assertThat(alarms.next(c)).isEqualTo(alarm(Alarms.Kind.REPORT_LEAK, 3600));
        c.halfClosedClock = 0;
        assertThat(alarms.next(c)).isEqualTo(alarm(Alarms.Kind.REPORT_HALF_CLOSED, 5));
        c.halfClosedReports = 3;
        assertThat(alarms.next(c))
                .as("that it is open, and then the leak")
                .isEqualTo(alarm(Alarms.Kind.REPORT_HALF_CLOSED, 3600));
        c.halfClosedReports = 4;
        assertThat(alarms.next(c)).isEqualTo(alarm(Alarms.Kind.REPORT_LEAK, 3600));
        c.reported = Alarms.Kind.REPORT_LEAK.bit();
        assertThat(alarms.next(c)).isEqualTo(alarm(Alarms.Kind.GIVE_UP, 7200));
    }

    @Test
    void aStallIsReportedUnlessSomethingElseComesFirst() {
        answered();
        c.phase = Phase.ESTABLISHED;
        c.high.closedWindowClock = 0;
        assertThat(alarms.next(c)).isEqualTo(alarm(Alarms.Kind.REPORT_STALL, 5));
        c.phase = Phase.HALF_CLOSED;
        c.halfClosedClock = 2 * SECOND;
        c.high.closedWindowClock = 3 * SECOND;
        assertThat(alarms.next(c)).isEqualTo(alarm(Alarms.Kind.REPORT_HALF_CLOSED, 7));
        c.high.closedWindowClock = SECOND;
        assertThat(alarms.next(c)).isEqualTo(alarm(Alarms.Kind.REPORT_STALL, 6));
        c.stallTold = true;
        assertThat(alarms.next(c)).isEqualTo(alarm(Alarms.Kind.REPORT_HALF_CLOSED, 7));
    }

    @Test
    void zeekWaitsNoLongerForAResponderThatIsNotSeen() {
        c.phase = Phase.ESTABLISHED;
        c.lastClock = 4 * SECOND;
        assertThat(zeeks.next(c)).isEqualTo(alarm(Alarms.Kind.GIVE_UP, 5));
        assertThat(zeeks.reasonToGiveUp(c)).isEqualTo(EndReason.ATTEMPT_TIMEOUT);
        assertThat(alarms.reasonToGiveUp(c)).isEqualTo(EndReason.IDLE_TIMEOUT);
        c.high.seen = true;
        assertThat(zeeks.next(c)).isEqualTo(alarm(Alarms.Kind.GIVE_UP, 304));
        assertThat(zeeks.reasonToGiveUp(c)).isEqualTo(EndReason.IDLE_TIMEOUT);
        c.high.seen = false;
        c.low.syn = false;
        assertThat(zeeks.next(c)).as("joined midstream").isEqualTo(alarm(Alarms.Kind.GIVE_UP, 304));
        assertThat(zeeks.reasonToGiveUp(c)).isEqualTo(EndReason.IDLE_TIMEOUT);
    }

    @Test
    void zeekLetsGoAfterTheLastFin() {
        answered();
        c.phase = Phase.CLOSING;
        c.lastClock = 4 * SECOND;
        c.lastFinClock = 0;
        assertThat(zeeks.next(c)).isEqualTo(alarm(Alarms.Kind.GIVE_UP, 5));
        c.phase = Phase.CLOSED;
        c.overClock = 4 * SECOND;
        assertThat(zeeks.next(c)).isEqualTo(alarm(Alarms.Kind.LET_GO, 5));
        assertThat(alarms.next(c)).isEqualTo(alarm(Alarms.Kind.LET_GO, 64));
    }

    @ParameterizedTest
    @CsvSource({
        "OPENING, ATTEMPT_TIMEOUT",
        "ESTABLISHED, IDLE_TIMEOUT",
        "HALF_CLOSED, HALF_CLOSED_TIMEOUT",
        "CLOSING, HALF_CLOSED_TIMEOUT"
    })
    void theReasonIsWhatWasWaitedFor(Phase phase, EndReason reason) {
        c.phase = phase;
        assertThat(alarms.reasonToGiveUp(c)).isEqualTo(reason);
        c.low.fin = true;
        c.high.fin = true;
        boolean closing = phase == Phase.HALF_CLOSED || phase == Phase.CLOSING;
        assertThat(alarms.reasonToGiveUp(c)).isEqualTo(closing ? EndReason.FIN : reason);
    }

    @ParameterizedTest
    @CsvSource({"0, 74999999999, true", "0, 75000000000, false", "9000000000, 83999999999, true"})
    void aSynMayBeAnsweredUntilItWouldBeLetGoOf(long sentNs, long nowNs, boolean mayBe) {
        Segment syn = new Segment(sentNs, sentNs, true, 1, 0, Flags.SYN, 100, 0, 40, -1, -1, false, -1, -1, 0, -1, 0);
        assertThat(alarms.mayBeAnswered(syn, nowNs)).isEqualTo(mayBe);
    }

    /** Of 10 min, 1 h, 12 h, 24 h, 2 days and so on. */
    @Test
    void reportsThatWouldComeBeforeTheLastSegmentAreLeftOut() {
        c.lastClock = 2 * DAY - 1;
        assertThat(alarms.periodicPassed(c)).isZero();
        c.lastClock = 2 * DAY;
        assertThat(alarms.periodicPassed(c)).isEqualTo(4);
        c.lastClock = 9 * DAY;
        assertThat(alarms.periodicPassed(c)).isEqualTo(11);
    }

    @Test
    void aTimerBeyondWhatAClockCanShowNeverFires() {
        Connection late = new Connection("eth0", -1, 0, Long.MAX_VALUE - SECOND, 40_000, 80);
        assertThat(alarms.next(late).clockNs()).isEqualTo(Timers.NEVER);
    }
}
