package flowstate.capture.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WrappingCountTest {

    @Test
    void aCountThatWrapsGoesOn() {
        WrappingCount count = new WrappingCount();
        count.take(0xffff_fff0L);
        count.take(5);
        assertThat(count.total()).isEqualTo(0x1_0000_0005L);
        count.take(5);
        assertThat(count.total()).isEqualTo(0x1_0000_0005L);
    }

    @Test
    void aNewCaptureStartsAtZeroAndAddsToWhatWas() {
        WrappingCount count = new WrappingCount();
        count.take(100);
        count.startAnew();
        count.take(3);
        assertThat(count.total()).isEqualTo(103);
    }
}
