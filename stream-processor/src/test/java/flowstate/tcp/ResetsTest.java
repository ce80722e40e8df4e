package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 5961 section 3. The low end sends the RST: 900 of its 1,000 octets are acknowledged, up to 1,400 allowed. */
class ResetsTest {
    /** When a RST at 1 cannot have overtaken anything any more. */
    private static final long LATER = 200_000_000;

    private final Connection c = new Connection("eth0", -1, 0, 0, 40_000, 80);
    private final End end = c.low;
    private final End peer = c.high;

    @BeforeEach
    void talked() {
        end.seen = true;
        end.syn = true;
        end.based = true;
        end.highest = 1000;
        end.acked = 900;
        end.rightEdge = 1400;
        peer.seen = true;
        peer.syn = true;
        peer.synAck = true;
        peer.based = true;
        peer.highest = 700;
        peer.acked = 600;
    }

    private static Segment segment(long clockNs, int flags, int seq, int ack, int payload) {
        return new Segment(clockNs, clockNs, true, seq, ack, flags, 100, payload, 40, -1, -1, false, -1, -1, 0, -1, 0);
    }

    private void pend(End of, long position, long clockNs) {
        Resets.pend(of, of == end ? peer : end, position, segment(clockNs, Flags.RST, (int) position, 0, 0));
    }

    private void take(End of, long position, long clockNs) {
        Resets.take(of, of == end ? peer : end, position, segment(clockNs, Flags.RST, (int) position, 0, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "899, OUTSIDE",
        "900, EXACT", // any of those may be the next that the receiver expects
        "1000, EXACT",
        "1001, INEXACT",
        "1400, INEXACT",
        "1401, OUTSIDE"
    })
    void exactIsTheNextNumberAndInexactTheRestOfTheWindow(int number, Resets.Verdict verdict) {
        Segment rst = segment(1, Flags.RST, number, 0, 0);
        assertThat(Resets.judge(rst, end, peer, number, true)).isEqualTo(verdict);
    }

    @Test
    void theLatestWindowMayReachFurther() {
        peer.window = 600;
        Segment rst = segment(1, Flags.RST, 0, 0, 0);
        assertThat(Resets.judge(rst, end, peer, 1500, true)).isEqualTo(Resets.Verdict.INEXACT);
        assertThat(Resets.judge(rst, end, peer, 1501, true)).isEqualTo(Resets.Verdict.OUTSIDE);
    }

    @Test
    void ofASpaceThatIsNotKnownAnyNumberIsRight() {
        assertThat(Resets.judge(segment(1, Flags.RST, 9, 0, 0), end, peer, 90_000, false))
                .isEqualTo(Resets.Verdict.EXACT);
    }

    /** RFC 9293 section 3.10.7.3: in SYN_SENT the acknowledgement decides. */
    @ParameterizedTest
    @CsvSource({"20, 0, OUTSIDE", "20, 1, EXACT", "20, 2, EXACT", "20, 3, OUTSIDE", "4, 1, OUTSIDE"})
    void aSynIsRefusedByAnAcknowledgementOfIt(int flags, int ack, Resets.Verdict verdict) {
        end.syn = false;
        peer.synAck = false;
        peer.highest = 2;
        assertThat(Resets.judge(segment(1, flags, 5000, ack, 0), end, peer, 5000, false))
                .isEqualTo(verdict);
    }

    @Test
    void anEndThatHasAnsweredOrSentIsNotRefusedBySuch() {
        Segment rst = segment(1, Flags.RST, 950, 0, 0);
        peer.synAck = false;
        assertThat(Resets.judge(rst, end, peer, 950, true)).as("it sent a SYN").isEqualTo(Resets.Verdict.EXACT);
        end.syn = false;
        end.sentData = true;
        assertThat(Resets.judge(rst, end, peer, 950, true)).as("it sent data").isEqualTo(Resets.Verdict.EXACT);
        end.sentData = false;
        peer.syn = false;
        assertThat(Resets.judge(rst, end, peer, 950, true)).as("nobody waits").isEqualTo(Resets.Verdict.EXACT);
    }

    @Test
    void anEndCarriesOnWithNewDataBeyondItsRst() {
        take(end, 950, 1);
        assertThat(Resets.carriesOn(end, peer, segment(LATER, Flags.ACK, 940, 600, 10), true))
                .isFalse();
        assertThat(Resets.carriesOn(end, peer, segment(LATER, Flags.ACK, 940, 600, 11), true))
                .isTrue();
        assertThat(Resets.carriesOn(end, peer, segment(LATER, Flags.ACK, 960, 600, 0), true))
                .isFalse();
    }

    @Test
    void whileItsRstIsPendingDataIsNewBeyondTheHighest() {
        pend(end, 1200, 5);
        assertThat(Resets.carriesOn(end, peer, segment(LATER, Flags.ACK, 990, 600, 10), true))
                .isFalse();
        assertThat(Resets.carriesOn(end, peer, segment(LATER, Flags.ACK, 990, 600, 11), true))
                .isTrue();
        end.rstPending = false;
        assertThat(Resets.carriesOn(end, peer, segment(LATER, Flags.ACK, 990, 600, 11), true))
                .isFalse();
        end.rstChallenged = true;
        assertThat(Resets.carriesOn(end, peer, segment(LATER, Flags.ACK, 990, 600, 11), true))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"16, 600, false", "16, 601, true", "16, 700, true", "16, 701, false", "17, 601, false", "8, 601, false"
    })
    void anEndCarriesOnWithANewAcknowledgement(int flags, int ack, boolean carriesOn) {
        take(end, 950, 1);
        assertThat(Resets.carriesOn(end, peer, segment(LATER, flags, 950, ack, 0), true))
                .isEqualTo(carriesOn);
        peer.based = false;
        assertThat(Resets.carriesOn(end, peer, segment(LATER, flags, 950, ack, 0), true))
                .isFalse();
    }

