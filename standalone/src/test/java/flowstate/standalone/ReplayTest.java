package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.capture.decode.Checksums;
import flowstate.tcp.EventKind;
import flowstate.tcp.Timers;
import flowstate.topology.TrackerSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** {@code flowstate} as users call it, on a real broker, with a topology that makes one event of each packet. */
class ReplayTest {
    @TempDir
    private Path folder;

    @TempDir
    private Path temporary;

    private final CountingParts parts = new CountingParts();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private @Nullable String filterAsked;
    private TrackerSettings trackerAsked = TrackerSettings.DEFAULT;
    private @Nullable Checksums checksumsAsked;

    @Test
    void eachCapturesEventsArePrintedInOrderAndFilesThatCannotBeReadAreNamed() throws IOException {
        String one = capture("one", "5");
        String text = capture("text", "no number");
        String two = capture("two", "1200");

        int status = run("replay", "--format", "json", "--filter", "tcp", "--timers", "zeek", text, one, "absent", two);

        assertThat(err.toString())
                .contains(one + ": 5 packets\n  printed: events 5, anomalies 3\n")
                .contains(two + ": 1000 packets\n  printed: events 1,000, anomalies 500\n")
                .containsOnlyOnce("flowstate: cannot read " + text + ": not a number\n")
                .containsOnlyOnce("flowstate: cannot read absent: no such file or folder\n")
                .containsOnlyOnce("flowstate: " + two + ": cut off after 1000 packets\n")
                .contains("2 of 4 files, 1,005 packets in ")
                .doesNotContain("\tat ");
        assertThat(status).isEqualTo(1);
        assertThat(filterAsked).isEqualTo("tcp");
        assertThat(trackerAsked.timers()).isEqualTo(Timers.ZEEK);
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(5 + 3 + 1000 + 500);
        assertThat(lines.subList(0, 8))
                .allSatisfy(line -> assertThat(line).startsWith("{\"capture\":\"" + one + "\""))
                .extracting(line -> line.replaceAll(".*\"connection_id\":\"([^\"]*)\".*", "$1"))
                .containsExactly("c0", "c0", "c1", "c2", "c2", "c3", "c4", "c4");
        assertThat(lines.subList(8, lines.size()))
                .allSatisfy(line -> assertThat(line).startsWith("{\"capture\":\"" + two + "\""))
                .extracting(line -> line.replaceAll(".*\"at\":\"([^\"]*)\".*", "$1"))
                .isSorted();
        assertNothingIsLeft();
    }

    /** As when very many connections are open at the end. */
    @Test
    void aProcessorThatIsStillEndingWhatItHasReadIsWaitedFor() throws IOException {
        assertThat(run("replay", "--format", "json", capture("late", "7"))).isZero();

        assertThat(out.toString().lines().filter(line -> line.contains("\"event\":")))
                .hasSize(7);
        assertNothingIsLeft();
    }

    @Test
    void aProcessorThatStopsEndsTheReplayWithItsReason() throws IOException {
        assertThat(run("replay", capture("poison", "1"))).isEqualTo(1);

        assertThat(said()).isEqualTo("flowstate: the stream processor stopped: poisoned\n");
        assertThat(out.toString()).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void aReaderThatHasEnoughIsNoError() throws IOException {
        assertThat(run(new Unwritable("Broken pipe"), "replay", capture("one", "1")))
                .isZero();

        assertThat(said()).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void anOutputThatIsFullIsAnError() throws IOException {
        assertThat(run(new Unwritable("No space left on device"), "replay", capture("one", "1")))
                .isEqualTo(1);

        assertThat(said()).isEqualTo("flowstate: cannot write the events to stdout: No space left on device\n");
        assertNothingIsLeft();
    }

    @Test
    void withoutAReadableFileNoBrokerIsStarted() {
        assertThat(run("replay", "absent", folder.toString())).isEqualTo(1);

        assertThat(err.toString())
                .startsWith("flowstate: cannot read absent: no such file or folder\n")
                .contains("flowstate: cannot read " + folder + ": Is a directory\n");
        assertThat(parts.brokersSeen).hasValue(0);
        assertNothingIsLeft();
    }

    @Test
    void aPortInUseIsOneLine() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String port = Integer.toString(taken.getLocalPort());

            assertThat(run("replay", "--port", port, capture("one", "1"))).isEqualTo(1);

            assertThat(err.toString().lines()).singleElement().asString().startsWith("flowstate: port " + port);
        }
    }

