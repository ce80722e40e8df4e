package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** conn_state as Zeek has it: base/protocols/conn/main.zeek, determine_conn_state and the table above it. */
class OutcomeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "S0     | C > S S 0:0(0)",
                "S1     | C > S S 0:0(0); S > C S. 0:0(0) ack 1; C > S . 1:1(0) ack 1",
                "SF     | C > S S 0:0(0); S > C S. 0:0(0) ack 1; C > S F. 1:1(0) ack 1; S > C F. 1:1(0) ack 2",
                "S2     | C > S S 0:0(0); S > C S. 0:0(0) ack 1; C > S F. 1:1(0) ack 1",
                "S3     | C > S S 0:0(0); S > C S. 0:0(0) ack 1; S > C F. 1:1(0) ack 1",
                "REJ    | C > S S 0:0(0); S > C R. 0:0(0) ack 1",
                "REJ    | C > S S 0:0(0); S > C S. 0:0(0) ack 1; C > S R 1:1(0); S > C R 1:1(0)",
                "RSTR   | C > S S 0:0(0); S > C S. 0:0(0) ack 1; C > S . 1:5(4) ack 1; C > S R 5:5(0); S > C R 1:1(0)",
                "RSTR   | C > S S 0:0(0); S > C S. 0:0(0) ack 1; S > C . 1:5(4) ack 1; C > S R 1:1(0); S > C R 5:5(0)",
                "RSTO   | C > S S 0:0(0); S > C S. 0:0(0) ack 1; C > S . 1:1(0) ack 1; C > S R 1:1(0)",
                "RSTR   | C > S S 0:0(0); S > C S. 0:0(0) ack 1; C > S . 1:1(0) ack 1; S > C R 1:1(0)",
                "RSTOS0 | C > S S 0:0(0); C > S R 1:1(0)",
                "RSTRH  | S > C S. 0:0(0) ack 1; S > C R 1:1(0)",
                "SH     | C > S S 0:0(0); C > S F 1:1(0)",
                "SHR    | S > C S. 0:0(0) ack 1; S > C F. 1:1(0) ack 1",
                "OTH    | C > S . 1:1(0) ack 1",
                "OTH    | C > S . 1:1(0) ack 1; C > S R 1:1(0)",
                "S1     | S > C S. 0:0(0) ack 1; C > S . 1:1(0) ack 1"
            })
    void ofAConnection(String connState, String segments) {
        assertThat(Talk.of("+0 " + segments.replace("; ", "\n+0.01 "))
                        .connection()
                        .connState())
                .isEqualTo(connState);
    }

    /** The pattern there: a SYN, then a RST, between them nothing of the originator but payload. */
    @ParameterizedTest
    @CsvSource({
        "SR, RSTOS0",
        "^SR, RSTOS0",
        "SDR, RSTOS0",
        "STSWR, RSTOS0",
        "SrhR, RSTOS0",
        "S, OTH",
        "R, OTH",
        "^, OTH",
        "'', OTH",
        "^R, OTH",
        "DSR, OTH",
        "^^SR, OTH",
        "Sr, OTH",
        "SHR, OTH",
        "SAR, OTH",
        "SFR, OTH",
        "SGR, OTH",
        "SIR, OTH",
        "SQR, OTH"
    })
    void ofAnAttemptThatItsOriginatorGaveUp(String history, String connState) {
        End originator = new End();
        originator.seen = true;
        originator.rst = true;
        assertThat(Outcome.of(originator, new End(), history)).isEqualTo(connState);
    }
}
