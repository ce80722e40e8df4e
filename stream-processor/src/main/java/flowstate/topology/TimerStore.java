package flowstate.topology;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/**
 * Timers in order of agent and due time.
 *
 * <p>Remembers on the heap when the first timer of each agent is due at the earliest, so that most progress records cost
 * no scan; and where it scans it starts there, so that it does not walk over the tombstones of timers that fired.
 */
final class TimerStore {
    /** Timers taken out of the store at a time: they are changed while they fire, which an open iterator would see. */
    private static final int CHUNK = 1_000;

    private static final byte[] EMPTY = {};

    private final WriteBackStore<byte[]> store;
    private final Map<String, Long> earliest = new HashMap<>();

    TimerStore(WriteBackStore<byte[]> store) {
        this.store = store;
    }

    void put(String agent, long dueNs, byte[] connection) {
        store.putNew(new TimerKey(agent, dueNs, connection).toBytes(), EMPTY);
        Long first = earliest.get(agent);
        if (first != null && dueNs < first) {
            earliest.put(agent, dueNs);
        }
    }

    void delete(String agent, long dueNs, byte[] connection) {
        store.delete(new TimerKey(agent, dueNs, connection).toBytes());
    }

    /** Takes out each timer of an agent that is due by {@code clockNs}, in order, and hands it over. */
    void due(String agent, long clockNs, Consumer<TimerKey> fire) {
        Long known = earliest.get(agent);
        long from = known == null ? Long.MIN_VALUE : known;
        while (from <= clockNs) {
            List<TimerKey> some = range(agent, from, Long.MAX_VALUE);
            int due = 0;
            while (due < some.size() && some.get(due).dueNs() <= clockNs) {
                delete(agent, some.get(due).dueNs(), some.get(due).connection());
                due++;
            }
            long next = due < some.size() ? some.get(due).dueNs() : Long.MAX_VALUE;
            // set before they fire, as they may be set anew to something sooner
            earliest.put(agent, next);
            some.subList(0, due).forEach(fire);
            if (due < CHUNK) {
                return;
            }
            from = some.get(due - 1).dueNs();
        }
    }

    /** Hands over each timer of an agent, in order. What is handed over may be deleted or set anew. */
    void each(String agent, Consumer<TimerKey> visit) {
        Bytes from = TimerKey.from(agent, Long.MIN_VALUE);
        while (true) {
            List<TimerKey> some = chunk(from, TimerKey.from(agent, Long.MAX_VALUE));
            for (TimerKey timer : some) {
                visit.accept(timer);
            }
            if (some.size() < CHUNK) {
                return;
            }
            from = after(some.get(some.size() - 1));
        }
    }

    void forget(String agent) {
        earliest.remove(agent);
    }

    private List<TimerKey> range(String agent, long fromNs, long toNs) {
        return chunk(TimerKey.from(agent, fromNs), TimerKey.from(agent, toNs));
    }

    private List<TimerKey> chunk(Bytes from, Bytes to) {
        List<TimerKey> some = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> entries = store.scan(from, to)) {
            while (entries.hasNext() && some.size() < CHUNK) {
                KeyValue<Bytes, byte[]> entry = entries.next();
                some.add(TimerKey.parse(entry.key));
            }
        }
        return some;
    }

    private static Bytes after(TimerKey timer) {
        byte[] key = timer.toBytes().get();
        return Bytes.wrap(java.util.Arrays.copyOf(key, key.length + 1));
    }
}
