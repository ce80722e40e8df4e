package flowstate.topology;

import flowstate.tcp.Connection;
import flowstate.tcp.ConnectionCodec;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.state.StoreBuilder;

/** The state stores: live connections by key, and agents by id. */
final class Stores {
    /** Live connections. Key: the connection key's bytes. */
    static final String CONNECTIONS = "connections";

    /** What each agent has told this partition last. Key: its id in UTF-8. */
    static final String OBSERVERS = "observers";

    /** What is known of hosts, by the second part of the topology. Key: a host key's bytes. */
    static final String HOSTS = "hosts";

    /** Some 1.5 kB each as objects, per partition. */
    private static final int CONNECTIONS_ON_HEAP = 10_000;

    /** Beyond these, encoded: some 220 octets each. What the launcher gives is room for a million. */
    private static final long ENCODED_CONNECTIONS_OCTETS = Runtime.getRuntime().maxMemory() / 5;

    private static final int OBSERVERS_ON_HEAP = 10_000;

    private static final ThreadLocal<ConnectionCodec> CODEC = ThreadLocal.withInitial(ConnectionCodec::new);

    private Stores() {}

    static Set<StoreBuilder<?>> all() {
        // in a set order: the topology's description does not change from run to run
        return new LinkedHashSet<>(List.of(
                WriteBackStore.builder(CONNECTIONS, connectionSerde(), CONNECTIONS_ON_HEAP, ENCODED_CONNECTIONS_OCTETS),
                WriteBackStore.builder(OBSERVERS, ObserverProgress.SERDE, OBSERVERS_ON_HEAP, 0)));
    }

    /** Connections as {@link ConnectionCodec} writes them. */
    private static Serde<Connection> connectionSerde() {
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
