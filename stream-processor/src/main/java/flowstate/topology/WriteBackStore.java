package flowstate.topology;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import org.jspecify.annotations.Nullable;

/**
 * A persistent store whose values live on the heap as objects for the length of a commit interval: what changed is
 * written to RocksDB and the changelog once, before the commit; what came and went between two commits never is.
 *
 * <p>Kafka's own cache keeps serialised values, so that each batch would decode and encode its connection. This one
 * relies on one internal type: Streams calls {@link CachedStateStore#flushCache} before each commit, in the same
 * transaction. A test fails if that should change.
 *
 * <p>{@link #takeStock}, {@link #live}, {@link #put}, {@link #delete} and {@link #scan} are for the stream thread. The methods of
 * {@link ReadOnlyKeyValueStore} are for interactive queries from any thread, and see what was last written: as of the
 * last commit, or a little later.
 *
 * @param <V> the value's type; a value from {@link #live} may be changed, and must then be put
 */
final class WriteBackStore<V> implements StateStore, CachedStateStore<Bytes, V>, ReadOnlyKeyValueStore<Bytes, V> {
    private final KeyValueStore<Bytes, byte[]> inner;
    private final Serde<V> serde;
    private final HeapEntries<V> entries;
    /** What is dirty, and what was when it came in here. */
    private final ArrayList<HeapEntries.Entry<V>> changed = new ArrayList<>();

    /** Hashes of the keys that the store below holds, so that most look-ups of a new key end here; null: not known. */
    private @Nullable KeyHashes stored;

    private WriteBackStore(KeyValueStore<Bytes, byte[]> inner, Serde<V> serde, int capacity) {
        this.inner = inner;
        this.serde = serde;
        this.entries = new HeapEntries<>(capacity);
    }

    /**
     * Builds stores of a name.
     *
     * @param serde how values are written; must be safe for several threads
     * @param capacity values held on the heap at most, per partition; beyond it those unused for longest are written
     */
    static <V> StoreBuilder<WriteBackStore<V>> builder(String name, Serde<V> serde, int capacity) {
        return new Builder<>(name, serde, capacity);
    }

    /**
     * Visits everything that is stored, and remembers which keys there are. For the start, when the store has been
     * restored and nothing has been changed yet.
     */
    void takeStock(BiConsumer<Bytes, V> visit) {
        KeyHashes found = new KeyHashes();
        try (KeyValueIterator<Bytes, byte[]> all = inner.all()) {
            while (all.hasNext()) {
                KeyValue<Bytes, byte[]> each = all.next();
                found.add(HeapEntries.hash(each.key.get()));
                visit.accept(each.key, read(each.value));
            }
        }
        stored = found;
    }

    /** The value of a key, to be changed and put back by the stream thread; null if there is none. */
    @Nullable
    V live(Bytes key) {
        return entry(key).value;
    }

    void put(Bytes key, V value) {
        set(entry(key), value);
    }

    void delete(Bytes key) {
        HeapEntries.Entry<V> entry = entry(key);
        if (entry.stored) {
            set(entry, null);
        } else {
            entry.value = null;
            entry.dirty = false;
            entries.remove(entry);
        }
    }

    private void set(HeapEntries.Entry<V> entry, @Nullable V value) {
        entry.value = value;
        if (!entry.dirty) {
            entry.dirty = true;
            changed.add(entry);
        }
    }

    private HeapEntries.Entry<V> entry(Bytes key) {
        int hash = HeapEntries.hash(key.get());
        HeapEntries.Entry<V> entry = entries.find(key.get(), hash);
        if (entry == null) {
            entry = new HeapEntries.Entry<>(key, hash);
            if (stored == null || stored.contains(hash)) {
                byte[] bytes = inner.get(key);
                entry.stored = bytes != null;
                entry.value = bytes == null ? null : read(bytes);
            }
            HeapEntries.Entry<V> leaver = entries.add(entry);
            if (leaver != null && leaver.dirty) {
                inner.put(leaver.key, written(leaver));
            }
        }
        return entry;
    }

