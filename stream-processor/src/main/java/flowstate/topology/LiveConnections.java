package flowstate.topology;

import flowstate.schema.ConnectionKey;
import flowstate.schema.LifecycleEvent;
import flowstate.tcp.Cause;
import flowstate.tcp.Connection;
import flowstate.tcp.EventKind;
import flowstate.tcp.Observer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The connections that are live on an instance, by interactive query. Thread-safe.
 *
 * <p>What it returns is as of the last commit, or a little later: see {@link WriteBackStore}.
 */
public final class LiveConnections {
    private final KafkaStreams streams;

    public LiveConnections(KafkaStreams streams) {
        this.streams = streams;
    }

    /**
     * Which instance has a key, and in which partition; null while partitions are moving.
     *
     * @throws IllegalStateException if the instance does not run
     * @throws org.apache.kafka.streams.errors.InvalidStateStoreException if it does not run yet
     */
    public @Nullable KeyQueryMetadata whereabouts(ConnectionKey key) {
        // records of the key are partitioned by the same bytes, with the same default partitioner
        KeyQueryMetadata metadata = streams.queryMetadataForKey(
                Stores.CONNECTIONS, Bytes.wrap(key.toBytes()), Serdes.Bytes().serializer());
        return metadata == null || metadata.equals(KeyQueryMetadata.NOT_AVAILABLE) ? null : metadata;
    }

    /**
     * The connection of a key, as a periodic event at this moment would tell it; null if none is live.
     *
     * @param partition the key's, as {@link #whereabouts} says
     * @throws IllegalStateException if the instance does not run
     * @throws org.apache.kafka.streams.errors.InvalidStateStoreException if the partition is not here, or is being
     *     restored
     */
    public @Nullable LifecycleEvent find(ConnectionKey key, int partition) {
        return find(
                key,
                streams.store(WriteBackStore.query(Stores.CONNECTIONS, partition)),
                streams.store(WriteBackStore.query(Stores.OBSERVERS, partition)));
    }

    static @Nullable LifecycleEvent find(
            ConnectionKey key, WriteBackStore<Connection> connections, WriteBackStore<ObserverProgress> observers) {
        Connection connection = connections.get(Bytes.wrap(key.toBytes()));
        if (connection == null) {
            return null;
        }
        ObserverProgress driver = observers.get(TrackingProcessor.key(connection.alarmAgent()));
        if (driver != null) {
            Losses.tell(connection, driver.lostTo());
        }
        return EventRecords.lifecycle(
                key,
                connection,
                EventKind.PERIODIC,
                Cause.TIMER,
                asOf(connection, observers),
                connection.originatorState(),
                connection.responderState());
    }

    /** How far the clocks of those who watch it have come: until then nothing more was seen. */
    private static long asOf(Connection connection, WriteBackStore<ObserverProgress> observers) {
        long latest = connection.startedNs() + connection.durationNs();
        for (Observer observer : connection.observers()) {
            ObserverProgress progress = observers.get(TrackingProcessor.key(observer.agent()));
            if (progress != null) {
                latest = Math.max(latest, progress.watermark() - connection.offsetNs(observer.agent()));
            }
        }
        return latest;
    }
}
