package flowstate.tcp;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import flowstate.trace.Line;
import flowstate.trace.Scenarios;
import flowstate.trace.Trace;
import flowstate.trace.TraceRun;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is said of several agents beyond the kinds that traces show. */
class ViewsTest {
    private final List<String> messages = new ArrayList<>();

    private Connection run(String scenario, boolean withFirstAgentOnly) {
        Trace trace = Scenarios.named(scenario);
        TraceRun run = TraceRun.plain(trace);
        Tracker tracker = new Tracker(Timers.DEFAULT);
        Connection connection = null;
        for (Line line : trace.lines()) {
            if (line.step() instanceof Line.Observed observed
                    && !(withFirstAgentOnly && observed.segment().agent().equals("b"))) {
                String agent = observed.segment().agent();
                Segment segment = observed.segment()
                        .segment(run, line.atNs(), trace.clocks().getOrDefault(agent, 0L));
                connection = tracker.onSegment(connection, 40000, 50000, segment, agent, "trace", new Messages());
            }
        }
        return requireNonNull(connection);
    }

    private final class Messages extends Unheard {
        @Override
        public void anomaly(
                Connection c,
                AnomalyKind kind,
                long count,
                double confidence,
                long atNs,
                @Nullable Segment evidence,
                String message) {
            messages.add(kind + ": " + message);
        }
    }

    @Test
    void aLossBetweenTwoAgentsIsLocated() {
        run("lost-between-agents", false);

        assertThat(messages)
                .contains(
                        "SEGMENT_GAP: 100 octets of the originator are missing before this: seen at a, not at b, so lost or"
                                + " overtaken between the two");
    }

    @Test
    void theWayBetweenTheAgentsIsMeasuredAndTheClockCorrected() {
        Connection c = run("two-agents-clock-skew", false);

        Observer b = c.observers().get(1);
        assertThat(b.agent()).isEqualTo("b");
        assertThat(b.roundTripNs()).isBetween(19_000_000L, 20_000_000L);
        assertThat(b.clockOffsetNs()).isBetween(29_999_000_000L, 30_001_000_000L);
        assertThat(messages).contains("CLOCK_SKEW: the clock of b is 30.000 s ahead of that of a");
    }

    @Test
    void oneAgentAloneIsComparedWithNobody() {
        Connection c = run("two-agents", true);

        assertThat(c.observers()).singleElement().satisfies(only -> {
            assertThat(only.recent).isNull();
            assertThat(only.lag).isNull();
        });
    }
}
