package flowstate.topology;

import java.util.ArrayList;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serde;
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
 * <p>{@link #takeStock}, {@link #live}, {@link #passing}, {@link #put}, {@link #delete} and {@link #scan} are for the stream
 * thread. The methods of {@link ReadOnlyKeyValueStore} are for interactive queries from any thread, and see what was last
 * written: as of the last commit, or a little later.
 *
 * @param <V> the value's type; a value from {@link #live} may be changed, and must then be put
 */
final class WriteBackStore<V> implements StateStore, CachedStateStore<Bytes, V>, ReadOnlyKeyValueStore<Bytes, V> {
    /** One by one they cost much more, and all of a commit at once would not be gone by the next garbage collection. */
    private static final int MANY = 128;

    private static final int LEAST_CHANGED = 128;

    private final KeyValueStore<Bytes, byte[]> inner;
    private final Serde<V> serde;
    private final HeapEntries<V> entries;
    /** Values that have left the former, and of those in it that have not changed since they were written. */
    private final EncodedEntries encoded;
    /** What is dirty, and some of what was when it came in here. */
    private final ArrayList<HeapEntries.Entry<V>> changed = new ArrayList<>();

    /** How many of these there may be before those that have left meanwhile are forgotten. */
    private int mostChanged = LEAST_CHANGED;
    /** On its way to the store below, which is not asked before it has all of it. */
    private final ArrayList<KeyValue<Bytes, byte[]>> writes = new ArrayList<>();

    /** What the store below was asked for last, and had: what is to be deleted was mostly looked at just before. */
    private @Nullable Bytes latestBelow;

    /** Hashes of the keys that the store below holds, so that most look-ups of a new key end here; null: not known. */
    private @Nullable KeyHashes stored;

    WriteBackStore(KeyValueStore<Bytes, byte[]> inner, Serde<V> serde, int capacity, EncodedEntries.Budget budget) {
        this.inner = inner;
        this.serde = serde;
        this.entries = new HeapEntries<>(capacity);
        this.encoded = new EncodedEntries(budget, this::write);
    }

    /**
     * Builds stores of a name.
     *
     * @param serde how values are written; must be safe for several threads
     * @param capacity values held as objects at most, per partition; beyond it those unused for longest are encoded
     * @param encodedOctets of the heap for encoded values, of all partitions together; beyond it those unused for longest
     *     are written
     */
    static <V> StoreBuilder<WriteBackStore<V>> builder(String name, Serde<V> serde, int capacity, long encodedOctets) {
        return new WriteBackStoreBuilder<>(name, serde, capacity, new EncodedEntries.Budget(encodedOctets));
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
        return entry(key, true).value;
    }

    /**
     * The value of a key that is most probably not asked for again soon: it takes no room among the objects. Whoever changes it
     * must put or delete it before anything else is asked for; null if there is none.
     */
    @Nullable
    V passing(Bytes key) {
        int hash = HeapEntries.hash(key.get());
        HeapEntries.Entry<V> entry = entries.find(key.get(), hash);
        if (entry != null) {
            return entry.value;
        }
        int slot = encoded.find(key.get(), hash);
        byte[] bytes = slot >= 0 ? encoded.value(slot) : below(key, hash);
        return bytes == null ? null : read(bytes);
    }

    void put(Bytes key, V value) {
        HeapEntries.Entry<V> entry = entry(key, false);
        entry.value = value;
        if (!entry.dirty) {
            noteChange(entry);
            forgetEncoded(entry);
        }
    }

    private void noteChange(HeapEntries.Entry<V> entry) {
        entry.dirty = true;
        if (changed.size() >= mostChanged) {
            // until the commit they would live just long enough for the garbage collector to copy them
            changed.removeIf(each -> !each.dirty);
            mostChanged = Math.max(LEAST_CHANGED, 2 * changed.size());
        }
        changed.add(entry);
    }

    void delete(Bytes key) {
        int hash = HeapEntries.hash(key.get());
        HeapEntries.Entry<V> entry = entries.find(key.get(), hash);
        boolean isStored;
        if (entry != null) {
            isStored = entry.stored;
            forgetEncoded(entry);
            entry.value = null;
            // the list of what has changed may still have it
            entry.dirty = false;
            entries.remove(entry);
        } else {
            int slot = encoded.find(key.get(), hash);
            isStored = slot >= 0
                    ? encoded.has(slot, EncodedEntries.STORED)
                    : key == latestBelow || below(key, hash) != null;
            if (slot >= 0) {
                encoded.remove(slot);
            }
        }
        latestBelow = null;
        if (isStored) {
            writes.add(KeyValue.pair(key, null));
            if (stored != null) {
                stored.remove(hash);
            }
            putManyWrites();
        }
    }

    private void forgetEncoded(HeapEntries.Entry<V> entry) {
        int slot = entry.encoded ? encoded.find(entry.key.get(), entry.hash) : -1;
        if (slot >= 0) {
            encoded.remove(slot);
        }
        entry.encoded = false;
    }

    /** @param read whether the value is wanted, too */
    private HeapEntries.Entry<V> entry(Bytes key, boolean read) {
        int hash = HeapEntries.hash(key.get());
        HeapEntries.Entry<V> entry = entries.find(key.get(), hash);
        if (entry == null) {
            entry = new HeapEntries.Entry<>(key, hash);
            load(entry, read);
            if (read) {
                entries.asked(false);
            }
            for (HeapEntries.Entry<V> leaver = entries.leaver(); leaver != null; leaver = entries.leaver()) {
                if (leaver.dirty) {
                    leave(leaver);
                }
            }
            entries.add(entry);
        } else if (read) {
            entries.asked(true);
        }
        return entry;
    }

    private void load(HeapEntries.Entry<V> entry, boolean read) {
        int slot = encoded.find(entry.key.get(), entry.hash);
        if (slot >= 0) {
            entry.value = read ? read(encoded.value(slot)) : null;
            entry.stored = encoded.has(slot, EncodedEntries.STORED);
            if (encoded.has(slot, EncodedEntries.DIRTY)) {
                encoded.remove(slot);
                noteChange(entry);
            } else {
                entry.encoded = true;
            }
        } else {
            byte[] bytes = below(entry.key, entry.hash);
            entry.stored = bytes != null;
            entry.value = bytes == null || !read ? null : read(bytes);
        }
    }

    private byte @Nullable [] below(Bytes key, int hash) {
        if (stored != null && !stored.contains(hash)) {
            return null;
        }
        putWrites();
        byte[] bytes = inner.get(key);
        latestBelow = bytes == null ? null : key;
        return bytes;
    }

    /** What has changed and has no more room as an object is kept encoded. */
    private void leave(HeapEntries.Entry<V> leaver) {
        leaver.dirty = false;
        byte[] bytes = bytes(leaver);
        int flags = EncodedEntries.DIRTY | (leaver.stored ? EncodedEntries.STORED : 0);
        if (!encoded.add(leaver.key.get(), leaver.hash, bytes, flags)) {
            write(leaver, bytes);
        }
        // the list of what has changed still has the entry
        leaver.value = null;
    }

    private byte[] bytes(HeapEntries.Entry<V> entry) {
        return serde.serializer().serialize(inner.name(), Objects.requireNonNull(entry.value));
    }

    private void write(HeapEntries.Entry<V> entry, byte[] bytes) {
        entry.dirty = false;
        write(entry.key.get(), entry.hash, !entry.stored, bytes);
        entry.stored = true;
    }

    private void write(byte[] key, int hash, boolean isNew, byte[] value) {
        writes.add(KeyValue.pair(Bytes.wrap(key), value));
        if (stored != null && isNew) {
            stored.add(hash);
        }
        putManyWrites();
    }

    private void putManyWrites() {
        if (writes.size() >= MANY) {
            putWrites();
        }
    }

    private void putWrites() {
        if (!writes.isEmpty()) {
            inner.putAll(writes);
            writes.clear();
        }
    }

    /** The keys from one to another, both included, in the order of their bytes. To be closed by the caller. */
    KeyValueIterator<Bytes, byte[]> scan(Bytes from, Bytes to) {
        flushCache();
        return inner.range(from, to);
    }

    @Override
    public void flushCache() {
        encoded.clean();
        for (HeapEntries.Entry<V> entry : changed) {
            if (entry.dirty) {
                byte[] bytes = bytes(entry);
                write(entry, bytes);
                // should it leave before it changes again, it need not be encoded once more
                entry.encoded = encoded.add(entry.key.get(), entry.hash, bytes, EncodedEntries.STORED);
            }
        }
        changed.clear();
        putWrites();
    }

    @Override
    public void clearCache() {
        entries.clear();
        encoded.clear();
        changed.clear();
        writes.clear();
        latestBelow = null;
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
}
