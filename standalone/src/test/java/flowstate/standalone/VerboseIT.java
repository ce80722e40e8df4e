package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerboseIT {
    @TempDir
    Path scratch;

    @Test
    void whatKafkaLogsIsShownWhenAskedFor() throws Exception {
        assertThat(replay("--verbose")).contains("flowstate: Kafka version: ").contains("  ENDED  ");
    }

    @Test
    void elseTheEventsAndTheAccountAreAll() throws Exception {
        assertThat(replay()).doesNotContain("Kafka").contains("  ENDED  ").contains("packets read ");
    }

    private String replay(String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of("replay"));
        words.addAll(List.of(options));
        words.add(Repository.root().resolve("docs/captures/four-way-close.pcap").toString());
        try (JarProcess program = JarProcess.start("standalone", scratch, "replay", words.toArray(String[]::new))) {
            assertThat(program.awaitExit(Duration.ofMinutes(1))).isZero();
            return program.printed();
        }
    }
}
