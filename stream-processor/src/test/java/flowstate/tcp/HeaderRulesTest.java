package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeaderRulesTest {
    private static final Set<String> SOUND = Set.of("S", "SU", "S.", "R", "R.", "F.", "F.U", ".", ".U");

    private static Segment segment(int flags, int payload, int notes) {
        return new Segment(1, 1, true, 1, 1, flags, 100, payload, 40, -1, -1, false, -1, -1, 0, -1, notes);
    }

    private static Connection connection(int mssOfReceiver) {
        Connection c = new Connection("eth0", -1, 1, 1, 40_000, 80);
        c.high.mss = mssOfReceiver;
        return c;
    }

    /** conntrack's tcp_valid_flags, PSH, ECE, CWR and AE left out. */
    @Test
    void theFlagsOfASoundSegmentAreThoseThatConntrackTakes() {
        for (int flags = 0; flags < 512; flags++) {
            Findings found = new Findings();
            HeaderRules.find(connection(-1), segment(flags, 0, 0), found);
            int telling = flags & ~(Flags.PSH | Flags.ECE | Flags.CWR | Flags.AE);
            assertThat(found.isEmpty()).as(Flags.text(flags)).isEqualTo(SOUND.contains(Flags.text(telling)));
        }
    }

    @ParameterizedTest
    @CsvSource({"1460, 1460, false", "1460, 1461, true", "1, 2, true", "0, 1, false", "-1, 65535, false"})
    void oneOctetMoreThanTheReceiverTakesIsTooMuch(int mss, int payload, boolean oversized) {
        Findings found = new Findings();
        HeaderRules.find(connection(mss), segment(Flags.ACK, payload, 0), found);
        assertThat(found.all().stream().anyMatch(f -> f.kind() == AnomalyKind.OVERSIZED_SEGMENT))
                .isEqualTo(oversized);
    }

    @ParameterizedTest
    @CsvSource({"536, 536, true", "536, 537, false", "-1, 1460, true", "-1, 1461, false", "0, 1460, true"})
    void aWrongChecksumOfOneFrameIsBelievedOfAnEndThatHasShownARightOne(int mss, int payload, boolean dropped) {
        Connection c = connection(mss);
        Segment wrong = segment(Flags.ACK, payload, Segment.CHECKSUM_BAD);
        assertThat(HeaderRules.isDropped(c, wrong)).as("it may be the capture").isFalse();
        c.low.goodChecksum = true;
        assertThat(HeaderRules.isDropped(c, wrong)).isEqualTo(dropped);
        assertThat(HeaderRules.isDropped(c, segment(Flags.ACK, payload, Segment.CHECKSUM_GOOD)))
                .isFalse();
    }
}
