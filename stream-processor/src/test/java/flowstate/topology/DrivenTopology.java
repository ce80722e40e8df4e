package flowstate.topology;

import flowstate.schema.Anomaly;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.SegmentBatch;
import flowstate.schema.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;

/** The topology under Kafka's test driver, with its topics as its users read and write them. */
record DrivenTopology(
        TopologyTestDriver driver,
        TestInputTopic<byte[], SegmentBatch> segments,
        TestOutputTopic<byte[], LifecycleEvent> lifecycle,
        TestOutputTopic<byte[], Anomaly> anomalies,
        OpenConnections open) {

    static DrivenTopology start(String applicationId, TrackerSettings settings, Path stateDir) {
        ProcessorConfig config = new ProcessorConfig(
                "nowhere:1", applicationId, "", stateDir, settings, Duration.ofSeconds(1), 1, Map.of());
        OpenConnections open = new OpenConnections();
        TopologyTestDriver driver =
                new TopologyTestDriver(ConnectionTopology.build(settings, open), config.streamsProperties());
        return new DrivenTopology(
                driver,
                driver.createInputTopic(
                        Topics.SEGMENTS.name(),
                        Topics.SEGMENTS.key().serializer(),
                        Topics.SEGMENTS.value().serializer()),
                driver.createOutputTopic(
                        Topics.LIFECYCLE.name(),
                        Topics.LIFECYCLE.key().deserializer(),
                        Topics.LIFECYCLE.value().deserializer()),
                driver.createOutputTopic(
                        Topics.ANOMALIES.name(),
                        Topics.ANOMALIES.key().deserializer(),
                        Topics.ANOMALIES.value().deserializer()),
                open);
    }
}
