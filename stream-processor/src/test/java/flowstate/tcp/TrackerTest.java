package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the owner of connections asks of the tracker besides segments and clocks, and what it is told. */
class TrackerTest {
    private static final String DATA = "+0.010  C > S  P.  1:11(10)  ack 1\n";
    private static final String ANSWER = "+0.010  S > C  P.  1:21(20)  ack 11\n";

    private final Tracker tracker = new Tracker(Timers.DEFAULT);
    private final Recorder recorder = new Recorder();

    @Test
    void aCopyCountsAndIsNoRetransmission() {
        Connection c = Talk.of(Talk.HANDSHAKE + DATA).connection();
        tracker.onCopy(c, Talk.segment("+0.05 C > S  P.  1:11(10)  ack 1"), "a", recorder);
        assertThat(recorder.take()).containsExactly("!DUPLICATE_CAPTURE");
        assertThat(recorder.details())
                .containsExactly("DUPLICATE_CAPTURE 1.0 a captures packets twice: these are no retransmissions");
        assertThat(c.segments(true)).isEqualTo(4);
        assertThat(c.retransmittedSegments(true)).isZero();
        assertThat(c.history()).as("Zeek cannot tell").isEqualTo("ShADT");
        tracker.onCopy(c, Talk.segment("+0.06 S > C  .  1:1(0)  ack 11"), "a", recorder);
        assertThat(c.history()).as("without payload it is nothing").isEqualTo("ShADT");
        tracker.onCopy(c, Talk.segment("+0.06 S > C  P.  1:2(1)  ack 11"), "a", recorder);
        assertThat(c.history()).isEqualTo("ShADTt");
        assertThat(recorder.take()).as("at 1, 10 and so on").isEmpty();
    }

    @Test
    void whatASegmentHasShownIsNotToldAgainWithACopyOfIt() {
        Connection c = Talk.of(Talk.HANDSHAKE).connection();
        Segment none = Talk.segment("+0.05 C > S  none  1:1(0)");
        tracker.onSegment(c, 40_000, 80, none, "a", "eth0", recorder);
        tracker.onCopy(c, none, "a", recorder);
        assertThat(recorder.take()).containsExactly("!INVALID_FLAGS", "!DUPLICATE_CAPTURE");
        assertThat(c.found(AnomalyKind.INVALID_FLAGS)).isEqualTo(1);
    }

    @Test
    void whatADoubtedSynHasShownIsToldOfItAlone() {
        Talk talk = Talk.of(Talk.HANDSHAKE + """
                +60 C > S  S   -9000:-8990(10)
                +0  S > C  S.  -5000:-5000(0)  ack -8999
                """);
        assertThat(talk.connection().found(AnomalyKind.SYN_WITH_DATA)).isEqualTo(1);
        assertThat(talk.connection().startedNs()).isEqualTo(talk.startNs() + 60_020_000_000L);
    }

    @Test
    void aCopyAfterARstIsNoLetter() {
        Connection c = Talk.of(Talk.HANDSHAKE + DATA + "+0.01 C > S  R.  11:11(0)  ack 1")
                .connection();
        tracker.onCopy(c, Talk.segment("+0.05 C > S  P.  1:11(10)  ack 1"), "a", recorder);
        assertThat(c.history()).isEqualTo("ShADR");
    }

