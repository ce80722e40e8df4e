package flowstate.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import flowstate.capture.source.CaptureException;
import flowstate.capture.source.PacketFilter;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What a user gets who has no Kafka, or mistypes; the agent at work is tested in module standalone. */
@Timeout(60)
class CaptureAgentTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine command = CaptureAgent.commandLine();
        return command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    }

    private static String closedPort() throws IOException {
        try (ServerSocket closed = new ServerSocket(0)) {
            return "localhost:" + closed.getLocalPort();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "--brokers h:1                             | name capture files, or interfaces with -i",
                "a.pcap -i lo --brokers h:1                | capture files or interfaces, not both",
                "-i lo --brokers h:1 -s 64                 | snap length must be at least 96, was 64: TCP options would be cut",
                "-i lo --brokers h:1 -s 300000             | snap length must be at most 262144, was 300000",
                "-i lo --brokers h:1 -B 1                  | the kernel's buffer must have at least 64 KiB, was 1",
                "-i lo --brokers h:1 --spool-full both     | oldest, newest",
                "-i lo --brokers h:1 --spool-limit -1      | the spool's limit must not be negative, was -1",
                "a.pcap                                    | Missing required option: '--brokers=HOST:PORT'",
                "a.pcap --brokers h:1 --fliter tcp         | '--fliter'",
                "a.pcap --brokers h:1 --partitions many    | 'many' is not an int",
                "a.pcap --brokers h:1 --partitions 0       | partitions must be at least 1, was 0: topics could not be made",
                "a.pcap --brokers h:1 --connect-limit 0    | the connect limit must be above zero, was PT0S",
                "a.pcap --brokers h:1 --agent=             | agent id must not be empty",
                "a.pcap --brokers h:1 --config no-such.cfg | cannot read --config no-such.cfg",
                "a.pcap --brokers h:1 -X acks              | '-X'",
                "a.pcap --brokers localhost                | brokers must be host:port, was localhost: there is nothing to connect to",
                "a.pcap --brokers h:1,localhost:99999      | brokers must be host:port, was localhost:99999: there is nothing",
                "a.pcap --brokers h:99999999999            | brokers must be host:port, was h:99999999999: there is nothing",
            })
    void wrongUsageIsExplainedInOneLine(String args, String problem) {
        assertThat(run(args.split(" +"))).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("capture-agent: ")
                .contains(problem)
                .endsWith(" (see capture-agent --help)\n")
                .containsOnlyOnce("\n");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aFilterThatIsNotUnderstoodIsWrongUsage() {
        try {
            PacketFilter.compile("tcp").close();
        } catch (CaptureException e) {
            assumeTrue(false, "libpcap is not installed: " + e.getMessage());
        }
        assertThat(run("a.pcap", "--brokers", "h:1", "--filter", "tcp prot 80")).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("capture-agent: filter 'tcp prot 80' is not understood: ")
                .containsOnlyOnce("\n");
    }

    @Test
    void aBrokerThatIsNotThereIsAFailureInOneLine() throws IOException {
        String broker = closedPort();
        assertThat(run("a.pcap", "--brokers", broker, "--connect-limit", "1")).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo("capture-agent: no Kafka broker answered at " + broker
                        + " within 1 s: check the address, and that Kafka runs there\n");
    }

    @Test
    void helpNamesEveryOption() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString())
                .contains("Usage: capture-agent", "FILE...", "--brokers", "--agent", "--network", "--filter")
                .contains("--[no-]create-topics", "--partitions", "12", "--connect-limit", "15", "--config", "-X")
                .contains("Exit status:");
    }

    @Test
    void versionIsTold() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("flowstate capture-agent ");
    }

    @ParameterizedTest
    @CsvSource({"'', true", "--create-topics, true", "--no-create-topics, false"})
    void topicsAreMadeUnlessForbidden(String option, boolean expected) {
        List<String> args = new ArrayList<>(List.of("a.pcap", "--brokers", "h:1"));
        if (!option.isEmpty()) {
            args.add(option);
        }
        CommandLine command = CaptureAgent.commandLine();
        command.parseArgs(args.toArray(String[]::new));
        assertThat((Boolean)
                        command.getCommandSpec().findOption("--create-topics").getValue())
                .isEqualTo(expected);
    }

    @Test
    void asASubcommandItSpeaksUnderThatName() throws IOException {
        CommandLine parent =
                new CommandLine(CommandLine.Model.CommandSpec.create().name("flowstate"));
        parent.addSubcommand(CaptureAgent.commandLine().setCommandName("agent"));
        parent.setErr(new PrintWriter(err));
        assertThat(parent.execute("agent", "a.pcap", "--brokers", closedPort(), "--connect-limit", "1"))
                .isEqualTo(1);
        assertThat(err.toString()).startsWith("flowstate agent: no Kafka broker answered at localhost:");
    }

    @Test
    void aSettingThatKafkaDoesNotKnowIsRemarkedOn() throws IOException {
        run("a.pcap", "--brokers", closedPort(), "--connect-limit", "1", "-X", "linger.sm=5", "-X", "acks=all");
        assertThat(err.toString().lines())
                .hasSize(2)
                .first()
                .isEqualTo(
                        "capture-agent: linger.sm is no setting of Kafka's own: passed on, for a plug-in of its clients");
    }

    /** Runs a main class in a JVM of its own; returns its status and what it wrote on stderr. */
    private static List<String> fork(Path folder, List<String> classPath, List<String> jvm, String main, String... args)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx128m");
        command.addAll(jvm);
        command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath), main));
        command.addAll(List.of(args));
        Path errors = folder.resolve("err");
        Process process = new ProcessBuilder(command)
                .redirectError(errors.toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        try {
            int status = process.waitFor();
            return List.of(String.valueOf(status), Files.readString(errors));
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> classPath() {
        return Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator));
    }

    @Test
    void withoutLibpcapAFilterIsRefusedWithWhatToInstall(@TempDir Path folder) throws Exception {
        List<String> result = fork(
                folder,
                classPath(),
                List.of("-Dorg.pcap4j.core.pcapLibName=no-such-library"),
                "flowstate.capture.CaptureAgent",
                "a.pcap",
                "--brokers",
                closedPort(),
                "--filter",
                "tcp");
        assertThat(result.get(0)).isEqualTo("1");
        assertThat(result.get(1))
                .startsWith(
                        "capture-agent: a filter needs libpcap, which could not be loaded: apt-get install libpcap0.8")
                .containsOnlyOnce("\n");
    }

    @Test
    void withoutAFilterPcap4jIsNotTouched(@TempDir Path folder) throws Exception {
        List<String> withoutPcap4j = classPath().stream()
                .filter(entry -> !entry.contains("pcap4j") && !entry.contains("jna"))
                .collect(Collectors.toList());
        assertThat(withoutPcap4j).hasSizeLessThan(classPath().size());
        List<String> result = fork(
                folder,
                withoutPcap4j,
                List.of(),
                "flowstate.capture.publish.PublishToMemory",
                "../docs/captures/four-way-close.pcap");
        assertThat(result.get(1)).contains("segments published  9 in ");
        assertThat(result.get(0)).isEqualTo("0");
    }

    @Test
    void theProgramLogsNothingBesideItsOneLine(@TempDir Path folder) throws Exception {
        String broker = closedPort();
        List<String> result = fork(
                folder,
                classPath().stream()
                        .filter(entry -> !entry.endsWith("test-classes"))
                        .toList(),
                List.of(),
                "flowstate.capture.CaptureAgent",
                "a.pcap",
                "--brokers",
                broker,
                "--connect-limit",
                "1");
        assertThat(result)
                .containsExactly(
                        "1",
                        "capture-agent: no Kafka broker answered at " + broker
                                + " within 1 s: check the address, and that Kafka runs there\n");
    }
}
