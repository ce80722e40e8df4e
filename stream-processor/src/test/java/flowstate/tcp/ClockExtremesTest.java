package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clocks may be set wrongly: no year hangs the tracker, or makes it tell more than once what it tells once. */
class ClockExtremesTest {

    @ParameterizedTest
    @ValueSource(
            longs = {Long.MIN_VALUE, -1, 0, 2_305_843_009_213_693_951L, 4_102_444_800_000_000_000L, Long.MAX_VALUE})
    void aConnectionInAnyYearGoesAsInThisOne(long startNs) {
        Watch watch = new Watch(Timers.DEFAULT, 40000, 80);
        watch.segment(segment(startNs, 0, true, Flags.SYN, 0, 0), "a");
        watch.segment(segment(startNs, 1_000_000, false, Flags.SYN | Flags.ACK, 0, 1), "a");
        watch.segment(segment(startNs, 2_000_000, true, Flags.ACK, 1, 1), "a");
        watch.segment(segment(startNs, 3_000_000, true, Flags.FIN | Flags.ACK, 1, 1), "a");
        watch.segment(segment(startNs, 4_000_000, false, Flags.FIN | Flags.ACK, 1, 2), "a");
        watch.segment(segment(startNs, 5_000_000, true, Flags.ACK, 2, 2), "a");
        assertThat(watch.told()).isEqualTo("OPENING ESTABLISHED HALF_CLOSED CLOSED");
        watch.await();
        watch.end();
        assertThat(watch.told()).isEqualTo("OPENING ESTABLISHED HALF_CLOSED CLOSED ENDED");
        assertThat(watch.verdicts()).extracting(Verdict::endReason).isEqualTo(List.of(EndReason.FIN));
    }

    private static Segment segment(long startNs, long afterNs, boolean fromLow, int flags, int seq, int ack) {
        long atNs = startNs > 0 && startNs + afterNs < 0 ? startNs : startNs + afterNs;
        return new Segment(atNs, atNs, fromLow, seq, ack, flags, 65_535, 0, 40, 1460, -1, false, -1, -1, 0, -1, 0);
    }
}
