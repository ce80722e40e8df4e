package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import flowstate.trace.Scenarios;
import flowstate.trace.Trace;
import flowstate.trace.TraceRunner;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every scenario through everything: written as a capture file, read, decoded, published to a real broker, tracked, and
 * read from what {@code flowstate replay} prints. All captures have the same two ends and go through one processor one
 * after the other, so that what one left behind would show in the next.
 */
class PipelineTraceIT {
    private static final Map<String, PrintedEvents> PRINTED = new HashMap<>();

    @TempDir
    private static Path scratch;

    static Stream<Arguments> traces() {
        return Scenarios.all().stream().map(trace -> Arguments.arguments(trace.name(), trace));
    }

    @BeforeAll
    static void replayAll() throws Exception {
        Map<String, List<String>> filesByProfile = new TreeMap<>();
        for (Trace trace : Scenarios.all()) {
            if (isOneCapture(trace)) {
                Path file = file(trace);
                TraceCapture.write(trace, file);
                filesByProfile
                        .computeIfAbsent(trace.profile(), profile -> new ArrayList<>())
                        .add(file.toString());
            }
        }
        assertThat(filesByProfile).containsOnlyKeys("default", "zeek");
        Path temporary = Files.createDirectory(scratch.resolve("temporary"));
        for (Map.Entry<String, List<String>> profile : filesByProfile.entrySet()) {
            List<String> arguments = new ArrayList<>(List.of(
                    "replay", "--format", "json", "--timers", profile.getKey(), "--temp-dir", temporary.toString()));
            arguments.addAll(profile.getValue());
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();

            int status = Flowstate.commandLine(PipelineParts::create, out)
                    .setErr(new PrintWriter(err, true))
                    .execute(arguments.toArray(String[]::new));

            assertThat(status).as(err.toString()).isZero();
            PRINTED.putAll(PrintedEvents.read(out.toString()));
        }
    }

    private static Path file(Trace trace) {
        return scratch.resolve(trace.name() + ".pcap");
    }

    private static boolean isOneCapture(Trace trace) {
        return trace.agents().size() == 1;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("traces")
    void goesAsWritten(String name, Trace trace) {
        assumeTrue(
                isOneCapture(trace),
                name + " is seen by the agents " + trace.agents() + ", and a capture file is one agent");

        PrintedEvents printed = PRINTED.getOrDefault(file(trace).toString(), PrintedEvents.NONE);

        TraceRunner.checkSequence(trace, printed.rendered(), printed.verdicts());
    }

    @Test
    void everyCaptureHasEventsAndNothingElseHas() {
        assertThat(PRINTED.keySet())
                .containsExactlyInAnyOrderElementsOf(Scenarios.all().stream()
                        .filter(PipelineTraceIT::isOneCapture)
                        .map(trace -> file(trace).toString())
                        .toList());
    }
}
