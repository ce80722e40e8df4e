package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.schema.TcpSegment;
import flowstate.tcp.Flags;
import flowstate.tcp.Segment;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopiesTest {
    private static final long MS = 1_000_000;

    private static TcpSegment segment(long atNs, int seq, int flags, int payload, int ipId) {
        TcpSegment s = TopologyTarget.record(new Segment(
                atNs, atNs, true, seq, 1, flags, 65535, payload, 40 + payload, -1, -1, false, -1, -1, 0, -1, 0));
        s.setIpId(ipId);
        return s;
    }

    private static boolean secondIsCopy(TcpSegment first, TcpSegment second) {
        return Copies.isCopy(List.of(first, second), 0, 1);
    }

    @Test
    void theSamePacketIsACopy() {
        assertThat(secondIsCopy(segment(0, 1, Flags.ACK, 100, 7), segment(MS, 1, Flags.ACK, 100, 7)))
                .isTrue();
    }

    @Test
    void othersMayComeBetween() {
        List<TcpSegment> segments = List.of(
                segment(0, 1, Flags.ACK, 100, 7),
                segment(1000, 101, Flags.ACK, 100, 8),
                segment(2000, 1, Flags.ACK, 100, 7),
                segment(3000, 101, Flags.ACK, 100, 8));

        assertThat(Copies.isCopy(segments, 0, 1)).isFalse();
        assertThat(Copies.isCopy(segments, 0, 2)).isTrue();
        assertThat(Copies.isCopy(segments, 0, 3)).isTrue();
        assertThat(Copies.isCopy(segments, 1, 2))
                .as("the first is another connection's")
                .isFalse();
    }

    @Test
    void whatIsSentAgainHasAnotherIdentification() {
        assertThat(secondIsCopy(segment(0, 1, Flags.ACK, 100, 7), segment(MS, 1, Flags.ACK, 100, 8)))
                .isFalse();
    }

    /** A SYN-ACK of Linux has identification 0, also when it is sent again after a second. */
    @Test
    void whatComesLaterIsSentAgain() {
        assertThat(secondIsCopy(segment(0, 1, Flags.SYN, 0, 0), segment(1000 * MS, 1, Flags.SYN, 0, 0)))
                .isFalse();
        assertThat(secondIsCopy(segment(0, 1, Flags.ACK, 100, 7), segment(11 * MS, 1, Flags.ACK, 100, 7)))
                .isFalse();
    }

    @Test
    void withoutIdentificationABareAcknowledgementIsADuplicateAndNoCopy() {
        assertThat(secondIsCopy(segment(0, 1, Flags.ACK, 0, 0), segment(1000, 1, Flags.ACK, 0, 0)))
                .isFalse();
        assertThat(secondIsCopy(segment(0, 1, Flags.ACK, 9, -1), segment(1000, 1, Flags.ACK, 9, -1)))
                .isTrue();
    }
}
