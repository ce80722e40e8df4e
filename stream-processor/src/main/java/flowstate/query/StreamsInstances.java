package flowstate.query;

import flowstate.schema.ConnectionKey;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.Topics;
import flowstate.topology.LiveConnections;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;

/** What Kafka Streams knows of its stores and of the group. Thread-safe. */
public final class StreamsInstances implements Instances {
    private final KafkaStreams streams;
    private final LiveConnections connections;
    private final HostPort self;

    /** @param self what {@code application.server} says */
    public StreamsInstances(KafkaStreams streams, HostPort self) {
        this.streams = streams;
        this.connections = new LiveConnections(streams);
        this.self = self;
    }

    @Override
    public HostPort self() {
        return self;
    }

    @Override
    public String state() {
        return streams.state().name();
    }

    @Override
    public boolean isReady() {
        return streams.state() == KafkaStreams.State.RUNNING;
    }

    @Override
    public HostPort ownerOf(ConnectionKey key) throws NotAvailableException {
        HostInfo owner = whereabouts(key).activeHost();
        return new HostPort(owner.host(), owner.port());
    }

    @Override
    public @Nullable LifecycleEvent live(ConnectionKey key) throws NotAvailableException {
        int partition = whereabouts(key).partition();
        try {
            return connections.find(key, partition);
        } catch (InvalidStateStoreException | IllegalStateException e) {
            throw notNow(e);
        }
    }

    private KeyQueryMetadata whereabouts(ConnectionKey key) throws NotAvailableException {
        KeyQueryMetadata metadata;
        try {
            metadata = connections.whereabouts(key);
        } catch (InvalidStateStoreException | IllegalStateException e) {
            throw notNow(e);
        }
        if (metadata == null) {
            throw new NotAvailableException(
                    "which instance has this connection is not settled, partitions are moving: ask again in a moment");
        }
        return metadata;
    }

    @Override
    public List<Instance> all() throws NotAvailableException {
        Collection<StreamsMetadata> all;
        try {
            all = streams.metadataForAllStreamsClients();
        } catch (InvalidStateStoreException | IllegalStateException e) {
            throw notNow(e);
        }
        return all.stream()
                .map(each -> new Instance(
                        new HostPort(each.host(), each.port()),
                        partitions(each.topicPartitions()),
                        partitions(each.standbyTopicPartitions())))
                .sorted(Comparator.comparing(each -> each.address().toString()))
                .toList();
    }

    private static List<Integer> partitions(Set<TopicPartition> all) {
        return all.stream()
                .filter(each -> each.topic().equals(Topics.SEGMENTS.name()))
                .map(TopicPartition::partition)
                .sorted()
                .toList();
    }

    private NotAvailableException notNow(RuntimeException cause) {
        return new NotAvailableException(
                "instance " + self + " cannot answer while it is " + streams.state()
                        + ", or no longer has the partition: ask again in a moment",
                cause);
    }
}
