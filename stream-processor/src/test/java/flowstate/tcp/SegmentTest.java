package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentTest {
    private static Segment segment(long timeNs, long clockNs, int flags, int payload) {
        return new Segment(
                timeNs, clockNs, true, 0xffff_fffe, 7, flags, 100, payload, 40, 1460, 7, true, 8, 9, 2, 10, 5);
    }

    @ParameterizedTest
    @CsvSource({
        "9000000000, 4000000000, 9000000000",
        "9000000001, 4000000000, 4000000000",
        "4000000000, 9000000000, 4000000000",
        "3999999999, 9000000000, 9000000000",
        "-5, 3, 0"
    })
    void aTimeMoreThanFiveSecondsFromTheClockIsAnOutlier(long timeNs, long clockNs, long robustNs) {
        assertThat(segment(timeNs, clockNs, Flags.ACK, 0).robustTimeNs()).isEqualTo(robustNs);
    }

    @ParameterizedTest
    @CsvSource({".,10,10,8", "S,0,1,-1", "S,10,11,9", "F.,0,1,-1", "F.,10,11,9", "SF,0,2,0", "R,3,3,1"})
    void itsLengthIsThatOfItsPayloadSynAndFin(String flags, int payload, int length, int end) {
        Segment s = segment(1, 1, Flags.parse(flags), payload);
        assertThat(s.length()).isEqualTo(length);
        assertThat(s.end()).isEqualTo(end);
    }

    @Test
    void timesAreWithinWhatCanBeSubtracted() {
        Segment s = segment(Long.MAX_VALUE, Long.MIN_VALUE, 0, 0);
        assertThat(s.timeNs()).isEqualTo((1L << 62) - 1);
        assertThat(s.clockNs()).isZero();
    }

    @Test
    void atOtherTimesItIsTheSame() {
        assertThat(segment(1, 2, Flags.ACK, 3).at(4, 5)).isEqualTo(segment(4, 5, Flags.ACK, 3));
    }

    @Test
    void isAskedForAnyOfSeveral() {
        Segment s = segment(1, 1, Flags.ACK | Flags.PSH, 0);
        assertThat(s.has(Flags.SYN | Flags.ACK)).isTrue();
        assertThat(s.has(Flags.SYN | Flags.FIN)).isFalse();
        assertThat(s.noted(Segment.CHECKSUM_GOOD)).isTrue();
        assertThat(s.noted(Segment.CHECKSUM_BAD)).isFalse();
    }
}
