package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
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
        String[] words = new String[options.length + 2];
        words[0] = "replay";
        System.arraycopy(options, 0, words, 1, options.length);
        words[words.length - 1] =
                Repository.root().resolve("docs/captures/four-way-close.pcap").toString();
        try (JarProcess program = JarProcess.start("standalone", scratch, "replay", words)) {
            assertThat(program.awaitExit(Duration.ofMinutes(1))).isZero();
            return program.printed();
        }
    }
}
