package flowstate.tcp;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import flowstate.trace.Scenarios;
import flowstate.trace.Trace;
import flowstate.trace.TraceRun;
import flowstate.trace.TraceRunner;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scenario through the pure model, with every choice of initial sequence numbers and low end. */
class ModelTraceTest {

    static Stream<Arguments> runs() {
        return Scenarios.all().stream()
                .flatMap(trace -> TraceRun.all(trace).stream().map(run -> arguments(trace.name(), run, trace)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("runs")
    void goesAsWritten(String name, TraceRun run, Trace trace) {
        TraceRunner.check(trace, run, new ModelTarget(Timers.named(trace.profile()), trace.clocks()));
    }

    static List<Trace> scenarios() {
        return Scenarios.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void goesAsWrittenWhereverTheNumbersWrap(Trace trace) {
        for (TraceRun run : TraceRun.wrappingAnywhere(trace)) {
            TraceRunner.check(trace, run, new ModelTarget(Timers.named(trace.profile()), trace.clocks()));
        }
    }
}
