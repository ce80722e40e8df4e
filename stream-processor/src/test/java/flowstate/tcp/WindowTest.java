package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The low end is the sender, in whose space 1,000 octets were sent; the high end takes 500 at once. */
class WindowTest {
    private final Connection c = new Connection("eth0", -1, 0, 0, 40_000, 80);
    private final Observer observer = new Observer("a");

    @BeforeEach
    void talked() {
        c.observers.add(observer);
        observer.low.began = true;
        observer.low.segments = 2;
        observer.low.highest = 1000;
        observer.high.segments = 2;
        c.low.highest = 1000;
        c.low.acked = 900;
        c.low.rightEdge = 1400;
        c.high.maxWindow = 500;
    }

    private Window.Verdict judge(long start, long stop) {
        return Window.judge(c, observer, true, start, stop);
    }

    private Window.Verdict judgeAck(long position) {
        return Window.judgeAck(c, observer, false, position);
    }

    @ParameterizedTest
    @CsvSource({
        "7, 7, true, 100, 12800",
        "7, 0, true, 100, 12800",
        "0, 7, true, 100, 100",
        "14, 7, true, 1, 16384",
        "15, 7, true, 1, 16384", // RFC 7323 section 2.3
        "-1, 7, true, 100, 100", // both must have it: section 2.2
        "7, -1, true, 100, 100",
        "-1, -1, false, 1, 16384" // nobody knows: nothing is wider
    })
    void aWindowIsShiftedIfBothHaveSaidSo(int scale, int peerScale, boolean synsSeen, int field, long octets) {
        End end = c.high;
        End peer = c.low;
        end.windowScale = scale;
        peer.windowScale = peerScale;
        end.syn = synsSeen;
        peer.syn = synsSeen;
        assertThat(Window.octets(end, peer, field)).isEqualTo(octets);
        peer.syn = false;
        if (scale < 0) {
            assertThat(Window.octets(end, peer, field)).isEqualTo((long) field << 14);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1000, 1100, INSIDE",
        "1400, 1500, INSIDE", // a probe of a closed window begins at the edge
        "1401, 1500, AHEAD",
        "300, 500, INSIDE",
        "300, 499, BEHIND"
    })
    void aSegmentIsInsideFromAWindowBehindToTheEdge(long start, long stop, Window.Verdict verdict) {
        assertThat(judge(start, stop)).isEqualTo(verdict);
    }

    @Test
    void whatFollowsOnIsBeyondAndNotAhead() {
        c.low.highest = 2000;
        assertThat(judge(2000, 2100)).isEqualTo(Window.Verdict.BEYOND);
        assertThat(judge(2001, 2100)).isEqualTo(Window.Verdict.AHEAD);
    }

    @Test
    void aClosedWindowIsOneOctetWide() {
        c.high.maxWindow = 0;
        assertThat(judge(998, 999)).isEqualTo(Window.Verdict.INSIDE);
        assertThat(judge(997, 998)).isEqualTo(Window.Verdict.BEHIND);
    }

    @Test
    void whatIsNotKnownIsNotDoubted() {
        observer.high.segments = 1;
        assertThat(judge(9000, 9100)).isEqualTo(Window.Verdict.UNKNOWN);
        observer.high.segments = 2;
        observer.low.began = false;
        assertThat(judge(9000, 9100)).isEqualTo(Window.Verdict.UNKNOWN);
        observer.low.began = true;
        c.low.rightEdge = -1;
        assertThat(judge(9000, 9100)).isEqualTo(Window.Verdict.UNKNOWN);
        c.low.rightEdge = 0;
        assertThat(judge(9000, 9100)).isEqualTo(Window.Verdict.AHEAD);
    }

    @ParameterizedTest
    @CsvSource({"399, BEHIND", "400, INSIDE", "1400, INSIDE", "1401, AHEAD"})
    void anAcknowledgementIsInsideFromAWindowBehindToTheEdge(long position, Window.Verdict verdict) {
        assertThat(judgeAck(position)).isEqualTo(verdict);
    }

    @Test
    void whatWasSentMayBeAcknowledgedWhateverTheWindow() {
        c.low.highest = 3000;
        assertThat(judgeAck(3000)).isEqualTo(Window.Verdict.INSIDE);
        assertThat(judgeAck(3001)).isEqualTo(Window.Verdict.AHEAD);
    }

    @Test
    void anotherAgentsOlderAcknowledgementsMayComeLater() {
        c.observers.add(new Observer("b"));
        assertThat(judgeAck(1)).isEqualTo(Window.Verdict.INSIDE);
    }

