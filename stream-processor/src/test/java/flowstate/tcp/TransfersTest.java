package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@link Analysis} finds, where scenarios do not come so near to the edge; as Wireshark's User's Guide has it. */
class TransfersTest {

    private static Talk talk(String segments) {
        return Talk.of(Talk.HANDSHAKE + lines(segments));
    }

    private static String lines(String segments) {
        return "+0.01 " + segments.replace("; ", "\n+0.01 ") + "\n";
    }

    private static long found(AnomalyKind kind, String segments) {
        return talk(segments).connection().found(kind);
    }

    @Test
    void whatWasOvertakenIsCertainWhereTheRoundTripIsKnown() {
        String overtaken = "C > S P. 11:21(10) ack 1\n+0.001 C > S P. 1:11(10) ack 1";
        assertThat(talk(overtaken).details()).anyMatch(d -> d.startsWith("OUT_OF_ORDER 1.0 "));
        assertThat(Talk.of(
                                lines(
                                        "S > C . 1:1(0) ack 1; C > S P. 1:11(10) ack 1; C > S P. 21:31(10) ack 1\n+0.001 C > S P. 11:21(10) ack 1"))
                        .details())
                .anyMatch(d -> d.startsWith("OUT_OF_ORDER 0.7 "));
        assertThat(Talk.of(lines("C > S P. 1:11(10) ack 1; S > C . 1:1(0) ack 1; C > S P. 1:11(10) ack 1"))
                        .details())
                .anyMatch(d -> d.startsWith("RETRANSMISSION 1.0 "));
    }

    /** It is told once for each stretch that is missing. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | C > S P. 1:11(10) ack 1; S > C . 1:1(0) ack 11",
                "1 | S > C . 1:1(0) ack 11",
                "1 | S > C . 1:1(0) ack 11; S > C . 1:1(0) ack 21",
                "2 | S > C . 1:1(0) ack 11; S > C P. 1:11(10) ack 11; C > S . 1:1(0) ack 11; S > C . 11:11(0) ack 21",
                "1 | C > S P. 11:21(10) ack 1; S > C . 1:1(0) ack 21",
                "1 | C > S P. 11:21(10) ack 1; S > C P. 1:11(10) ack 21; C > S P. 21:31(10) ack 11; S > C . 11:11(0) ack 31"
            })
    void anAcknowledgementOfWhatWasNotSeen(long times, String segments) {
        assertThat(found(AnomalyKind.ACK_UNSEEN, segments)).isEqualTo(times);
    }

    /** The originator's window field is to be multiplied by 128; one octet less than that may be rounding. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | C > S . 1:1(0) ack 1 win 100; C > S . 1:1(0) ack 1 win 99; C > S . 1:1(0) ack 1 win 99",
                "0 | C > S . 1:1(0) ack 1 win 100; C > S . 1:1(0) ack 1 win 99; C > S . 1:1(0) ack 1 win 100",
                "0 | C > S . 1:1(0) ack 1 win 100; C > S . 1:1(0) ack 2 win 99; C > S . 1:1(0) ack 2 win 99"
            })
    void aWindowThatShrinksByAWholeUnit(long times, String segments) {
        String syns = lines("C > S S 0:0(0) win 9 <wscale 7>; S > C S. 0:0(0) ack 1 <wscale 2>");
        assertThat(Talk.of(syns + lines(segments)).connection().found(AnomalyKind.WINDOW_SHRUNK))
                .isEqualTo(times);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | <wscale 0> | <wscale 7> | S > C . 1:1(0) ack 1 win 1; C > S P. 1:129(128) ack 1",
                "0 | <wscale 0> | <wscale 7> | S > C . 1:1(0) ack 1 win 1; C > S P. 1:128(127) ack 1",
                "1 | <wscale 7> | <wscale 0> | S > C . 1:1(0) ack 1 win 128; C > S P. 1:129(128) ack 1",
                "1 | <mss 99>   | <wscale 7> | S > C . 1:1(0) ack 1 win 128; C > S P. 1:129(128) ack 1",
                "1 | <wscale 7> | <wscale 7> | C > S P. 1:51(50) ack 1", // in a SYN-ACK it is not scaled
                "0 | <wscale 7> | <wscale 7> | C > S P. 1:50(49) ack 1",
                "1 | <wscale 7> | <wscale 7> | C > S P. 1:51(50) ack 1; C > S . 51:51(0) ack 1"
            })
    void aWindowIsFullByWhatTheOtherEndSaid(long times, String options, String answered, String segments) {
        String syns = lines("C > S S 0:0(0) " + options + "; S > C S. 0:0(0) ack 1 win 50 " + answered);
        assertThat(Talk.of(syns + lines("C > S . 1:1(0) ack 1; " + segments))
                        .connection()
                        .found(AnomalyKind.WINDOW_FULL))
                .isEqualTo(times);
    }

    @Test
    void aFinSentAgainStallsNothing() {
        assertThat(talk("C > S F. 1:1(0) ack 1; C > S F. 1:1(0) ack 1")
                        .connection()
                        .stallClock())
                .isEqualTo(-1);
        assertThat(talk("C > S P. 1:3(2) ack 1\n+1 C > S P. 1:3(2) ack 1")
                        .connection()
                        .stallClock())
                .isNotNegative();
    }
}
