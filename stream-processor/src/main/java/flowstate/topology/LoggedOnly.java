package flowstate.topology;

import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What the layer that writes a store's changelog takes for the store. What is put has been logged, and goes no further: when it is written
 * to the store itself, and when that commits, is up to {@link WriteBackStore}. It is opened, restored, read and closed through this.
 */
final class LoggedOnly implements KeyValueStore<Bytes, byte[]>, KeyValueBytesStoreSupplier {
    private final KeyValueStore<Bytes, byte[]> store;
    private final String scope;

    /** @param scope how the store's metrics are named */
    LoggedOnly(KeyValueStore<Bytes, byte[]> store, String scope) {
        this.store = store;
        this.scope = scope;
    }

    @Override
    public KeyValueStore<Bytes, byte[]> get() {
        return this;
    }

    @Override
    public String metricsScope() {
        return scope;
    }

    @Override
    public void put(Bytes key, byte @Nullable [] value) {
        // logged
    }

    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
        // logged
    }

    @Override
    public byte @Nullable [] putIfAbsent(Bytes key, byte[] value) {
        return get(key);
    }

    @Override
    public byte @Nullable [] delete(Bytes key) {
        return get(key);
    }

    @Override
    public byte @Nullable [] get(Bytes key) {
        return store.get(key);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
        return store.range(from, to);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
        return store.all();
    }

    @Override
    public long approximateNumEntries() {
        return store.approximateNumEntries();
    }

    @Override
    public String name() {
        return store.name();
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        store.init(context, root);
    }

    @Override
    public Position getPosition() {
        return store.getPosition();
    }

    @Override
    public void close() {
        store.close();
    }

    @Override
    public boolean persistent() {
        return store.persistent();
    }

    @Override
    public boolean isOpen() {
        return store.isOpen();
    }
}
