package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.tcp.Timers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConnectionTopologyTest {

    /** Names of stores and their changelogs follow from this: a change here loses or moves users' state. */
    @Test
    void theTopologyIsThatOfTheLastRelease() {
        assertThat(ConnectionTopology.build(Timers.DEFAULT, Duration.ofMinutes(2))
                        .describe()
                        .toString()
                        .strip())
                .isEqualTo("""
                        Topologies:
                           Sub-topology: 0
                            Source: segments (topics: [flowstate.segments])
                              --> tracker
                            Processor: tracker (stores: [timers, connections, observers])
                              --> anomalies, lifecycle
                              <-- segments
                            Sink: anomalies (topic: flowstate.anomalies)
                              <-- tracker
                            Sink: lifecycle (topic: flowstate.lifecycle)
                              <-- tracker""".strip());
    }
}