    @Test
    void anAttemptIsLetGoOfForLackOfRoom() {
        Talk talk = Talk.of("+0 C > S  S  0:0(0)");
        tracker.evict(talk.connection(), 1, talk.startNs(), recorder);
        assertThat(recorder.take()).containsExactly("!EVICTED", "ENDED [SYN_SENT/LISTEN]");
        assertThat(talk.connection().endReason()).isEqualTo(EndReason.EVICTED);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "9, 0", "10, 1", "99, 0", "100, 1", "1001, 0"})
    void ofManyThatAreLetGoOfInARowFewAreTold(long inARow, int told) {
        Talk talk = Talk.of("+0 C > S  S  0:0(0)");
        tracker.evict(talk.connection(), inARow, talk.startNs(), recorder);
        assertThat(recorder.take())
                .filteredOn(line -> line.startsWith("!EVICTED"))
                .hasSize(told);
    }

    @Test
    void whatIsOverIsLetGoOfWithoutAWord() {
        Talk talk = Talk.of("+0 C > S  S  0:0(0)\n+0.1 S > C  R.  0:0(0)  ack 1");
        tracker.evict(talk.connection(), 0, talk.startNs(), recorder);
        assertThat(recorder.take()).containsExactly("ENDED [CLOSE/CLOSE]");
        assertThat(talk.connection().endReason()).isEqualTo(EndReason.REJECTED);
    }

    @Test
    void anOpenConnectionEndsAsItIsAndOneThatATimerGivesUpAsNothing() {
        Talk talk = Talk.of(Talk.HANDSHAKE);
        tracker.end(talk.connection(), EndReason.OBSERVER_LOST, Cause.OBSERVER_LOST, talk.startNs(), recorder);
        assertThat(recorder.take()).containsExactly("ENDED [ESTABLISHED/ESTABLISHED]");
        assertThat(talk.connection().endReason()).isEqualTo(EndReason.OBSERVER_LOST);

        tracker.end(
                Talk.of(Talk.HANDSHAKE).connection(), EndReason.IDLE_TIMEOUT, Cause.TIMER, talk.startNs(), recorder);
        assertThat(recorder.take()).containsExactly("ENDED [CLOSE/CLOSE]");

        String closed = "+1 C > S  F.  1:1(0)  ack 1\n+1 S > C  F.  1:1(0)  ack 2\n+1 C > S  .  2:2(0)  ack 2\n";
        tracker.end(
                Talk.of(Talk.HANDSHAKE + closed).connection(),
                EndReason.CAPTURE_ENDED,
                Cause.END_OF_CAPTURE,
                talk.startNs(),
                recorder);
        assertThat(recorder.take()).as("TIME_WAIT runs out").containsExactly("ENDED [CLOSE/CLOSE]");
    }

    @Test
    void aConnectionThatEndsWithOneEndUnseenIsOneSided() {
        Talk talk = Talk.of("+0 C > S  S  0:0(0)\n+0.02 C > S  .  1:1(0)  ack 1\n");
        tracker.end(talk.connection(), EndReason.CAPTURE_ENDED, Cause.END_OF_CAPTURE, talk.startNs(), recorder);
        assertThat(recorder.take()).containsExactly("!ONE_SIDED", "ENDED [ESTABLISHED/ESTABLISHED]");
        tracker.end(talk.connection(), EndReason.CAPTURE_ENDED, Cause.END_OF_CAPTURE, talk.startNs(), recorder);
        assertThat(recorder.take()).as("told once").containsExactly("ENDED [ESTABLISHED/ESTABLISHED]");
    }

    @Test
    void aRstThatWaitsForAnAnswerHasClosedWhatEnds() {
        Talk talk = Talk.of(Talk.HANDSHAKE + "+1 S > C  R  9:9(0)  win 0");
        tracker.end(talk.connection(), EndReason.CAPTURE_ENDED, Cause.END_OF_CAPTURE, talk.startNs(), recorder);
        assertThat(recorder.take()).containsExactly("RESET [CLOSE/CLOSE]", "!RST_TERMINATED", "ENDED [CLOSE/CLOSE]");
        assertThat(talk.connection().endReason()).isEqualTo(EndReason.RST_RESPONDER);
    }

    @Test
    void lostCaptureIsToldOnceAndLowersConfidence() {
        Connection c = Talk.of(Talk.HANDSHAKE).connection();
        c.suspectCaptureLoss();
        tracker.onSegment(c, 40_000, 80, Talk.segment("+1 C > S  P.  101:111(10)  ack 1"), "a", "eth1", recorder);
        assertThat(recorder.take()).containsExactly("!SEGMENT_GAP", "!CAPTURE_LOSS");
        tracker.onSegment(c, 40_000, 80, Talk.segment("+1.5 C > S  P.  1:11(10)  ack 1"), "a", "eth1", recorder);
        assertThat(recorder.details())
                .contains(
                        "CAPTURE_LOSS 1.0 an agent lost packets while this was open: what seems to be missing may not be")
                .contains("RETRANSMISSION 0.5 the originator sent 10 octets again");
        assertThat(c.capture()).isEqualTo("eth1");
    }

    @Test
    void aDayIsLong() {
        String halfADay = Talk.HANDSHAKE + "@43200 C > S  P.  1:11(10)  ack 1\n";
        assertThat(Talk.of(halfADay + "@86399.999999999 C > S  P.  11:21(10)  ack 1")
                        .told())
                .doesNotContain("!LONG_LIVED");
        assertThat(Talk.of(halfADay + "@86400 C > S  P.  11:21(10)  ack 1").told())
                .contains("!LONG_LIVED");
        Talk day = Talk.of(halfADay + "@86400 C > S  P.  11:21(10)  ack 1\n+1 C > S  P.  21:31(10)  ack 1");
        assertThat(day.told()).containsOnlyOnce("!LONG_LIVED");
        assertThat(day.details()).contains("LONG_LIVED 1.0 open for 24 h, and still used");
        assertThat(Talk.of(halfADay + "@86400 C > S  R  11:11(0)  win 0").told())
                .doesNotContain("!LONG_LIVED");
    }

    @Test
    void whatWasAskedOfAnotherAgentWaitsForItsClock() {
        Talk talk = Talk.of(Talk.HANDSHAKE + "+0.01 C > S  .  1:1(0)  ack 1  @b\n");
        Connection c = talk.connection();
        long usual = tracker.deadline(c, "a");
        assertThat(tracker.driver(c, "a")).isEqualTo("a");
        assertThat(tracker.awaits(c, "b")).isFalse();

        c.suspect = new Suspect(true, 1, talk.startNs(), talk.startNs(), "a", "b");
        assertThat(tracker.awaits(c, "a")).isFalse();
        assertThat(tracker.awaits(c, "b")).isTrue();
        assertThat(tracker.driver(c, "a")).isEqualTo("b");
        assertThat(tracker.deadline(c, "a")).isEqualTo(usual);
        assertThat(tracker.deadline(c, "b")).isEqualTo(talk.startNs() + 500_000_000L);
        tracker.forget(c, "a");
        assertThat(c.suspect).isNotNull();
        tracker.forget(c, "b");
        assertThat(c.suspect).isNull();
    }

    @Test
    void anAgentWhoseClockIsNotKnownMovesNoTimers() {
        Connection c = Talk.of("+0 C > S  S  0:0(0)").connection();
        Segment anHourAhead = Talk.segment("+3600 S > C  S.  0:0(0)  ack 1");
        Connection answered = tracker.onSegment(c, 40_000, 80, anHourAhead, "b", "trace", recorder);
        assertThat(answered).isSameAs(c);
        assertThat(recorder.take()).isEmpty();
        assertThat(tracker.driver(c, "b")).isEqualTo("a");
        assertThat(tracker.driver(c, "a")).isEqualTo("a");
        assertThat(tracker.driver(c, "nobody")).isEqualTo("nobody");
    }

    @Test
    void aDeadlineIsByTheClockOfItsAgent() {
        Talk talk = Talk.of(Talk.HANDSHAKE);
        Connection c = talk.connection();
        for (String line : List.of("+30 C > S  S  0:0(0)  <mss 1460,wscale 7>", "+30.01 S > C  S.  0:0(0)  ack 1")) {
            Segment s = Talk.segment(line);
            Observer b = c.observer("b");
            c.join(b);
            Views.compare(c, s, b);
            b.low.segments++;
        }
        assertThat(c.offsetNs("b")).isEqualTo(30_000_000_000L);
        assertThat(tracker.deadline(c, "b") - tracker.deadline(c, "a")).isEqualTo(30_000_000_000L);
    }

    @Test
    void theFirstTunnelIsTold() {
        Segment syn = Talk.segment("+0 C > S  S  0:0(0)");
        Connection c = tracker.onSegment(null, 40_000, 80, syn, "a", "eth0", "gre 1 10.0.0.1>10.0.0.2", recorder);
        tracker.onSegment(c, 40_000, 80, syn, "a", "eth0", "gre 2 10.0.0.1>10.0.0.2", recorder);
        assertThat(c.tunnel()).isEqualTo("gre 1 10.0.0.1>10.0.0.2");
    }

    @Test
    void aTimeASecondFromTheClockIsPlausible() {
        assertThat(Tracker.isPlausible(Talk.segment("+2 C > S  S  0:0(0)  ~1"))).isTrue();
        assertThat(Tracker.isPlausible(Talk.segment("+2 C > S  S  0:0(0)  ~-1")))
                .isTrue();
        assertThat(Tracker.isPlausible(Talk.segment("+2 C > S  S  0:0(0)  ~1.000000001")))
                .isFalse();
    }

    @Test
    void anEventTellsTheStatesBeforeItOriginatorFirst() {
        List<String> before = new ArrayList<>();
        Listener listener = new Unheard() {
            @Override
            public void lifecycle(
                    Connection c, EventKind kind, Cause cause, long atNs, TcpState originator, TcpState responder) {
                before.add(kind + " " + originator + "/" + responder);
            }
        };
        Connection c = null;
        for (String line : List.of(
                "+0 S > C  S  0:0(0)",
                "+0.1 C > S  S.  0:0(0)  ack 1",
                "+0.2 S > C  .  1:1(0)  ack 1",
                "+0.3 S > C  F.  1:1(0)  ack 1")) {
            c = tracker.onSegment(c, 40_000, 80, Talk.segment(line), "a", "eth0", listener);
        }
        assertThat(before)
                .containsExactly(
                        "OPENING CLOSE/CLOSE", "ESTABLISHED SYN_SENT/LISTEN", "HALF_CLOSED ESTABLISHED/ESTABLISHED");
    }
}
