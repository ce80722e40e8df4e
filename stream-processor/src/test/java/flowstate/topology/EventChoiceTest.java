package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.hosts.HostRules;
import flowstate.schema.Anomaly;
import flowstate.schema.AnomalyKind;
import flowstate.schema.LifecycleEvent;
import flowstate.tcp.EventKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which lifecycle events are published can be chosen, and changes nothing else. */
class EventChoiceTest {
    private static final Pipe.End CLIENT = new Pipe.End(0x0a000001, 40_000);
    private static final Pipe.End SERVER = new Pipe.End(0x0a000002, 80);

    /** Some attempts are refused, so that their originator is told of by another part of the topology. */
    private static final Limits LIMITS = new Limits(Limits.DEFAULT_HALF_OPEN, HostRules.of(1000, 5), 0);

    private static final int PORTS_REFUSED = 20;

    @TempDir
    private Path all;

    @TempDir
    private Path chosen;

    private record Told(List<LifecycleEvent> events, List<Anomaly> anomalies) {}

    private static Told told(Set<EventKind> events, Path stateDir) {
        try (Pipe pipe = new Pipe(TrackerSettings.DEFAULT.with(LIMITS).with(events), stateDir)) {
            pipe.open(0, CLIENT, SERVER);
            for (int port = 1; port <= PORTS_REFUSED; port++) {
                pipe.refused(port * Pipe.SECOND, CLIENT, new Pipe.End(SERVER.address(), 1000 + port));
            }
            pipe.end(100 * Pipe.SECOND);
            return new Told(pipe.lifecycle(), pipe.anomalies());
        }
    }

    @Test
    void onlyTheChosenArePublishedAndTheyAreTheSame() {
        Told whole = told(TrackerSettings.DEFAULT.events(), all);
        Told some = told(Set.of(EventKind.ENDED, EventKind.ESTABLISHED), chosen);

        assertThat(some.events()).hasSize(1 + 1 + PORTS_REFUSED);
        assertThat(whole.events())
                .filteredOn(event -> event.getFinal$() || event.getEvent() == flowstate.schema.EventKind.ESTABLISHED)
                .containsExactlyElementsOf(some.events());
        assertThat(whole.events()).hasSizeGreaterThan(some.events().size());
        assertThat(some.anomalies()).containsExactlyElementsOf(whole.anomalies());
        assertThat(some.anomalies())
                .extracting(Anomaly::getAnomaly)
                .contains(AnomalyKind.CONNECTION_REJECTED, AnomalyKind.PORT_SCAN);
    }
}
