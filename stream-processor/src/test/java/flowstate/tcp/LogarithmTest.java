package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LogarithmTest {

    @Test
    void marksAreThePowersOfTen() {
        assertThat(LongStream.rangeClosed(0, 10_010).filter(Logarithm::isMark))
                .containsExactly(1L, 10L, 100L, 1000L, 10_000L);
    }
}
