package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wireshark User's Guide, "TCP Conversation Completeness": 1 SYN, 2 SYN-ACK, 4 ACK, 8 DATA, 16 FIN, 32 RST. */
class CompletenessTest {

    @ParameterizedTest
    @CsvSource({
        "C > S  S   0:0(0), 1",
        "C > S  S   0:9(9), 9",
        "S > C  S.  0:0(0) ack 1, 2",
        "C > S  .   1:1(0) ack 1, 4",
        "C > S  P.  1:2(1) ack 1, 8",
        "C > S  F.  1:1(0) ack 1, 20",
        "C > S  F.  1:2(1) ack 1, 24",
        "C > S  F   1:1(0), 0",
        "C > S  R   1:1(0), 32",
        "C > S  R.  1:1(0) ack 1, 36"
    })
    void aSegmentShowsThese(String line, int parts) {
        assertThat(Completeness.of(Talk.segment("+0 " + line))).isEqualTo(parts);
    }

    @Test
    void oneSegmentAloneThatIsNoSynShowsNothing() {
        assertThat(Talk.of("+0 C > S  P.  1:2(1) ack 1").connection().completeness())
                .isZero();
        assertThat(Talk.of("+0 S > C  P.  1:2(1) ack 1").connection().completeness())
                .isZero();
        assertThat(Talk.of("+0 C > S  S  0:0(0)").connection().completeness()).isEqualTo(1);
        assertThat(Talk.of("+0 C > S  P.  1:2(1) ack 1\n+0 S > C  .  1:1(0) ack 2")
                        .connection()
                        .completeness())
                .isEqualTo(12);
    }
}
