package flowstate.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DistinctTest {
    private static Distinct counted(int things) {
        Distinct distinct = new Distinct();
        for (int i = 0; i < 2 * things; i++) {
            int thing = i % things;
            distinct.add(Distinct.hash(new byte[] {10, 1, (byte) (thing >> 8), (byte) thing}, 22));
        }
        return distinct;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 31, 32})
    void fewAreCountedExactly(int things) {
        assertThat(counted(things).count()).isEqualTo(things);
    }

    @ParameterizedTest
    @ValueSource(ints = {33, 100, 1_000, 5_000})
    void manyAreEstimated(int things) {
        assertThat(counted(things).count()).isCloseTo(things, Percentage.withPercentage(8));
    }

    @Test
    void portsThatCountUpAreAsGoodAsRandom() {
        Distinct distinct = new Distinct();
        for (int port = 1; port <= 1024; port++) {
            distinct.add(Distinct.hash(new byte[0], port));
        }
        assertThat(distinct.count()).isCloseTo(1024, Percentage.withPercentage(8));
    }
}
