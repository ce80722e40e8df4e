package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What one segment says of both ends, where scenarios do not come so near to the edge. */
class MergeTest {
    private static final String DATA = "+0.010  C > S  P.  1:101(100)  ack 1\n";
    private static final String TAKEN = "+0.010  S > C  .   1:1(0)  ack 101  win 100\n";

    private static Connection after(String lines) {
        return Talk.of(Talk.HANDSHAKE + lines).connection();
    }

    @Test
    void aTimestampOfZeroIsATimestamp() {
        Connection c = Talk.of("+0 C > S  S  0:0(0)  <TS val 0 ecr 0>").connection();
        assertThat(c.originator().timestamps()).isTrue();
        assertThat(c.originator().timestamp).isZero();
    }

    @Test
    void theNewestTimestampCounts() {
        String syn = "+0 C > S  S  0:0(0)  <TS val 4294967295 ecr 0>\n";
        assertThat(Talk.of(syn + "+1 C > S  .  1:1(0)  ack 1  <TS val 3 ecr 0>")
                        .connection()
                        .originator()
                        .timestamp)
                .isEqualTo(3);
        assertThat(Talk.of(syn + "+1 C > S  .  1:1(0)  ack 1  <TS val 4294967294 ecr 0>")
                        .connection()
                        .originator()
                        .timestamp)
                .isEqualTo(4_294_967_295L);
        assertThat(Talk.of(syn + "+1 C > S  .  1:1(0)  ack 1").connection().originator().timestamp)
                .isEqualTo(4_294_967_295L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "false | <tfo 8> | 0:0(0) | 1", // a cookie without data, RFC 7413 section 4.2
                "false | <tfo 0> | 0:4(4) | 1", // it asks for a cookie, section 4.1.2
                "false | <mss 9> | 0:4(4) | 1",
                "true  | <tfo 8> | 0:4(4) | 1",
                "true  | <tfo 8> | 0:4(4) | 5",
                "true  | <mss 9> | 0:4(4) | 5"
            })
    void aSynIsFastOpenByItsDataWithACookieOrIfTheyAreTaken(boolean told, String options, String syn, int ack) {
        Talk talk = Talk.of("+0 C > S  S  " + syn + "  " + options + "\n+0.1 S > C  S.  0:0(0)  ack " + ack);
        assertThat(talk.told().contains("!FAST_OPEN")).isEqualTo(told);
        Talk late = Talk.of("+0 S > C  S.  0:0(0)  ack " + ack + "\n+0.1 C > S  S  " + syn + "  " + options);
        assertThat(late.told().contains("!FAST_OPEN"))
                .as("the SYN-ACK was captured first")
                .isEqualTo(told);
    }

    @Test
    void whatIsAcknowledgedBeyondWhatWasSeenIsNotedOnceAFinMayBeThere() {
        assertThat(after("+0 S > C  .  1:1(0)  ack 1\n").responder().aloneAck).isZero();
        assertThat(after(DATA + "+0 S > C  .  1:1(0)  ack 101\n").responder().aloneAck)
                .isZero();
        Connection c = after(DATA + "+0 S > C  .  1:1(0)  ack 102\n");
        assertThat(c.responder().aloneAck).isEqualTo(102);
        assertThat(c.responder().aloneAt).isEqualTo(1);
        assertThat(after(DATA + "+0 S > C  F.  1:1(0)  ack 102\n").responder().aloneAck)
                .as("a FIN's acknowledgement is not alone")
                .isZero();
        String closed = DATA + "+0 C > S  F.  101:101(0)  ack 1\n";
        assertThat(after(closed + "+0 S > C  .  1:1(0)  ack 101\n").responder().aloneAck)
                .isZero();
        assertThat(after(closed + "+0 S > C  .  1:1(0)  ack 102\n").responder().aloneAck)
                .isEqualTo(102);
    }

    @Test
    void anAcknowledgementBeyondTheWindowSaysByHowMuch() {
        Talk talk = Talk.of(Talk.HANDSHAKE + DATA + TAKEN + "+0 S > C  .  1:1(0)  ack 400101");
        assertThat(talk.details())
                .contains("INVALID_ACK 0.5 acknowledges 400000 octets more than were seen, beyond the window");
        assertThat(talk.connection().originator().acked).isEqualTo(101);
    }

    @Test
    void anAcknowledgementCountsHoweverMuchWasSent() {
        Connection c = after(DATA + TAKEN);
        End originator = c.originator();
        originator.highest = 1L << 32;
        originator.acked = 1L << 32;
        originator.rightEdge = (1L << 32) + 1000;
        new Tracker(Timers.DEFAULT)
                .onSegment(c, 40_000, 80, Talk.segment("+1 S > C  .  1:1(0)  ack 10"), "a", "trace", new Recorder());
        assertThat(originator.acked).isEqualTo((1L << 32) + 10);
    }

    @Test
    void anEmptySegmentIsNeverDataBeyondTheWindow() {
        Talk talk = Talk.of(Talk.HANDSHAKE + DATA + TAKEN + "+0 C > S  .  5000000:5000000(0)  ack 1");
        assertThat(talk.told()).doesNotContain("!OUT_OF_WINDOW_DATA");
        assertThat(talk.connection().originator().highest).isEqualTo(101);
    }

    @Test
    void whatFollowsOnBeyondTheWindowIsToldAndBelieved() {
        // up to 101 + 100 * 4: its window scale is 2
        Talk talk = Talk.of(Talk.HANDSHAKE + DATA + "+0 C > S  P.  101:601(500)  ack 1\n" + TAKEN
                + "+0 C > S  P.  601:701(100)  ack 1");
        assertThat(talk.connection().originator().bytes()).isEqualTo(700);
    }

    /** RFC 9293 section 3.9.2.2: SYN, FIN and RST occupy no more than they say. */
    @ParameterizedTest
    @CsvSource({"R., 101:101(0)", "FR., 101:101(0)", "SR., 101:101(0)", "R., 101:111(10)"})
    void aRstIsNoOctet(String flags, String numbers) {
        Connection c = after(DATA + TAKEN + "+0 C > S  " + flags + "  " + numbers + "  ack 1");
        assertThat(c.endReason()).isEqualTo(EndReason.RST_ORIGINATOR);
        assertThat(c.originator().bytes()).isEqualTo(100);
    }
}
