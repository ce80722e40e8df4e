package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.traffic.RealCaptures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real connections: the verdict is the same, however what was captured got there. Not with another order: most of these
 * were captured on one host, where the round trip takes microseconds, and only their order tells cause from effect.
 */
class RealCapturesTest {

    @ParameterizedTest
    @EnumSource(names = {"NUMBERS_SHIFTED", "ENDS_SWAPPED", "RESTARTED"})
    void theVerdictStays(Change change) throws IOException {
        Set<String> differing = new TreeSet<>();
        List<String> evidence = new ArrayList<>();
        for (RealCaptures.Tuple tuple : RealCaptures.all()) {
            List<Seen> all =
                    tuple.segments().stream().map(s -> new Seen(s, "a")).toList();
            int seed = tuple.toString().hashCode();
            List<String> differences =
                    MetamorphicTest.differences(all, change, tuple.lowPort(), tuple.highPort(), true, seed);
            if (!differences.isEmpty()) {
                differing.add(tuple.toString());
                evidence.add(tuple + "\n  " + String.join("\n  ", differences));
            }
        }
        assertThat(differing).as(() -> String.join("\n", evidence)).isEmpty();
    }
}
