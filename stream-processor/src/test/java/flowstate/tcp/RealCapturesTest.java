package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.traffic.RealCaptures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real connections: the verdict is the same, however what was captured got there. Not with another order: most of these
 * were captured on one host, where the round trip takes microseconds, and only their order tells cause from effect.
 */
class RealCapturesTest {

    /** Where the verdict changes, and why that must be so. */
    private static final Map<Change, Map<String, String>> KNOWN = Map.of(
            Change.TWICE,
            Map.of("ssh/ssh_version_199.pcap 59139 22", "ten RSTs instead of five: told again at the tenth"),
            Change.SECOND_AGENT,
            Map.of(
                    "ssh/ssh_version_199.pcap 59139 22",
                    "ten RSTs instead of five: told again at the tenth",
                    "tcp/retransmit-timeout.pcapng 51889 80",
                    "5 min idle to the millisecond, but for the second agent's delay",
                    "pop3/pop3.pcap 26284 110",
                    "the second SYN gives a wrong difference of the clocks",
                    "postgresql/psql-aws-ssl-require-15432.pcap 15432 36934",
                    "RSTs come late, at 10 s, when the first agent has let go",
                    "tls/heartbleed-encrypted-success.pcap 443 59676",
                    "the second agent's RST comes when the window is another",
                    "tls/ssl.v3.pcap 58869 443",
                    "the second agent's FIN comes when the first agent has seen a RST"));

    @ParameterizedTest
    @EnumSource(names = {"TWICE", "SECOND_AGENT", "DIRECTIONS_APART", "NUMBERS_SHIFTED", "ENDS_SWAPPED", "RESTARTED"})
    void theVerdictStays(Change change) throws IOException {
        Set<String> known = KNOWN.getOrDefault(change, Map.of()).keySet();
        Set<String> differing = new TreeSet<>();
        List<String> evidence = new ArrayList<>();
        for (RealCaptures.Tuple tuple : RealCaptures.all()) {
            List<Seen> all =
                    tuple.segments().stream().map(s -> new Seen(s, "a")).toList();
            int seed = tuple.toString().hashCode();
            List<String> differences =
                    MetamorphicTest.differences(all, change, tuple.lowPort(), tuple.highPort(), true, seed);
            if (!differences.isEmpty() && !known.contains(tuple.toString())) {
                differing.add(tuple.toString());
                evidence.add(tuple + "\n  " + String.join("\n  ", differences));
            }
        }
        assertThat(differing).as(() -> String.join("\n", evidence)).isEmpty();
    }
}
