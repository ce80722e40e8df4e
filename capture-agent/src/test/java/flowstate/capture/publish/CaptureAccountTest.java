package flowstate.capture.publish;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.capture.decode.SkipReason;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class CaptureAccountTest {
    private static final Map<SkipReason, Long> SKIPPED =
            Map.of(SkipReason.NOT_TCP, 20L, SkipReason.MALFORMED, 0L, SkipReason.TRUNCATED, 1L);

    private static CaptureAccount account(long read, long failed) {
        return new CaptureAccount("a.pcap", read, 12_345, 1_000, 300, SKIPPED, failed, false, null);
    }

    @Test
    void itIsPrintedAlignedWithWhatOccurred() {
        assertThat(account(12_666, 0).render()).isEqualTo("""
                        a.pcap
                          packets read                                 12,666
                          segments published                           12,345 in 1,000 batches
                          filtered out                                    300
                          skipped: not TCP                                 20
                          skipped: headers cut off by the snap length       1""");
    }

    @Test
    void aCaptureWithNothingInItIsPrintedToo() {
        CaptureAccount nothing = new CaptureAccount("empty.pcap", 0, 0, 0, 0, Map.of(), 0, false, null);
        assertThat(nothing.balances()).isTrue();
        assertThat(nothing.render()).isEqualTo("""
                        empty.pcap
                          packets read        0
                          segments published  0 in 0 batches""");
    }

    @Test
    void whatCutItShortIsInTheFirstLine() {
        assertThat(new CaptureAccount("a.pcap", 0, 0, 0, 0, Map.of(), 0, true, null).render())
                .startsWith("a.pcap (stopped before its end)\n");
        assertThat(new CaptureAccount("a.pcap", 0, 0, 0, 0, Map.of(), 0, false, "cut").render())
                .startsWith("a.pcap (broken off)\n");
    }

    @Test
    void failedSegmentsAreNamed() {
        assertThat(account(12_668, 2).render()).contains("\n  not acknowledged ");
        assertThat(account(12_666, 0).render()).doesNotContain("not acknowledged");
    }

    @Property
    void itBalancesOnlyIfEveryPacketIsInOneCount(@ForAll @LongRange(min = -3, max = 3) long missing) {
        CaptureAccount account = account(12_666 + missing, 0);
        assertThat(account.balances()).isEqualTo(missing == 0);
        assertThat(account.render().contains("unaccounted for")).isEqualTo(missing != 0);
    }
}
