package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolesTest {

    private static Segment segment(boolean fromLow, String flags) {
        return new Segment(1, 1, fromLow, 1, 1, Flags.parse(flags), 100, 0, 40, -1, -1, false, -1, -1, 0, -1, 0);
    }

    /** A SYN knows; else the well-known port is the server's, and of two the smaller one; else who speaks first opened. */
    @ParameterizedTest
    @CsvSource({
        "S,  80,    40000, true,  1.0",
        "S., 80,    40000, false, 0.9",
        "S., 40000, 80,    false, 0.9",
        "P., 80,    40000, false, 0.7",
        "P., 40000, 80,    true,  0.7",
        "P., 40000, 50000, true,  0.5",
        "P., 443,   80,    true,  0.7",
        "P., 80,    443,   false, 0.7",
        "P., 80,    80,    true,  0.7",
        "R,  443,   40000, false, 0.7"
    })
    void areGuessedFromTheFirstSegment(String flags, int from, int to, boolean senderOriginates, double confidence) {
        Connection c = new Connection("eth0", -1, 1, 1, from, to);
        Roles.assign(c, segment(true, flags));
        assertThat(c.originatorLow).isEqualTo(senderOriginates);
        assertThat(c.roleConfidence()).isEqualTo(confidence);
        assertThat(c.history()).isEqualTo(senderOriginates ? "" : "^");

        Connection mirrored = new Connection("eth0", -1, 1, 1, to, from);
        Roles.assign(mirrored, segment(false, flags));
        assertThat(mirrored.originatorLow).isEqualTo(!senderOriginates);
        assertThat(mirrored.roleConfidence()).isEqualTo(confidence);
    }

    @ParameterizedTest
    @CsvSource({
        "0.7, true,  S,  true,  1.0",
        "0.7, false, S,  false, 1.0",
        "0.7, true,  S., false, 0.9",
        "0.7, false, S., true,  0.9",
        "0.9, false, S., true,  0.9",
        "1.0, false, S,  true,  1.0",
        "0.7, false, SR, true,  0.7",
        "0.7, false, .,  true,  0.7"
    })
    void areCorrectedByALaterSyn(
            double confidence, boolean fromLow, String flags, boolean originatorLow, double confidenceThen) {
        Connection c = new Connection("eth0", -1, 1, 1, 40_000, 80);
        c.originatorLow = true;
        c.roleConfidence = confidence;
        Findings found = new Findings();
        Roles.correct(c, segment(fromLow, flags), found);
        assertThat(c.originatorLow).isEqualTo(originatorLow);
        assertThat(c.roleConfidence()).isEqualTo(confidenceThen);
        assertThat(c.history()).isEqualTo(originatorLow ? "" : "^");
        assertThat(found.all())
                .extracting(Findings.Finding::kind)
                .hasSize(originatorLow ? 0 : 1)
                .allMatch(AnomalyKind.ROLE_FLIPPED::equals);
    }

    @Test
    void everyEndHasARole() {
        Connection c = new Connection("eth0", -1, 1, 1, 40_000, 80);
        c.originatorLow = true;
        assertThat(c.role(true)).isEqualTo(Role.ORIGINATOR);
        assertThat(c.role(false)).isEqualTo(Role.RESPONDER);
        assertThat(Role.RESPONDER.word()).isEqualTo("responder");
    }
}
