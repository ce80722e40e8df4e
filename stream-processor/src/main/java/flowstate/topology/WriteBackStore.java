package flowstate.topology;

import java.util.ArrayList;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreType;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import org.apache.kafka.streams.state.internals.StateStoreProvider;
import org.jspecify.annotations.Nullable;

/**
 * A persistent store whose values live on the heap: as objects for the length of a commit interval, and encoded as long as there
 * is room. What changed is logged, which is written to the changelog, once, before the commit; what came and went between two
 * commits never is. It is saved, which is written to RocksDB, only when it has no more room on the heap, or the task goes.
 *
 * <p>Kafka's own cache keeps serialised values, so that each batch would decode and encode its connection, and writes to RocksDB
 * and the changelog alike. This one relies on one internal type: Streams calls {@link CachedStateStore#flushCache} before each
 * commit, in the same transaction. And it relies on {@link StateStore#commit}: what RocksDB is said to hold up to an offset of
 * the changelog must be there by then, for after a clean stop only what came later is restored. With exactly-once that is when a
 * task has been restored, and when it goes; after a crash everything is restored. Tests fail if that should change.
 *
 * <p>{@link #get} is for interactive queries from any thread, and sees what was last logged: as of the last commit, or a
 * little later. All else is for the stream thread.
 *
 * @param <V> the value's type; a value from {@link #live} may be changed, and must then be put
 */
final class WriteBackStore<V> implements StateStore, CachedStateStore<Bytes, V> {
    /** One by one they cost much more, and all of a commit at once would not be gone by the next garbage collection. */
    private static final int MANY = 128;

    private static final int LEAST_CHANGED = 128;

    private static final int HELD_BY_BOTH = EncodedEntries.LOGGED | EncodedEntries.SAVED;

    /** What is written to it goes to the changelog only. */
    private final KeyValueStore<Bytes, byte[]> changelog;
    /** The one that is below it. */
    private final KeyValueStore<Bytes, byte[]> saved;

    private final Serde<V> serde;
    private final HeapEntries<V> entries;
    /** Values that have left the former, and of those in it the latest that was logged or has left. */
    private final EncodedEntries encoded;
    /** What is dirty, and some of what was when it came in here. */
    private final ArrayList<HeapEntries.Entry<V>> changed = new ArrayList<>();

    /** How many of these there may be before those that have left meanwhile are forgotten. */
    private int mostChanged = LEAST_CHANGED;

    private final Writes toLog;
    /** The store below is not asked before it has all of it. */
    private final Writes toSave;

    /** What the store below was asked for last, and had: what is to be deleted was mostly looked at just before. */
    private @Nullable Bytes latestSaved;

    /** What was asked for last as an object, and with which key: what is put was mostly looked at just before. */
    private HeapEntries.@Nullable Entry<V> latest;

    private @Nullable Bytes latestKey;

    /** Hashes of the keys that the store below holds, so that most look-ups of a new key end here; null: not known. */
    private @Nullable KeyHashes savedKeys;

    /**
     * @param changelog what is written to it goes to the changelog only; the rest is that of the store below
     * @param saved the store below
     */
    WriteBackStore(
            KeyValueStore<Bytes, byte[]> changelog,
            KeyValueStore<Bytes, byte[]> saved,
            Serde<V> serde,
            int capacity,
            EncodedEntries.Budget budget) {
        this.changelog = changelog;
        this.saved = saved;
        this.toLog = new Writes(changelog);
        this.toSave = new Writes(saved);
        this.serde = serde;
        this.entries = new HeapEntries<>(capacity);
        this.encoded = new EncodedEntries(budget, new Outlet());
    }

    /**
     * Builds stores of a name.
     *
     * @param serde how values are written; must be safe for several threads
     * @param capacity values held as objects at most, per partition; beyond it those unused for longest are encoded
     * @param encodedOctets of the heap for encoded values, of all partitions together; beyond it those unused for longest
     *     are saved
     */
    static <V> StoreBuilder<WriteBackStore<V>> builder(String name, Serde<V> serde, int capacity, long encodedOctets) {
        return new WriteBackStoreBuilder<>(name, serde, capacity, new EncodedEntries.Budget(encodedOctets));
    }

    /**
     * Visits everything that is saved, and remembers which keys there are. For the start, when the store has been
     * restored and nothing has been changed yet.
     */
    void takeStock(BiConsumer<Bytes, V> visit) {
        KeyHashes found = new KeyHashes();
        try (KeyValueIterator<Bytes, byte[]> all = saved.all()) {
            while (all.hasNext()) {
                KeyValue<Bytes, byte[]> each = all.next();
                found.add(HeapEntries.hash(each.key.get()));
                visit.accept(each.key, read(each.value));
            }
        }
        savedKeys = found;
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
        HeapEntries.Entry<V> entry = entries.find(key, hash);
        if (entry != null) {
            return entry.value;
        }
        int slot = encoded.find(key.get(), hash);
        byte[] bytes = slot >= 0 ? encoded.value(slot) : saved(key, hash);
        return bytes == null ? null : read(bytes);
    }

