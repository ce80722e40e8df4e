package flowstate.topology;

import flowstate.schema.Topics;
import flowstate.tcp.Timers;
import java.time.Duration;
import org.apache.kafka.streams.Topology;

/**
 * Segments in, lifecycle events and anomalies out: one source, one processor with its stores, two sinks.
 *
 * <p>Building it has no effect, so that tests run the very topology that is deployed.
 */
public final class ConnectionTopology {
    static final String SOURCE = "segments";
    static final String PROCESSOR = "tracker";
    static final String LIFECYCLE_SINK = "lifecycle";
    static final String ANOMALY_SINK = "anomalies";

    private ConnectionTopology() {}

    /**
     * The topology.
     *
     * @param timers when connections are reported and let go of
     * @param observerLostAfter wall-clock time without a word of an agent after which its connections end
     */
    public static Topology build(Timers timers, Duration observerLostAfter) {
        Topology topology = new Topology();
        topology.addSource(
                SOURCE,
                Topics.SEGMENTS.key().deserializer(),
                Topics.SEGMENTS.value().deserializer(),
                Topics.SEGMENTS.name());
        topology.addProcessor(PROCESSOR, new TrackingSupplier(timers, observerLostAfter), SOURCE);
        topology.addSink(
                LIFECYCLE_SINK,
                Topics.LIFECYCLE.name(),
                Topics.LIFECYCLE.key().serializer(),
                Topics.LIFECYCLE.value().serializer(),
                PROCESSOR);
        topology.addSink(
                ANOMALY_SINK,
                Topics.ANOMALIES.name(),
                Topics.ANOMALIES.key().serializer(),
                Topics.ANOMALIES.value().serializer(),
                PROCESSOR);
        return topology;
    }
}
