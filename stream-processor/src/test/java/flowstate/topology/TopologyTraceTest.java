package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.tcp.Segment;
import flowstate.tcp.Timers;
import flowstate.trace.Line;
import flowstate.trace.Scenarios;
import flowstate.trace.Trace;
import flowstate.trace.TraceRun;
import flowstate.trace.TraceRunner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scenario through the deployed topology: Avro, stores, timers moved by progress. */
class TopologyTraceTest {
    @TempDir
    private Path stateDir;

    static Stream<Arguments> traces() {
        return Scenarios.all().stream().map(trace -> Arguments.arguments(trace.name(), trace));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("traces")
    void goesAsWritten(String name, Trace trace) {
        try (TopologyTarget target = target(trace)) {
            TraceRunner.check(trace, TraceRun.plain(trace), target);
        }
    }

    @Test
    void aBatchThatIsSentAgainCountsOnce() {
        Trace trace = Scenarios.named("four-segment-close");
        try (TopologyTarget target = target(trace)) {
            for (Segment segment : segments(trace)) {
                target.feed(segment, "a");
                assertThat(target.repeatLast(segment, "a")).isEmpty();
            }
            target.end();
            assertThat(target.verdicts()).singleElement().satisfies(verdict -> {
                assertThat(verdict).containsEntry("originator.segments", "5");
                assertThat(verdict).containsEntry("responder.segments", "4");
                assertThat(verdict).containsEntry("history", "ShADaFf");
            });
        }
    }

    @Test
    void connectionsOfAnAgentThatFellSilentEnd() {
        Trace trace = Scenarios.named("four-segment-close");
        try (TopologyTarget target = target(trace)) {
            target.feed(segments(trace).get(0), "a");
            assertThat(target.silence(Duration.ofSeconds(110))).isEmpty();
            assertThat(target.silence(Duration.ofSeconds(60))).containsExactly("ENDED [SYN_SENT/LISTEN]");
            assertThat(target.verdicts())
                    .singleElement()
                    .satisfies(verdict -> assertThat(verdict).containsEntry("end_reason", "OBSERVER_LOST"));
            assertThat(target.silence(Duration.ofMinutes(10))).isEmpty();
        }
    }

    private TopologyTarget target(Trace trace) {
        return new TopologyTarget(Timers.named(trace.profile()), trace.clocks(), stateDir);
    }

    private static List<Segment> segments(Trace trace) {
        TraceRun run = TraceRun.plain(trace);
        return trace.lines().stream()
                .filter(line -> line.step() instanceof Line.Observed)
                .map(line -> ((Line.Observed) line.step()).segment().segment(run, line.atNs()))
                .toList();
    }
}