    void put(Bytes key, V value) {
        HeapEntries.Entry<V> entry = latest != null && key == latestKey ? latest : entry(key, false);
        // also one that has just come
        entries.spare(entry);
        entry.value = value;
        if (!entry.dirty) {
            noteChange(entry);
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
        HeapEntries.Entry<V> entry = entries.find(key, hash);
        int slot = entry == null ? encoded.find(key.get(), hash) : slot(entry);
        int held;
        if (entry != null) {
            held = held(entry, slot);
            entry.value = null;
            // the list of what has changed may still have it
            entry.dirty = false;
            entries.remove(entry);
            latest = null;
        } else if (slot >= 0) {
            held = encoded.held(slot);
        } else {
            held = key == latestSaved || saved(key, hash) != null ? HELD_BY_BOTH : 0;
        }
        if (slot >= 0) {
            encoded.remove(slot);
        }
        latestSaved = null;
        if ((held & EncodedEntries.LOGGED) != 0) {
            toLog.add(key, null);
        }
        if ((held & EncodedEntries.SAVED) != 0) {
            toSave.add(key, null);
            if (savedKeys != null) {
                savedKeys.remove(hash);
            }
        }
    }

    /** @param slot where an entry is among the encoded; negative if it is not */
    private int held(HeapEntries.Entry<V> entry, int slot) {
        if (slot >= 0) {
            return encoded.held(slot);
        }
        // if it was there, it was saved when it left, and logged before
        return entry.encoded || entry.saved ? HELD_BY_BOTH : 0;
    }

    private int slot(HeapEntries.Entry<V> entry) {
        return entry.encoded ? encoded.find(entry.key.get(), entry.hash) : -1;
    }

    /** @param read whether the value is wanted, too */
    private HeapEntries.Entry<V> entry(Bytes key, boolean read) {
        int hash = HeapEntries.hash(key.get());
        HeapEntries.Entry<V> entry = entries.find(key, hash);
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
        latest = entry;
        latestKey = key;
        return entry;
    }

    private void load(HeapEntries.Entry<V> entry, boolean read) {
        int slot = encoded.find(entry.key.get(), entry.hash);
        if (slot >= 0) {
            entry.value = read ? read(encoded.value(slot)) : null;
            entry.encoded = true;
            if (encoded.has(slot, EncodedEntries.TO_LOG)) {
                encoded.needNotLog(slot);
                noteChange(entry);
            }
        } else {
            byte[] bytes = saved(entry.key, entry.hash);
            entry.saved = bytes != null;
            entry.value = bytes == null || !read ? null : read(bytes);
        }
    }

    private byte @Nullable [] saved(Bytes key, int hash) {
        if (savedKeys != null && !savedKeys.contains(hash)) {
            return null;
        }
        toSave.put();
        byte[] bytes = saved.get(key);
        latestSaved = bytes == null ? null : key;
        return bytes;
    }

    /** What has changed and has no more room as an object is kept encoded. */
    private void leave(HeapEntries.Entry<V> leaver) {
        leaver.dirty = false;
        byte[] bytes = bytes(leaver);
        if (!keep(leaver, bytes, EncodedEntries.TO_LOG | EncodedEntries.TO_SAVE)) {
            toLog.add(leaver.key, bytes);
        }
        // the list of what has changed still has the entry
        leaver.value = null;
    }

    private byte[] bytes(HeapEntries.Entry<V> entry) {
        return serde.serializer().serialize(name(), Objects.requireNonNull(entry.value));
    }

    /**
     * Keeps a value encoded; what is too large for that is saved instead.
     *
     * @return whether it is among the encoded
     */
    private boolean keep(HeapEntries.Entry<V> entry, byte[] bytes, int flags) {
        int slot = slot(entry);
        int held = held(entry, slot);
        entry.encoded = encoded.put(slot, entry.key.get(), entry.hash, bytes, held | flags);
        if (!entry.encoded) {
            save(entry.key, entry.hash, (held & EncodedEntries.SAVED) == 0, bytes);
            entry.saved = true;
        }
        return entry.encoded;
    }

    private void save(Bytes key, int hash, boolean isNew, byte[] value) {
        if (savedKeys != null && isNew) {
            savedKeys.add(hash);
        }
        toSave.add(key, value);
    }

    /** What is on its way to a store, which gets many at once. */
    private static final class Writes {
        private final KeyValueStore<Bytes, byte[]> store;
        private final ArrayList<KeyValue<Bytes, byte[]>> waiting = new ArrayList<>();

        Writes(KeyValueStore<Bytes, byte[]> store) {
            this.store = store;
        }

        /** @param value null: it is deleted */
        void add(Bytes key, byte @Nullable [] value) {
            waiting.add(KeyValue.pair(key, value));
            if (waiting.size() >= MANY) {
                put();
            }
        }

        void put() {
            if (!waiting.isEmpty()) {
                store.putAll(waiting);
                waiting.clear();
            }
        }

        void clear() {
            waiting.clear();
        }
    }

    /** What leaves the encoded. */
    private final class Outlet implements EncodedEntries.Outlet {
        @Override
        public void log(byte[] key, byte[] value) {
            toLog.add(Bytes.wrap(key), value);
        }

        @Override
        public void save(byte[] key, int hash, boolean isNew, byte[] value) {
            WriteBackStore.this.save(Bytes.wrap(key), hash, isNew, value);
        }

        @Override
        public void saved() {
            toSave.put();
        }
    }

    /** The keys from one to another, both included, in the order of their bytes. To be closed by the caller. */
    KeyValueIterator<Bytes, byte[]> scan(Bytes from, Bytes to) {
        saveAll();
        return saved.range(from, to);
    }

    @Override
    public void flushCache() {
        encoded.log();
        for (HeapEntries.Entry<V> entry : changed) {
            if (entry.dirty) {
                entry.dirty = false;
                byte[] bytes = bytes(entry);
                toLog.add(entry.key, bytes);
                // should it leave before it changes again, it need not be encoded once more
                keep(entry, bytes, EncodedEntries.LOGGED | EncodedEntries.TO_SAVE);
            }
        }
        changed.clear();
        toLog.put();
        toSave.put();
    }

    private void saveAll() {
        flushCache();
        encoded.save();
    }

    /** Streams asks for it where a task becomes a standby one, to whose store the changelog is then written from elsewhere. */
    @Override
    public void clearCache() {
        encoded.save();
        forget();
    }

    private void forget() {
        entries.clear();
        encoded.clear();
        changed.clear();
        toLog.clear();
        toSave.clear();
        latest = null;
        latestKey = null;
        latestSaved = null;
        savedKeys = null;
    }

    @Override
    public boolean setFlushListener(CacheFlushListener<Bytes, V> listener, boolean sendOldValues) {
        return false;
    }

    private V read(byte[] bytes) {
        return serde.deserializer().deserialize(name(), bytes);
    }

    /**
     * The value of a key, the caller's own; null if there is none. For any thread.
     *
     * @throws org.apache.kafka.streams.errors.InvalidStateStoreException if the store has been closed
     */
    @Nullable
    V get(Bytes key) {
        byte[] kept = encoded.copy(key.get(), HeapEntries.hash(key.get()));
        byte[] bytes = kept == null ? saved.get(key) : kept;
        return bytes == null ? null : read(bytes);
    }

    /** The store of a partition, for queries. */
    static <V> StoreQueryParameters<WriteBackStore<V>> query(String name, int partition) {
        return StoreQueryParameters.fromNameAndType(name, new OfPartition<V>()).withPartition(partition);
    }

    private static final class OfPartition<V> implements QueryableStoreType<WriteBackStore<V>> {
        @Override
        public boolean accepts(StateStore store) {
            return store instanceof WriteBackStore;
        }

        @Override
        public WriteBackStore<V> create(StateStoreProvider provider, String name) {
            return provider.stores(name, this).get(0);
        }
    }

    @Override
    public String name() {
        return saved.name();
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        forget();
        changelog.init(context, root);
    }

    @Override
    @SuppressWarnings("deprecation") // until Streams itself calls commit only
    public void flush() {
        saveAll();
        saved.flush();
    }

    @Override
    public void commit(Map<TopicPartition, Long> changelogOffsets) {
        saveAll();
        saved.commit(changelogOffsets);
    }

    @Override
    public @Nullable Long committedOffset(TopicPartition partition) {
        return saved.committedOffset(partition);
    }

    @Override
    @SuppressWarnings("deprecation") // asked by Streams
    public boolean managesOffsets() {
        return saved.managesOffsets();
    }

    @Override
    public Position getPosition() {
        return saved.getPosition();
    }

    @Override
    public void close() {
        // first, so that no query finds nothing where there is something
        changelog.close();
        forget();
    }

    @Override
    public boolean persistent() {
        return saved.persistent();
    }

    @Override
    public boolean isOpen() {
        return saved.isOpen();
    }
}
