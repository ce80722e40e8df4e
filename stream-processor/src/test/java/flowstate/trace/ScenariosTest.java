package flowstate.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScenariosTest {

    private static List<Trace> scenarios() {
        return Scenarios.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void aScenarioSaysWhyAndSettlesEveryConnectionOnce(Trace trace) {
        List<Expectation> events =
                trace.lines().stream().flatMap(line -> line.expected().stream()).toList();

        assertThat(trace.headers()).containsKey("why");
        assertThat(events).filteredOn(e -> e.name().equals("ENDED")).hasSameSizeAs(trace.verdicts());
        assertThat(trace.lines().get(trace.lines().size() - 1).expected())
                .extracting(Expectation::name)
                .contains("ENDED");
        assertThat(trace.verdicts())
                .allSatisfy(verdict -> assertThat(verdict)
                        .containsKeys("conn_state", "history", "end_reason", "teardown", "closed_first", "handshake"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void printingAScenarioAndReadingItAgainChangesNothing(Trace trace) {
        assertThat(Trace.parse(trace.name(), trace.toString())).isEqualTo(trace);
    }

    @Test
    void aScenarioIsFoundByName() {
        assertThat(Scenarios.named("refused").title()).isEqualTo("a refused connection is rejected");
        assertThatThrownBy(() -> Scenarios.named("refuzed")).hasMessage("no scenario is called 'refuzed'");
    }
}
