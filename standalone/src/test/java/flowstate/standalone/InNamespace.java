package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of programs in a network namespace in which nothing else talks; each begins with a new one. */
abstract class InNamespace {
    @TempDir
    Path scratch;

    @SuppressWarnings("NullAway.Init")
    Namespace namespace;

    private int asked;

    @BeforeEach
    void aNamespace() throws Exception {
        namespace = Namespace.make(scratch);
    }

    @AfterEach
    void end() throws InterruptedException {
        if (namespace != null) {
            namespace.close();
        }
    }

    String text(String file) throws IOException {
        return namespace.text(file);
    }

    /** What an agent's /metrics said, by name; the sum where there are labels. */
    record Metrics(Map<String, Long> counts) {
        long get(String name) {
            return Objects.requireNonNull(counts.get(name), name);
        }
    }

    /** Asks the agent at port 7072; at each moment its account balances. */
    Metrics metrics() throws Exception {
        String name = "metrics-" + asked++;
        assertThat(namespace
                        .start(name, "curl", "-sf", "http://127.0.0.1:7072/metrics")
                        .waitFor())
                .isZero();
        Map<String, Long> counts = new TreeMap<>();
        for (String line : text(name + ".out").lines().toList()) {
            if (line.startsWith("flowstate_agent_")) {
                String key = line.substring("flowstate_agent_".length(), line.lastIndexOf(' '));
                counts.merge(
                        key.replaceAll("[{].*", ""),
                        (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)),
                        Long::sum);
            }
        }
        Metrics metrics = new Metrics(counts);
        assertThat(metrics.get("seen_packets_total") + metrics.get("recovered_segments_total"))
                .as("the account balances: " + counts)
                .isEqualTo(metrics.get("published_segments_total")
                        + metrics.get("skipped_packets_total")
                        + metrics.get("own_segments_total")
                        + metrics.get("lost_segments_total")
                        + metrics.get("pending_segments"));
        return metrics;
    }
}
