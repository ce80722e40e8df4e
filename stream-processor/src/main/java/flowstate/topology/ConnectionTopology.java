package flowstate.topology;

import flowstate.schema.Anomaly;
import flowstate.schema.Topics;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;

/**
 * Segments in, lifecycle events and anomalies out. The tracker follows connections; how attempts to open one came out goes on
 * to a second part, by host, through a topic that Kafka Streams makes, and empties of what was read.
 *
 * <p>Building it has no effect, so that tests run the very topology that is deployed.
 */
public final class ConnectionTopology {
    static final String SOURCE = "segments";
    static final String PROCESSOR = "tracker";
    static final String LIFECYCLE_SINK = "lifecycle";
    static final String ANOMALY_SINK = "anomalies";
    static final String ATTEMPTS = "attempts";
    static final String HOSTS = "hosts";
    static final String HOST_ANOMALY_SINK = "host-anomalies";

    /** Where the tracker forwards attempts to: the first node of the way that Kafka Streams makes for them. */
    static final String ATTEMPTS_SINK = ATTEMPTS + "-repartition-filter";

    private ConnectionTopology() {}

    /** The topic through which attempts go from the tracker to those who watch hosts. */
    public static String attemptsTopic(String applicationId) {
        return applicationId + "-" + ATTEMPTS + "-repartition";
    }

    /**
     * The topology.
     *
     * @param settings what the tracker goes by
     */
    public static Topology build(TrackerSettings settings) {
        return build(settings, new OpenConnections());
    }

    /** @param open is told how connections stand */
    static Topology build(TrackerSettings settings, OpenConnections open) {
        StreamsBuilder builder = new StreamsBuilder();
        // batches come as octets, which the tracker reads without making objects of them
        KStream<byte[], byte[]> segments = builder.stream(
                Topics.SEGMENTS.name(),
                Consumed.with(Topics.SEGMENTS.key(), Serdes.ByteArray()).withName(SOURCE));
        // the tracker names the child that each record is for, so each sees one type
        KStream<byte[], Object> told = segments.process(new TrackingSupplier(settings, open), Named.as(PROCESSOR));
        // lifecycle events and attempts come as octets
        ConnectionTopology.<byte[]>of(told)
                .to(
                        Topics.LIFECYCLE.name(),
                        Produced.with(Topics.LIFECYCLE.key(), Serdes.ByteArray())
                                .withName(LIFECYCLE_SINK));
        ConnectionTopology.<Anomaly>of(told)
                .to(
                        Topics.ANOMALIES.name(),
                        Produced.with(Topics.ANOMALIES.key(), Topics.ANOMALIES.value())
                                .withName(ANOMALY_SINK));
        ConnectionTopology.<byte[]>of(told)
                .repartition(Repartitioned.<byte[], byte[]>as(ATTEMPTS)
                        .withKeySerde(Serdes.ByteArray())
                        .withValueSerde(Serdes.ByteArray())
                        .withStreamPartitioner(new EndOfCapture()))
                .process(new HostSupplier(settings.limits()), Named.as(HOSTS))
                .to(
                        Topics.ANOMALIES.name(),
                        Produced.with(Topics.ANOMALIES.key(), Topics.ANOMALIES.value())
                                .withName(HOST_ANOMALY_SINK));
        return builder.build();
    }

    @SuppressWarnings("unchecked") // see the tracker's forwards
    private static <V> KStream<byte[], V> of(KStream<byte[], ?> told) {
        return (KStream<byte[], V>) told;
    }
}
