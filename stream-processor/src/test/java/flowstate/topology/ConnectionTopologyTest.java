package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConnectionTopologyTest {

    /** Names of stores and their changelogs follow from this: a change here loses or moves users' state. */
    @Test
    void theTopologyIsThatOfTheLastRelease() {
        assertThat(ConnectionTopology.build(TrackerSettings.DEFAULT)
                        .describe()
                        .toString()
                        .strip())
                .isEqualTo("""
                        Topologies:
                           Sub-topology: 0
                            Source: segments (topics: [flowstate.segments])
                              --> tracker
                            Processor: tracker (stores: [connections, observers])
                              --> attempts-repartition-filter, anomalies, lifecycle
                              <-- segments
                            Processor: attempts-repartition-filter (stores: [])
                              --> attempts-repartition-sink
                              <-- tracker
                            Sink: anomalies (topic: flowstate.anomalies)
                              <-- tracker
                            Sink: attempts-repartition-sink (topic: attempts-repartition)
                              <-- attempts-repartition-filter
                            Sink: lifecycle (topic: flowstate.lifecycle)
                              <-- tracker

                          Sub-topology: 1
                            Source: attempts-repartition-source (topics: [attempts-repartition])
                              --> hosts
                            Processor: hosts (stores: [hosts])
                              --> host-anomalies
                              <-- attempts-repartition-source
                            Sink: host-anomalies (topic: flowstate.anomalies)
                              <-- hosts""".strip());
    }
}
