package flowstate.tcp;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import flowstate.capture.source.Captures;
import flowstate.traffic.RealCaptures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real connections: the verdict is the same, however what was captured got there, but for what the resource {@value #LIST}
 * has with its reason. Another order within one direction only: most of these were captured on one host, where the round trip
 * takes microseconds, and across directions only their order tells cause from effect.
 */
class RealCapturesTest {
    private static final String LIST = "real-captures-differences.txt";

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"REORDERED", "DIRECTIONS_SKEWED"})
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
        // those that are listed are all of Zeek's
        Set<String> listed = Captures.shared().isPresent() ? listed(change) : Set.of();
        assertThat(differing)
                .as(() -> change + ": what differs is in " + LIST + ", and nothing else is\n"
                        + String.join("\n", evidence))
                .isEqualTo(listed);
    }

    private static Set<String> listed(Change change) throws IOException {
        Set<String> listed = new TreeSet<>();
        try (InputStream in = requireNonNull(RealCapturesTest.class.getResourceAsStream("/" + LIST))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (String line : text.split("\\R")) {
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                String[] parts = line.split(" \\| ");
                assertThat(parts).as("change, connection, why: " + line).hasSize(3);
                assertThat(parts[2]).as("why: " + line).hasSizeGreaterThan(20);
                if (Change.valueOf(parts[0]) == change) {
                    assertThat(listed.add(parts[1])).as("listed once: " + line).isTrue();
                }
            }
        }
        return listed;
    }
}