    @Test
    void anEndCarriesOnWithASynAfterItsRstOnly() {
        assertThat(Resets.carriesOn(end, peer, segment(LATER, Flags.SYN, 0, 0, 0), true))
                .isFalse();
        pend(end, 1200, 5);
        assertThat(Resets.carriesOn(end, peer, segment(LATER, Flags.SYN, 0, 0, 0), true))
                .isFalse();
        take(end, 950, 1);
        assertThat(Resets.carriesOn(end, peer, segment(LATER, Flags.SYN, 0, 0, 0), true))
                .isTrue();
        assertThat(Resets.carriesOn(end, peer, segment(LATER, Flags.RST, 999, 0, 50), true))
                .isFalse();
    }

    /** A RST can overtake what was sent before it: for that long only what is certainly younger counts. */
    @ParameterizedTest
    @CsvSource({
        "100000001, 990, 10, 600, false",
        "100000001, 990, 11, 600, false",
        "100000001, 1040, 11, 600, true",
        "100000001, 1050, 0, 700, false",
        "100000002, 990, 11, 600, true",
        "100000002, 1050, 0, 700, true"
    })
    void whatARstMayHaveOvertakenSaysNothing(long clockNs, int seq, int payload, int ack, boolean carriesOn) {
        pend(end, 1050, 1);
        assertThat(Resets.carriesOn(end, peer, segment(clockNs, Flags.ACK, seq, ack, payload), true))
                .isEqualTo(carriesOn);
    }

    @Test
    void anAcknowledgementOfWhatCameAfterTheRstIsYoungerThanIt() {
        take(end, 950, 1);
        peer.highest = 710;
        assertThat(Resets.carriesOn(end, peer, segment(2, Flags.ACK, 950, 700, 0), true))
                .isFalse();
        assertThat(Resets.carriesOn(end, peer, segment(2, Flags.ACK, 950, 701, 0), true))
                .isTrue();
        peer.acked = 705;
        assertThat(Resets.carriesOn(end, peer, segment(2, Flags.ACK, 950, 705, 0), true))
                .isFalse();
    }

    @Test
    void aFinLongAfterARstClosesNothing() {
        Segment soon = segment(100_000_001, Flags.FIN, 600, 900, 0);
        Segment late = segment(100_000_002, Flags.FIN, 600, 900, 0);
        assertThat(Resets.isBefore(end, late)).isFalse();
        take(end, 950, 1);
        assertThat(Resets.isBefore(end, soon)).isFalse();
        assertThat(Resets.isBefore(end, late)).isTrue();
    }

    @Test
    void theFirstRstTellsWhenItClosed() {
        take(end, 950, 7);
        take(end, 960, 9);
        assertThat(end.rstClock).isEqualTo(7);
        assertThat(end.rstPosition).isEqualTo(960);
        take(end, 970, 5);
        assertThat(end.rstClock).as("it was overtaken").isEqualTo(5);
    }

