package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Zeek's letter G: what was acknowledged had not been captured whole. */
class GapsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ShADa  | C > S P. 1:11(10) ack 1; S > C . 1:1(0) ack 11",
                "ShADaG | C > S P. 11:21(10) ack 1; S > C . 1:1(0) ack 21",
                "ShADaG | C > S P. 1:11(10) ack 1 cut; S > C . 1:1(0) ack 2",
                "ShADaG | C > S P. 1:2(1) ack 1 cut; S > C . 1:1(0) ack 2",
                "ShAFaG | C > S F. 1:11(10) ack 1 cut; S > C . 1:1(0) ack 12",
                "ShADFa | C > S P. 1:11(10) ack 1; C > S F. 1:11(10) ack 1 cut; S > C . 1:1(0) ack 12",
                "ShAd   | S > C P. 1:11(10) ack 1; C > S . 1:1(0) ack 11",
                "ShAdg  | S > C P. 11:21(10) ack 1; C > S . 1:1(0) ack 21"
            })
    void afterAHandshake(String history, String segments) {
        Connection c = Talk.of(Talk.HANDSHAKE + lines(segments)).connection();
        assertThat(c.history().replace("T", "")).isEqualTo(history);
        assertThat(c.history.low.gaps).isEqualTo(history.contains("G") ? 1 : 0);
        assertThat(c.history.high.gaps).isEqualTo(history.contains("g") ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "false | C > S S 0:10(10) cut <tfo 8>; S > C S. 0:0(0) ack 1",
                "true  | C > S S 0:10(10) cut <tfo 8>; S > C S. 0:0(0) ack 11",
                "false | C > S S 0:0(0); C > S . 1:1(0) ack 1; C > S . 1:1(0) ack 101", // the responder is not seen
                "true  | S > C S. 0:0(0) ack 1; C > S . 1:1(0) ack 1; S > C P. 11:21(10) ack 1; C > S . 1:1(0) ack 21",
                "false | S > C P. 1:11(10) ack 1; C > S . 1:1(0) ack 11; S > C P. 21:31(10) ack 1; C > S . 1:1(0) ack 31"
            })
    void dependsOnWhatWasSeenOfTheHandshake(boolean gap, String segments) {
        assertThat(Talk.of(lines(segments))
                        .connection()
                        .history()
                        .toUpperCase(java.util.Locale.ROOT)
                        .contains("G"))
                .isEqualTo(gap);
    }

    @Test
    void eachStretchIsOne() {
        Connection c = Talk.of(Talk.HANDSHAKE
                        + lines("C > S P. 11:21(10) ack 1; C > S P. 31:41(10) ack 1; S > C . 1:1(0) ack 51;"
                                + " S > C . 1:1(0) ack 51"))
                .connection();
        assertThat(c.history.low.gaps).isEqualTo(3);
    }

    private static String lines(String segments) {
        return "+0.01 " + segments.replace("; ", "\n+0.01 ") + "\n";
    }
}
