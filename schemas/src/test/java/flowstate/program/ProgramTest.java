package flowstate.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

class ProgramTest {
    @TempDir
    Path folder;

    private final StringWriter err = new StringWriter();
    private Map<String, String> environment = Map.of();

    /** As our programs are. */
    @Command(name = "sample")
    private final class Sample implements Callable<Integer> {
        @Mixin
        KafkaOptions kafka;

        @Option(
                names = {"-i", "--interface"},
                split = ",")
        List<String> interfaces = List.of();

        @Option(names = "--size", defaultValue = "7")
        int size;

        @Spec
        CommandSpec spec;

        KafkaCluster cluster = KafkaCluster.at("unset:1", Map.of());

        @Override
        public Integer call() {
            cluster = Program.usage(spec, () -> kafka.cluster(environment));
            return 0;
        }
    }

    private Sample sample = new Sample();

    /** A program of its own each time: options of one run are not the next one's. */
    private int run(String... arguments) {
        sample = new Sample();
        CommandLine line = Program.commandLine(sample, environment);
        return line.setErr(new PrintWriter(err, true)).execute(arguments);
    }

    private String config(String text) throws IOException {
        return Files.writeString(folder.resolve("sample.properties"), text).toString();
    }

    @Test
    void theCommandLineWinsOverTheEnvironmentWinsOverTheFileWinsOverTheDefault() throws IOException {
        String file = config("flowstate.brokers=file:1\nflowstate.size=3\nflowstate.connect-limit=4\n"
                + "flowstate.interface=eth0,eth1\n");
        environment = Map.of("FLOWSTATE_BROKERS", "environment:1", "FLOWSTATE_SIZE", "2", "FLOWSTATE_PARTITIONS", "");

        assertThat(run("--size", "1", "--config", file)).isZero();

        assertThat(sample.size).isEqualTo(1);
        assertThat(sample.cluster.brokers()).isEqualTo("environment:1");
        assertThat(sample.cluster.connectLimit()).hasSeconds(4);
        assertThat(sample.interfaces).containsExactly("eth0", "eth1");
        assertThat(sample.cluster.partitions()).isEqualTo(12);
    }

    @Test
    void theFilesNameMayComeFromTheEnvironmentAndStandAnywhere() throws IOException {
        String file = config("flowstate.brokers=file:1\nflowstate.create-topics=false\n");
        environment = Map.of("FLOWSTATE_CONFIG", file);
        assertThat(run()).isZero();
        assertThat(sample.cluster.createTopics()).isFalse();

        environment = Map.of("FLOWSTATE_CONFIG", "no-such-file");
        assertThat(run("--size=9", "--config=" + file)).isZero();
        assertThat(sample.cluster.brokers()).isEqualTo("file:1");
    }

    @Test
    void aSubcommandTakesThemToo() throws IOException {
        String file = config("flowstate.brokers=file:1\n");
        CommandLine parent = new CommandLine(CommandSpec.create().name("parent"));
        parent.addSubcommand("sample", Program.commandLine(sample, environment));

        assertThat(parent.execute("sample", "--config", file)).isZero();
        assertThat(sample.cluster.brokers()).isEqualTo("file:1");
    }

    @Test
    void kafkasSettingsComeFromThreePlaces() throws IOException {
        String file = config("sasl.jaas.config=in file\nacks=1\nretries=1\nflowstate.size=3\n");
        environment = Map.of("FLOWSTATE_KAFKA_ACKS", "all", "FLOWSTATE_KAFKA_RETRIES", "2");

        assertThat(run("--brokers", "b:1", "--config", file, "-X", "retries=3")).isZero();

        assertThat(sample.cluster.settings())
                .isEqualTo(Map.of("sasl.jaas.config", "in file", "acks", "all", "retries", "3"));
    }

    @Test
    void whatIsWrongIsSaidInOneLine() throws IOException {
        String misspelt = config("flowstate.brokrs=b:1\n");
        Map<List<String>, String> wrong = Map.of(
                List.of(),
                "Missing required option: '--brokers=HOST:PORT'",
                List.of("--brokers", "b:1", "--size", "big"),
                "'big' is not an int",
                List.of("--brokers", "b:1", "--partitions", "0"),
                "partitions must be at least 1, was 0: topics could not be made",
                List.of("--brokers", "b:1", "--replication-factor", "0"),
                "the replication factor must be at least 1, was 0",
                List.of("--brokers", "b:1", "--config", "absent"),
                "cannot read --config absent: there is no such file",
                List.of("--brokers", "b:1", "-X", "linger.ms=soon"),
                "a setting of Kafka's: Invalid value soon for configuration linger.ms",
                List.of("--brokers", "b:1", "-X", "bootstrap.servers=c:1"),
                "bootstrap.servers is no setting of its own here: --brokers says where Kafka is",
                List.of("--config", misspelt),
                "flowstate.brokrs is no option that a file can set");
        wrong.forEach((arguments, problem) -> {
            err.getBuffer().setLength(0);
            assertThat(run(arguments.toArray(String[]::new))).as(problem).isEqualTo(2);
            assertThat(err.toString())
                    .startsWith("sample: ")
                    .contains(problem)
                    .endsWith(" (see sample --help)\n")
                    .containsOnlyOnce("\n");
        });
    }

    @Test
    void aSecretOnTheCommandLineIsRefusedAndNotRepeated() {
        for (String key : List.of("sasl.jaas.config", "ssl.key.password", "ssl.keystore.key", "x.client.secret")) {
            err.getBuffer().setLength(0);
            assertThat(run("--brokers", "b:1", "-X", key + "=hunter2")).isEqualTo(2);
            assertThat(err.toString())
                    .contains("-X " + key + " would show a secret")
                    .doesNotContain("hunter2");
        }
    }
}
