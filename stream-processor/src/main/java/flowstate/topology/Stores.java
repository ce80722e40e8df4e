package flowstate.topology;

import flowstate.tcp.Connection;
import flowstate.tcp.ConnectionCodec;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;

/** The state stores: live connections by key, timers by due time, and agents by id. */
public final class Stores {
    /** Live connections. Key: the connection key's bytes. */
    public static final String CONNECTIONS = "connections";

    /** One entry for each live connection. Key: see {@link TimerKey}; the value is empty. */
    static final String TIMERS = "timers";

    /** What each agent has told this partition last. Key: its id. */
    static final String OBSERVERS = "observers";

    private static final ThreadLocal<ConnectionCodec> CODEC = ThreadLocal.withInitial(ConnectionCodec::new);

    private Stores() {}

    static Set<StoreBuilder<?>> all() {
        // in a set order: the topology's description does not change from run to run
        return new LinkedHashSet<>(List.of(connections(), timers(), observers()));
    }

    private static StoreBuilder<KeyValueStore<Bytes, Connection>> connections() {
        return org.apache.kafka.streams.state.Stores.keyValueStoreBuilder(
                        org.apache.kafka.streams.state.Stores.persistentKeyValueStore(CONNECTIONS),
                        Serdes.Bytes(),
                        connectionSerde())
                .withCachingEnabled();
    }

    private static StoreBuilder<KeyValueStore<Bytes, byte[]>> timers() {
        return org.apache.kafka.streams.state.Stores.keyValueStoreBuilder(
                        org.apache.kafka.streams.state.Stores.persistentKeyValueStore(TIMERS),
                        Serdes.Bytes(),
                        Serdes.ByteArray())
                .withCachingEnabled();
    }

    private static StoreBuilder<KeyValueStore<String, ObserverProgress>> observers() {
        return org.apache.kafka.streams.state.Stores.keyValueStoreBuilder(
                        org.apache.kafka.streams.state.Stores.persistentKeyValueStore(OBSERVERS),
                        Serdes.String(),
                        ObserverProgress.SERDE)
                .withCachingEnabled();
    }

    /** Connections as {@link ConnectionCodec} writes them. */
    public static Serde<Connection> connectionSerde() {
        return Serdes.serdeFrom(
                (topic, connection) -> connection == null ? null : CODEC.get().encode(connection), (topic, bytes) -> {
                    try {
                        return bytes == null ? null : CODEC.get().decode(bytes);
                    } catch (IllegalArgumentException e) {
                        throw new SerializationException(e.getMessage(), e);
                    }
                });
    }
}
