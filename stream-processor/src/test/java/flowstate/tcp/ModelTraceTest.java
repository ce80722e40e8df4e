package flowstate.tcp;

import flowstate.trace.Scenarios;
import flowstate.trace.Trace;
import flowstate.trace.TraceRun;
import flowstate.trace.TraceRunner;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scenario through the pure model, with every choice of initial sequence numbers and low end. */
class ModelTraceTest {

    static List<Trace> scenarios() {
        return Scenarios.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void goesAsWrittenWhateverItsNumbersAre(Trace trace) {
        Stream.concat(TraceRun.all(trace).stream(), TraceRun.wrappingAnywhere(trace).stream())
                .forEach(run ->
                        TraceRunner.check(trace, run, new ModelTarget(Timers.named(trace.profile()), trace.clocks())));
    }
}
