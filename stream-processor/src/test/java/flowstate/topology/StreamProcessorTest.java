package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the program says before it has anything to do with Kafka. */
class StreamProcessorTest {
    @TempDir
    Path scratch;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine command = StreamProcessor.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(arguments);
    }

    /** With everything right, but for what is given and what nothing listens on. */
    private int start(String brokers, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--brokers", brokers, "--connect-limit", "1"));
        all.addAll(List.of(arguments));
        for (String[] option : new String[][] {
            {"--http", "127.0.0.1:0"}, {"--state-dir", scratch.resolve("state").toString()}
        }) {
            if (!all.contains(option[0])) {
                all.addAll(List.of(option));
            }
        }
        return run(all.toArray(String[]::new));
    }

    private void assertOneLine(String... parts) {
        assertThat(err.toString().lines()).singleElement().asString().contains(parts);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void helpNamesEveryOptionAndExitStatus() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString())
                .contains("--brokers", "--application-id", "--state-dir", "--timers", "--threads", "--http")
                .contains("--advertise", "--commit-interval-ms", "--[no-]create-topics", "--partitions")
                .contains("--replication-factor", "--config", "-X", "Exit status:");
    }

    @Test
    void withoutBrokersTheUsageIsWrong() {
        assertThat(run()).isEqualTo(2);
        assertOneLine("--brokers", "--help");
    }

    @Test
    void aValueOutOfRangeIsWrongUsage() {
        String[][] wrong = {
            {"--timers", "bro"},
            {"--events", "FINISHED"},
            {"--threads", "0"},
            {"--threads", "many"},
            {"--commit-interval-ms", "1"},
            {"--application-id", "a b"},
            {"--http", "7070"},
            {"--advertise", "nowhere"},
            {"--partitions", "0"},
            {"-X", "processing.guarantee=perhaps"},
            {"--config", scratch.resolve("absent").toString()}
        };
        for (String[] option : wrong) {
            err.getBuffer().setLength(0);
            assertThat(start("127.0.0.1:1", option))
                    .as(option[0] + " " + option[1])
                    .isEqualTo(2);
            assertOneLine("(see stream-processor --help)");
        }
    }

    @Test
    void settingsThatKafkaDoesNotKnowAreRemarkedOn() throws Exception {
        String brokers = "127.0.0.1:" + freePort();

        start(
                brokers,
                "-X",
                "num.stream.thread=3",
                "-X",
                "main.consumer.fetch.min.bites=1",
                "-X",
                "restore.consumer.fetch.min.bytes=1",
                "-X",
                "topic.retention.ms=3600000",
                "-X",
                "acceptable.recovery.lag=5");
        assertThat(err.toString().lines().filter(line -> line.contains("is no setting of Kafka's own")))
                .hasSize(2)
                .anyMatch(line -> line.contains("main.consumer.fetch.min.bites"))
                .anyMatch(line -> line.contains("num.stream.thread "));
    }

    @Test
    void whenNoBrokerAnswersThatIsSaidInOneLine() throws Exception {
        String brokers = "127.0.0.1:" + freePort();

        assertThat(start(brokers)).isEqualTo(1);
        assertOneLine("no Kafka broker answered at " + brokers + " within 1 s");
    }

    @Test
    void aBrokerNameThatDoesNotResolveIsSaidInOneLine() {
        assertThat(start("kafka.invalid:9092")).isEqualTo(1);
        assertOneLine("kafka.invalid:9092");
    }

    @Test
    void aPortInUseIsSaidInOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String http = "127.0.0.1:" + taken.getLocalPort();

            assertThat(start("127.0.0.1:1", "--http", http)).isEqualTo(1);
            assertOneLine("cannot listen on " + http, "in use");
        }
    }

    @Test
    void aStateFolderThatCannotBeMadeIsSaidInOneLine() throws Exception {
        Path file = Files.createFile(scratch.resolve("file"));
        Path folder = file.resolve("state");

        assertThat(start("127.0.0.1:1", "--state-dir", folder.toString())).isEqualTo(1);
        assertOneLine("cannot make the state folder " + folder, "--state-dir");
    }

    @Test
    void aSecretInTheConfigurationFileIsNeverPrinted() throws Exception {
        Path config = Files.writeString(
                scratch.resolve("kafka.properties"),
                "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=hunter2\n");

        assertThat(start("127.0.0.1:1", "--config", config.toString())).isEqualTo(1);
        assertThat(err.toString()).doesNotContain("hunter2");
    }
}