    @Test
    void wrongUsageIsOneLineThatSaysWhereToReadMore() {
        assertThat(run("replay")).isEqualTo(2);
        assertThat(run("replay", "--port", "70000", "x")).isEqualTo(2);
        assertThat(run("replay", "--format", "xml", "x")).isEqualTo(2);
        assertThat(run("replay", "--frobnicate", "x")).isEqualTo(2);
        assertThat(run()).isEqualTo(2);
        assertThat(run("play")).isEqualTo(2);

        assertThat(err.toString().lines())
                .containsExactly(
                        "flowstate: Missing required parameter: 'FILE' (see flowstate replay --help)",
                        "flowstate: --port must be 1 to 65535, was 70000; without it a free port is taken"
                                + " (see flowstate replay --help)",
                        "flowstate: Invalid value for option '--format': expected one of [TEXT, JSON]"
                                + " (case-insensitive) but was 'xml' (see flowstate replay --help)",
                        "flowstate: Unknown option: '--frobnicate' (see flowstate replay --help)",
                        "flowstate: a command is missing (see flowstate --help)",
                        "flowstate: Unmatched argument at index 0: 'play' (see flowstate --help)");
    }

    @ParameterizedTest
    @CsvSource({
        "'', verify",
        "--timers zeek, ignore",
        "--timers zeek --checksums verify, verify",
        "--checksums ignore, ignore"
    })
    void checksumsAreVerifiedUnlessZeeksTimersOrTheUserSayOtherwise(String options, Checksums expected)
            throws IOException {
        String file = capture("one", "1");

        assertThat(run(("replay " + options + " " + file).split(" +"))).isZero();

        assertThat(checksumsAsked).isEqualTo(expected);
    }

    @Test
    void eventsCanBeChosen() throws IOException {
        String file = capture("one", "1");

        assertThat(run("replay", file)).isZero();
        assertThat(trackerAsked.events()).containsExactlyInAnyOrder(EventKind.values());

        assertThat(run("replay", "--events", "ended,PERIODIC", file)).isZero();
        assertThat(trackerAsked.events()).containsExactlyInAnyOrder(EventKind.ENDED, EventKind.PERIODIC);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CLOSED,FINISHED", ""})
    void anEventThatThereIsNotIsWrongUsage(String events) throws IOException {
        assertThat(run("replay", "--events", events, capture("one", "1"))).isEqualTo(2);

        assertThat(said()).containsOnlyOnce("\n").contains("--events", "OPENING", "ENDED");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void helpNamesTheOptionsAndTheExitStatus() {
        StringWriter help = new StringWriter();
        CommandLine command = Flowstate.commandLine((filter, tracker, checksums) -> parts, out)
                .setOut(new PrintWriter(help));

        assertThat(command.execute("replay", "--help")).isZero();

        assertThat(help.toString())
                .contains(
                        "flowstate replay ",
                        "--format",
                        "--timers",
                        "--events",
                        "--filter",
                        "--temp-dir",
                        "--port",
                        "--verbose")
                .contains("2   wrong usage");
    }

    /** What stderr has but for progress, which a slow machine adds. */
    private String said() {
        return err.toString().replaceAll("flowstate: (starting up|[^\\n]* packets read,[^\\n]*)\\n", "");
    }

    private String capture(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content).toString();
    }

    private int run(String... arguments) {
        return run(out, arguments);
    }

    private int run(Writer events, String... arguments) {
        return Flowstate.commandLine(
                        (filter, tracker, checksums) -> {
                            checksumsAsked = checksums;
                            filterAsked = filter;
                            trackerAsked = tracker;
                            return parts;
                        },
                        events)
                .setErr(new PrintWriter(err, true))
                .execute(withTemporaryFolder(arguments));
    }

    private String[] withTemporaryFolder(String... arguments) {
        if (arguments.length < 2) {
            return arguments;
        }
        String[] all = new String[arguments.length + 2];
        all[0] = arguments[0];
        all[1] = "--temp-dir";
        all[2] = temporary.toString();
        System.arraycopy(arguments, 1, all, 3, arguments.length - 1);
        return all;
    }

    private void assertNothingIsLeft() {
        assertThat(temporary).isEmptyDirectory();
        assertThat(parts.closed).isTrue();
    }

    /** Takes what fits a buffer, then fails. */
    private static final class Unwritable extends Writer {
        private final String reason;

        Unwritable(String reason) {
            this.reason = reason;
        }

        @Override
        public void write(char[] from, int offset, int length) {}

        @Override
        public void flush() throws IOException {
            throw new IOException(reason);
        }

        @Override
        public void close() {}
    }
}