    /** What of a dirty entry is to be written, which it then counts as; null: nothing any more. */
    private byte @Nullable [] written(HeapEntries.Entry<V> entry) {
        entry.dirty = false;
        boolean was = entry.stored;
        entry.stored = entry.value != null;
        if (stored != null && was != entry.stored) {
            if (was) {
                stored.remove(entry.hash);
            } else {
                stored.add(entry.hash);
            }
        }
        return entry.value == null ? null : serde.serializer().serialize(inner.name(), entry.value);
    }

    /** The keys from one to another, both included, in the order of their bytes. To be closed by the caller. */
    KeyValueIterator<Bytes, byte[]> scan(Bytes from, Bytes to) {
        flushCache();
        return inner.range(from, to);
    }

    @Override
    public void flushCache() {
        List<KeyValue<Bytes, byte[]>> writes = new ArrayList<>(changed.size());
        for (HeapEntries.Entry<V> entry : changed) {
            if (entry.dirty) {
                writes.add(KeyValue.pair(entry.key, written(entry)));
            }
        }
        changed.clear();
        if (!writes.isEmpty()) {
            inner.putAll(writes);
        }
    }

    @Override
    public void clearCache() {
        entries.clear();
        changed.clear();
        stored = null;
    }

    @Override
    public boolean setFlushListener(CacheFlushListener<Bytes, V> listener, boolean sendOldValues) {
        return false;
    }

    private V read(byte[] bytes) {
        return serde.deserializer().deserialize(inner.name(), bytes);
    }

    @Override
    public @Nullable V get(Bytes key) {
        byte[] bytes = inner.get(key);
        return bytes == null ? null : read(bytes);
    }

    @Override
    public KeyValueIterator<Bytes, V> range(Bytes from, Bytes to) {
        return new Reading(inner.range(from, to));
    }

    @Override
    public KeyValueIterator<Bytes, V> all() {
        return new Reading(inner.all());
    }

    @Override
    public long approximateNumEntries() {
        return inner.approximateNumEntries();
    }

    private final class Reading implements KeyValueIterator<Bytes, V> {
        private final KeyValueIterator<Bytes, byte[]> below;

        Reading(KeyValueIterator<Bytes, byte[]> below) {
            this.below = below;
        }

        @Override
        public boolean hasNext() {
            return below.hasNext();
        }

        @Override
        public KeyValue<Bytes, V> next() {
            KeyValue<Bytes, byte[]> entry = below.next();
            return KeyValue.pair(entry.key, read(entry.value));
        }

        @Override
        public Bytes peekNextKey() {
            return below.peekNextKey();
        }

        @Override
        public void close() {
            below.close();
        }
    }

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        clearCache();
        inner.init(context, root);
    }

    @Override
    @SuppressWarnings("deprecation") // until Streams itself calls commit only
    public void flush() {
        flushCache();
        inner.flush();
    }

    @Override
    public void commit(Map<TopicPartition, Long> changelogOffsets) {
        flushCache();
        inner.commit(changelogOffsets);
    }

    @Override
    public @Nullable Long committedOffset(TopicPartition partition) {
        return inner.committedOffset(partition);
    }

    @Override
    @SuppressWarnings("deprecation") // asked by Streams
    public boolean managesOffsets() {
        return inner.managesOffsets();
    }

    @Override
    public Position getPosition() {
        return inner.getPosition();
    }

    @Override
    public void close() {
        clearCache();
        inner.close();
    }

    @Override
    public boolean persistent() {
        return inner.persistent();
    }

    @Override
    public boolean isOpen() {
        return inner.isOpen();
    }

    /** Logged always, and cached by itself: there is nothing to set. */
    private static final class Builder<V> implements StoreBuilder<WriteBackStore<V>> {
        private final String name;
        private final Serde<V> serde;
        private final int capacity;

        Builder(String name, Serde<V> serde, int capacity) {
            this.name = name;
            this.serde = serde;
            this.capacity = capacity;
        }

        @Override
        public WriteBackStore<V> build() {
            return new WriteBackStore<>(
                    org.apache.kafka.streams.state.Stores.keyValueStoreBuilder(
                                    org.apache.kafka.streams.state.Stores.persistentKeyValueStore(name),
                                    Serdes.Bytes(),
                                    Serdes.ByteArray())
                            .withCachingDisabled()
                            .withLoggingEnabled(logConfig())
                            .build(),
                    serde,
                    capacity);
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
            throw new UnsupportedOperationException(
                    "store " + name + " would be lost with its host without a changelog");
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
}
