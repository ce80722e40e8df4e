package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 6191 section 2: TIME_WAIT may be cut short by a later timestamp, or without one by a higher sequence number. */
class ReuseTest {
    private static final long LAST_CLOCK = 5_000_000_000L;

    private static AnomalyKind found(
            Phase phase, long timestampBefore, String flags, int seq, long timestamp, long atNs) {
        Connection old = new Connection("eth0", -1, 0, 0, 40_000, 80);
        old.phase = phase;
        old.lastClock = LAST_CLOCK;
        old.low.syn = true;
        old.low.based = true;
        old.low.base = 1000;
        old.low.highest = 500;
        old.low.timestamp = timestampBefore;
        Segment s = new Segment(
                atNs, atNs, true, seq, 0, Flags.parse(flags), 9, 0, 40, -1, -1, false, timestamp, 0, 0, -1, 0);
        Findings found = new Findings();
        Reuse.find(old, s, found);
        assertThat(found.all()).hasSize(1);
        assertThat(found.all().get(0).sentence().get()).startsWith("a");
        return found.all().get(0).kind();
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 1500, -1, PORT_REUSED", // the next number that the old one would have sent
        "-1, 1499, -1, PREMATURE_REUSE",
        "-1, 1499, 9,  PREMATURE_REUSE", // both must have timestamps
        "9,  1499, -1, PREMATURE_REUSE",
        "9,  1499, 10, PORT_REUSED",
        "9,  1499, 9,  PREMATURE_REUSE",
        "9,  1500, 9,  PORT_REUSED",
        "9,  1500, 8,  PREMATURE_REUSE",
        "0,  1499, 1,  PORT_REUSED",
        "4294967295, 1499, 0, PORT_REUSED" // later, modulo 2^32
    })
    void withinTimeWaitANewConnectionMustBeTellableFromTheOld(
            long timestampBefore, int seq, long timestamp, AnomalyKind kind) {
        assertThat(found(Phase.CLOSED, timestampBefore, "S", seq, timestamp, LAST_CLOCK))
                .isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({
        "OPENING,     S,  77,   5, SYN_ISN_CHANGED",
        "OPENING,     S,  1000, 5, PORT_REUSED",
        "OPENING,     S., 77,   5, PORT_REUSED",
        "RESET,       S,  77,   5, PORT_REUSED",
        "REJECTED,    S,  77,   5, PORT_REUSED",
        "CLOSED,      S., 77,   5, PORT_REUSED",
        "ESTABLISHED, S,  77,   64999999999, PREMATURE_REUSE",
        "ESTABLISHED, S,  77,   65000000000, PORT_REUSED",
        "ESTABLISHED, S,  1000, 64999999999, PORT_REUSED",
        "HALF_CLOSED, S,  77,   64999999999, PREMATURE_REUSE",
        "CLOSING,     S., 77,   64999999999, PREMATURE_REUSE"
    })
    void itDependsOnHowFarTheOldOneHadCome(Phase phase, String flags, int seq, long atNs, AnomalyKind kind) {
        assertThat(found(phase, -1, flags, seq, -1, atNs)).isEqualTo(kind);
    }
}