    @Test
    void anAcknowledgementIsNotDoubtedWhereTooLittleIsKnown() {
        observer.low.segments = 1;
        assertThat(judgeAck(9000)).isEqualTo(Window.Verdict.UNKNOWN);
        observer.low.segments = 2;
        observer.high.segments = 1;
        assertThat(judgeAck(9000)).isEqualTo(Window.Verdict.UNKNOWN);
        observer.high.segments = 2;
        c.low.rightEdge = -1;
        assertThat(judgeAck(9000)).isEqualTo(Window.Verdict.UNKNOWN);
        c.low.rightEdge = 0;
        assertThat(judgeAck(9000)).isEqualTo(Window.Verdict.AHEAD);
    }

    private boolean isBorneOut(boolean isAck, long start, long stop, long finAck) {
        return Window.isBorneOut(c, c.low, c.high, isAck, start, stop, finAck);
    }

    @ParameterizedTest
    @CsvSource({"6000, true", "5999, false", "6001, false"})
    void aSegmentBearsOutTheOneThatItFollows(long start, boolean borneOut) {
        assertThat(isBorneOut(false, 5000, 6000, -1)).isFalse();
        assertThat(c.low.highest).isEqualTo(1000);
        assertThat(isBorneOut(false, start, start + 100, -1)).isEqualTo(borneOut);
        assertThat(c.low.lossSuspected).isEqualTo(borneOut);
        assertThat(c.low.highest).isEqualTo(borneOut ? 6000 : 1000);
        assertThat(c.low.doubted).isEqualTo(borneOut ? -1 : start + 100);
    }

    @ParameterizedTest
    @CsvSource({"5500, true", "6500, true", "5499, false", "6501, false"})
    void anAcknowledgementBearsOutWhatIsNearIt(long acknowledged, boolean borneOut) {
        assertThat(isBorneOut(false, 5000, 6000, -1)).isFalse();
        assertThat(isBorneOut(true, acknowledged, acknowledged, -1)).isEqualTo(borneOut);
        assertThat(c.low.highest).isEqualTo(borneOut ? 6000 : 1000);
    }

    @ParameterizedTest
    @CsvSource({"5500, true", "6500, true", "5499, false", "6501, false"})
    void aSegmentNearItBearsOutAnAcknowledgement(long start, boolean borneOut) {
        assertThat(isBorneOut(true, 6000, 6000, -1)).isFalse();
        assertThat(isBorneOut(false, start, start + 9, -1)).isEqualTo(borneOut);
        assertThat(c.low.highest).as("it says nothing of what was sent").isEqualTo(1000);
    }

    @Test
    void theSameAcknowledgementFromAnotherAgentIsACopyAndBearsOutNothing() {
        assertThat(isBorneOut(true, 6000, 6000, -1)).isFalse();
        assertThat(isBorneOut(true, 6000, 6000, -1)).as("one agent's").isTrue();
        c.low.lossSuspected = false;
        c.observers.add(new Observer("b"));
        assertThat(isBorneOut(true, 6000, 6000, -1)).isFalse();
        assertThat(isBorneOut(true, 6000, 6000, -1)).isFalse();
        assertThat(isBorneOut(true, 6001, 6001, -1)).isTrue();
    }

    @Test
    void ofSeveralAgentsEachOnesAcknowledgementsAreComparedWithItsOwn() {
        c.observers.add(new Observer("b"));
        observer.highFlow.set(Flow.ACKED, true);
        observer.highFlow.acked = c.low.base + 800;
        assertThat(judgeAck(300)).isEqualTo(Window.Verdict.INSIDE);
        assertThat(judgeAck(299)).isEqualTo(Window.Verdict.BEHIND);
    }

    @Test
    void aSegmentAtTheStartOfTheSpaceIsDoubtedLikeAnyOther() {
        assertThat(isBorneOut(false, 0, 0, -1)).isFalse();
        assertThat(isBorneOut(false, 0, 9, -1)).isTrue();
    }

    @Test
    void aFinThatIsBorneOutCounts() {
        assertThat(isBorneOut(false, 5000, 6001, 77)).isFalse();
        assertThat(c.low.fin).isFalse();
        assertThat(isBorneOut(true, 6001, 6001, -1)).isTrue();
        assertThat(c.low.fin).isTrue();
        assertThat(c.low.finEnd).isEqualTo(6001);
        assertThat(c.low.finAck).isEqualTo(77);
        assertThat(c.low.doubtedFinAck).isEqualTo(-1);
    }

    @Test
    void whereSegmentsAreMissingAnywayNothingIsDoubted() {
        c.suspectCaptureLoss();
        assertThat(isBorneOut(false, 5000, 6000, -1)).isTrue();
        assertThat(c.low.doubted).isEqualTo(-1);
    }
}