    @Test
    void aRstIsNotedWithWhatItAcknowledgedAndWhatHadCome() {
        Resets.pend(end, peer, 1200, segment(5, Flags.RST | Flags.ACK, 1200, 650, 0));
        assertThat(end.rstAck).isEqualTo(650);
        assertThat(end.rstPeerHighest).isEqualTo(700);
        assertThat(end.rstClock).isEqualTo(5);
        pend(end, 1200, 6);
        assertThat(end.rstAck).as("what answers does not tell").isEqualTo(650);
        Resets.pend(end, peer, 1200, segment(6, Flags.RST | Flags.ACK, 1200, 660, 0));
        assertThat(end.rstAck).as("nor what is younger").isEqualTo(650);
        Resets.pend(end, peer, 1200, segment(6, Flags.RST | Flags.ACK, 1200, 640, 0));
        assertThat(end.rstAck).as("but what it has overtaken").isEqualTo(640);
        Resets.refute(end);
        pend(end, 1200, 7);
        assertThat(end.rstAck).isEqualTo(-1);
        peer.based = false;
        Resets.pend(end, peer, 1200, segment(5, Flags.RST | Flags.ACK, 1200, 650, 0));
        assertThat(end.rstAck).isEqualTo(-1);
    }

    @Test
    void aRstThatAnswersTheChallengeLeavesWhatTheFirstSaid() {
        Resets.pend(end, peer, 1200, segment(5, Flags.RST | Flags.ACK, 1200, 650, 0));
        Resets.receiverSpeaks(end, segment(6, Flags.ACK, 1, 1, 0));
        take(end, 960, 5 + Resets.IN_FLIGHT_NS);
        assertThat(end.rstAck).isEqualTo(650);
        assertThat(end.isBeforeRst(1200)).isTrue();
        assertThat(end.isBeforeRst(1201)).isFalse();
    }

    @Test
    void aRstLongAfterOneThatWasChallengedStandsForItself() {
        Resets.pend(end, peer, 1200, segment(5, Flags.RST | Flags.ACK, 1200, 650, 0));
        Resets.receiverSpeaks(end, segment(6, Flags.ACK, 1, 1, 0));
        take(end, 960, 6 + Resets.IN_FLIGHT_NS);
        assertThat(end.rstAck).isEqualTo(-1);
        assertThat(end.isBeforeRst(960)).isTrue();
        assertThat(end.isBeforeRst(961)).isFalse();
    }

    @Test
    void aBareAcknowledgementIsTheChallenge() {
        pend(end, 1200, 5);
        Resets.receiverSpeaks(end, segment(6, Flags.ACK | Flags.PSH, 1, 1, 10));
        assertThat(end.rstPending).as("it was on its way").isTrue();
        Resets.receiverSpeaks(end, segment(6, Flags.ACK | Flags.FIN, 1, 1, 0));
        assertThat(end.rstPending).isTrue();
        Resets.receiverSpeaks(end, segment(6, Flags.ACK, 1, 1, 0));
        assertThat(end.rstPending).isFalse();
        assertThat(end.rstChallenged).isTrue();
    }

    @Test
    void anythingIsAnAnswerOnceWhatWasOnItsWayHasCome() {
        pend(end, 1200, 5);
        Resets.receiverSpeaks(end, segment(5 + Resets.IN_FLIGHT_NS, Flags.ACK, 1, 1, 10));
        assertThat(end.rstPending).isTrue();
        Resets.receiverSpeaks(end, segment(6 + Resets.IN_FLIGHT_NS, Flags.ACK, 1, 1, 10));
        assertThat(end.rstPending).isFalse();
        assertThat(end.rstChallenged).isTrue();
    }

    @Test
    void aRstThatIsTakenIsNeitherPendingNorRefuted() {
        pend(end, 1200, 5);
        end.rstRefuted = true;
        end.rstChallenged = true;
        take(end, 1100, 1);
        assertThat(end.hasReset()).isTrue();
        assertThat(end.rstPending).isFalse();
        assertThat(end.rstChallenged).isFalse();
        assertThat(end.rstPosition).isEqualTo(1100);
    }

    @Test
    void onlyARstThatWasTakenIsRefuted() {
        pend(end, 1200, 5);
        Resets.refute(end);
        assertThat(end.rstPending).isFalse();
        assertThat(end.rstRefuted).isFalse();
        take(end, 1200, 1);
        Resets.refute(end);
        assertThat(end.hasReset()).isFalse();
        assertThat(end.rst).isTrue();
    }

    @Test
    void silenceConfirmsWhatIsPending() {
        assertThat(Resets.confirm(c)).isFalse();
        assertThat(end.hasReset()).isFalse();
        pend(end, 1200, 5);
        assertThat(Resets.confirm(c)).isTrue();
        assertThat(end.hasReset()).isTrue();
        assertThat(end.highest).isEqualTo(1200);
        assertThat(peer.hasReset()).isFalse();
        pend(peer, 650, 5);
        assertThat(Resets.confirm(c)).isTrue();
        assertThat(peer.hasReset()).isTrue();
        assertThat(peer.highest).isEqualTo(700);
    }
}
