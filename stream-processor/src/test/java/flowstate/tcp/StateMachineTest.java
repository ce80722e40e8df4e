package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.trace.Line;
import flowstate.trace.Scenarios;
import flowstate.trace.Trace;
import flowstate.trace.TraceRun;
import flowstate.trace.TraceSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/state-machine.md is what the code does: each step in it is taken, and each step taken is in it. */
class StateMachineTest {
    private static final Path DOCUMENT = Path.of("../docs/state-machine.md");
    private static final Path PRINTED = Path.of("target/state-machine.md");

    /** A step of one end, and whether its connection knows that segments were not seen. */
    private record Taken(TcpState from, TcpState to, boolean unseenSegments) {}

    static Stream<StateMachine.Step> steps() {
        return Stream.concat(StateMachine.FIGURE.stream(), StateMachine.ADDED.stream());
    }

    @Test
    void theDocumentIsUpToDate() throws IOException {
        String printed = StateMachine.document();
        Files.writeString(PRINTED, printed);
        String present = Files.exists(DOCUMENT) ? Files.readString(DOCUMENT) : "";
        assertThat(present)
                .as("docs/state-machine.md is stale; renew it: cp stream-processor/target/state-machine.md docs/")
                .isEqualTo(printed);
    }

    @Test
    void theTablesAreTheStepsThatTheCodeAllows() {
        Set<List<TcpState>> allowed = new HashSet<>();
        for (TcpState from : TcpState.values()) {
            for (TcpState to : TcpState.values()) {
                if (from != to && from.leadsTo(to)) {
                    allowed.add(List.of(from, to));
                }
            }
        }
        List<List<TcpState>> told =
                steps().map(step -> List.of(step.from(), step.to())).toList();
        assertThat(told).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(allowed);
    }

    @ParameterizedTest
    @MethodSource("steps")
    void eachStepIsTakenInItsTrace(StateMachine.Step step) {
        assertThat(taken(Scenarios.named(step.trace())))
                .anyMatch(taken -> taken.from == step.from() && taken.to == step.to());
    }

    @Test
    void noTraceTakesAnotherStepWithoutSayingThatSegmentsAreUnseen() {
        for (Trace trace : Scenarios.all()) {
            assertThat(taken(trace))
                    .as(trace.name())
                    .allMatch(taken -> taken.from.leadsTo(taken.to) || taken.unseenSegments);
        }
    }

    /** The steps of both ends of every connection in a trace. */
    private static List<Taken> taken(Trace trace) {
        TraceRun run = TraceRun.plain(trace);
        Tracker tracker = new Tracker(Timers.named(trace.profile()));
        Recorder recorder = new Recorder();
        List<Taken> taken = new ArrayList<>();
        @Nullable Connection connection = null;
        TcpState low = TcpState.CLOSE;
        TcpState high = TcpState.CLOSE;
        for (Line line : trace.lines()) {
            Connection before = connection;
            long nowNs = run.startNs() + line.atNs();
            if (line.step() instanceof Line.Observed observed) {
                Segment segment = observed.segment().segment(run, line.atNs());
                connection = tracker.onSegment(
                        connection, 40000, 50000, segment, observed.segment().agent(), "trace", recorder);
            } else if (line.step() instanceof Line.Timer && connection != null) {
                connection = tracker.onClock(connection, nowNs, TraceSegment.DEFAULT_AGENT, recorder);
            } else if (connection != null) {
                tracker.end(connection, EndReason.CAPTURE_ENDED, Cause.END_OF_CAPTURE, nowNs, recorder);
                connection = null;
            }
            if (before != null) {
                taken.add(new Taken(low, before.lowState, before.unseenSegments));
                taken.add(new Taken(high, before.highState, before.unseenSegments));
            }
            if (connection != null) {
                if (connection != before) {
                    // a SYN that was doubted, and the SYN-ACK that answers it, are two steps at once
                    addAll(taken, connection, connection.states(true));
                    addAll(taken, connection, connection.states(false));
                }
                low = connection.lowState;
                high = connection.highState;
            }
        }
        return taken;
    }

    private static void addAll(List<Taken> taken, Connection begun, List<TcpState> states) {
        TcpState from = TcpState.CLOSE;
        for (TcpState to : states) {
            taken.add(new Taken(from, to, begun.unseenSegments));
            from = to;
        }
    }
}
