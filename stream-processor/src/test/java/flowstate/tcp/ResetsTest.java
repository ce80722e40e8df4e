package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 5961 section 3. The low end sends the RST: 900 of its 1,000 octets are acknowledged, up to 1,400 allowed. */
class ResetsTest {
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
        Resets.take(end, 950);
        assertThat(Resets.carriesOn(end, peer, segment(1, Flags.ACK, 940, 600, 10)))
                .isFalse();
        assertThat(Resets.carriesOn(end, peer, segment(1, Flags.ACK, 940, 600, 11)))
                .isTrue();
        assertThat(Resets.carriesOn(end, peer, segment(1, Flags.ACK, 960, 600, 0)))
                .isFalse();
    }

    @Test
    void whileItsRstIsPendingDataIsNewBeyondTheHighest() {
        Resets.pend(end, 1200, 5);
        assertThat(Resets.carriesOn(end, peer, segment(1, Flags.ACK, 990, 600, 10)))
                .isFalse();
        assertThat(Resets.carriesOn(end, peer, segment(1, Flags.ACK, 990, 600, 11)))
                .isTrue();
        end.rstPending = false;
        assertThat(Resets.carriesOn(end, peer, segment(1, Flags.ACK, 990, 600, 11)))
                .isFalse();
        end.rstChallenged = true;
        assertThat(Resets.carriesOn(end, peer, segment(1, Flags.ACK, 990, 600, 11)))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"16, 600, false", "16, 601, true", "16, 700, true", "16, 701, false", "17, 601, false", "8, 601, false"
    })
    void anEndCarriesOnWithANewAcknowledgement(int flags, int ack, boolean carriesOn) {
        Resets.take(end, 950);
        assertThat(Resets.carriesOn(end, peer, segment(1, flags, 950, ack, 0))).isEqualTo(carriesOn);
        peer.based = false;
        assertThat(Resets.carriesOn(end, peer, segment(1, flags, 950, ack, 0))).isFalse();
    }

    @Test
    void anEndCarriesOnWithASynAfterItsRstOnly() {
        assertThat(Resets.carriesOn(end, peer, segment(1, Flags.SYN, 0, 0, 0))).isFalse();
        Resets.pend(end, 1200, 5);
        assertThat(Resets.carriesOn(end, peer, segment(1, Flags.SYN, 0, 0, 0))).isFalse();
        Resets.take(end, 950);
        assertThat(Resets.carriesOn(end, peer, segment(1, Flags.SYN, 0, 0, 0))).isTrue();
        assertThat(Resets.carriesOn(end, peer, segment(1, Flags.RST, 999, 0, 50)))
                .isFalse();
    }

    @Test
    void aBareAcknowledgementIsTheChallenge() {
        Resets.pend(end, 1200, 5);
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
        Resets.pend(end, 1200, 5);
        Resets.receiverSpeaks(end, segment(5 + Resets.IN_FLIGHT_NS, Flags.ACK, 1, 1, 10));
        assertThat(end.rstPending).isTrue();
        Resets.receiverSpeaks(end, segment(6 + Resets.IN_FLIGHT_NS, Flags.ACK, 1, 1, 10));
        assertThat(end.rstPending).isFalse();
        assertThat(end.rstChallenged).isTrue();
    }

    @Test
    void aRstThatIsTakenIsNeitherPendingNorRefuted() {
        Resets.pend(end, 1200, 5);
        end.rstRefuted = true;
        end.rstChallenged = true;
        Resets.take(end, 1100);
        assertThat(end.hasReset()).isTrue();
        assertThat(end.rstPending).isFalse();
        assertThat(end.rstChallenged).isFalse();
        assertThat(end.rstPosition).isEqualTo(1100);
    }

    @Test
    void onlyARstThatWasTakenIsRefuted() {
        Resets.pend(end, 1200, 5);
        Resets.refute(end);
        assertThat(end.rstPending).isFalse();
        assertThat(end.rstRefuted).isFalse();
        Resets.take(end, 1200);
        Resets.refute(end);
        assertThat(end.hasReset()).isFalse();
        assertThat(end.rst).isTrue();
    }

    @Test
    void silenceConfirmsWhatIsPending() {
        assertThat(Resets.confirm(c)).isFalse();
        assertThat(end.hasReset()).isFalse();
        Resets.pend(end, 1200, 5);
        assertThat(Resets.confirm(c)).isTrue();
        assertThat(end.hasReset()).isTrue();
        assertThat(end.highest).isEqualTo(1200);
        assertThat(peer.hasReset()).isFalse();
        Resets.pend(peer, 650, 5);
        assertThat(Resets.confirm(c)).isTrue();
        assertThat(peer.hasReset()).isTrue();
        assertThat(peer.highest).isEqualTo(700);
    }
}
