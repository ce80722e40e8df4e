package flowstate.topology;

import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;

/** Makes the {@link WriteBackStore} of each task. It is logged always, and cached by itself: there is nothing to set. */
final class WriteBackStoreBuilder<V> implements StoreBuilder<WriteBackStore<V>> {
    private final String name;
    private final Serde<V> serde;
    private final int capacity;
    private final EncodedEntries.Budget budget;

    WriteBackStoreBuilder(String name, Serde<V> serde, int capacity, EncodedEntries.Budget budget) {
        this.name = name;
        this.serde = serde;
        this.capacity = capacity;
        this.budget = budget;
    }

    @Override
    public WriteBackStore<V> build() {
        KeyValueBytesStoreSupplier rocksDb = org.apache.kafka.streams.state.Stores.persistentKeyValueStore(name);
        KeyValueStore<Bytes, byte[]> saved = rocksDb.get();
        KeyValueStore<Bytes, byte[]> changelog = org.apache.kafka.streams.state.Stores.keyValueStoreBuilder(
                        new LoggedOnly(saved, rocksDb.metricsScope()), Serdes.Bytes(), Serdes.ByteArray())
                .withCachingDisabled()
                .withLoggingEnabled(logConfig())
                .build();
        return new WriteBackStore<>(changelog, saved, serde, capacity, budget);
    }

    @Override
    public StoreBuilder<WriteBackStore<V>> withCachingEnabled() {
        return this;
    }

    @Override
    public StoreBuilder<WriteBackStore<V>> withCachingDisabled() {
        throw new UnsupportedOperationException("store " + name + " always keeps what changed until the commit");
    }

    @Override
    public StoreBuilder<WriteBackStore<V>> withLoggingEnabled(Map<String, String> config) {
        throw new UnsupportedOperationException("the changelog of store " + name + " has Kafka's default settings");
    }

    @Override
    public StoreBuilder<WriteBackStore<V>> withLoggingDisabled() {
        throw new UnsupportedOperationException("store " + name + " would be lost with its host without a changelog");
    }

    @Override
    public Map<String, String> logConfig() {
        return Map.of();
    }

    @Override
    public boolean loggingEnabled() {
        return true;
    }

    @Override
    public String name() {
        return name;
    }
}
