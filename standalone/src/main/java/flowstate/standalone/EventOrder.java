package flowstate.standalone;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings the events of a capture into one order: they arrive from two topics and several partitions, each in order by
 * itself only.
 *
 * <p>The order is that of their times, with one exception: the events of one connection on one topic stay as they came,
 * so that a time that is wrong moves an event, but never makes a connection close before it opens. Such an event goes
 * directly behind the one before it. At the same time, a connection's events come before its anomalies, and its final
 * event last; different connections are ordered by their ids. So two replays print the same.
 *
 * <p>Memory is bounded: when more events are held than the bound, the older half of the capture that came first is
 * given out; an event that arrives later and is older than these is then out of order. Not thread-safe.
 */
final class EventOrder {
    private final int bound;
    // in the order in which captures came
    private final Map<String, List<Event>> captures = new LinkedHashMap<>();
    private int held;

    private record Placed(Event event, long time, int rank) {
        static final Comparator<Placed> ORDER = Comparator.comparingLong(Placed::time)
                .thenComparing(placed -> placed.event.connectionId())
                .thenComparingInt(Placed::rank);
    }

    private record Chain(String connectionId, boolean lifecycle) {}

    /**
     * An order that holds back a number of events.
     *
     * @param bound the most events that are held, at least 2
     */
    EventOrder(int bound) {
        if (bound < 2) {
            throw new IllegalArgumentException(
                    "at least 2 events must be held, was " + bound + ": nothing could be ordered");
        }
        this.bound = bound;
    }

    /** Takes an event; gives out those that there is no more room for, in order, usually none. */
    List<Event> add(Event event) {
        captures.computeIfAbsent(event.capture(), name -> new ArrayList<>()).add(event);
        held++;
        if (held <= bound) {
            return List.of();
        }
        String first = captures.keySet().iterator().next();
        List<Event> ordered = ordered(take(first));
        int half = (ordered.size() + 1) / 2;
        List<Event> younger = new ArrayList<>(ordered.subList(half, ordered.size()));
        if (!younger.isEmpty()) {
            put(first, younger);
        }
        return ordered.subList(0, half);
    }

    /** Gives out all events that are held of a capture, in order. */
    List<Event> finish(String capture) {
        return ordered(take(capture));
    }

    /** Gives out all events that are held, in order, one capture after the other. */
    List<Event> finishAll() {
        List<Event> all = new ArrayList<>(held);
        for (String capture : List.copyOf(captures.keySet())) {
            all.addAll(finish(capture));
        }
        return all;
    }

    private List<Event> take(String capture) {
        List<Event> events = captures.remove(capture);
        if (events == null) {
            return List.of();
        }
        held -= events.size();
        return events;
    }

    /** Puts a capture's events back to where it was: first. */
    private void put(String capture, List<Event> events) {
        Map<String, List<Event>> others = new LinkedHashMap<>(captures);
        captures.clear();
        captures.put(capture, events);
        captures.putAll(others);
        held += events.size();
    }

    private static List<Event> ordered(List<Event> arrived) {
        Map<Chain, List<Event>> chains = new HashMap<>();
        for (Event event : arrived) {
            chains.computeIfAbsent(
                            new Chain(event.connectionId(), event instanceof Event.Lifecycle), c -> new ArrayList<>())
                    .add(event);
        }
        List<Placed> placed = new ArrayList<>(arrived.size());
        for (List<Event> chain : chains.values()) {
            long[] times = orderedTimes(chain.stream().mapToLong(Event::at).toArray());
            for (int i = 0; i < times.length; i++) {
                placed.add(new Placed(chain.get(i), times[i], rank(chain.get(i))));
            }
        }
        // stable, so that a chain's events with equal times keep their order
        placed.sort(Placed.ORDER);
        return placed.stream().map(Placed::event).toList();
    }

    private static int rank(Event event) {
        if (event instanceof Event.Lifecycle lifecycle) {
            return lifecycle.value().getFinal$() ? 2 : 0;
        }
        return 1;
    }

    /**
     * The times with the fewest possible replaced so that they never go back: those outside one longest non-decreasing
     * subsequence become the time before them.
     */
    static long[] orderedTimes(long[] times) {
        int n = times.length;
        // tails[k]: where the smallest possible last element of a subsequence of length k + 1 is
        int[] tails = new int[n];
        int[] previous = new int[n];
        int length = 0;
        for (int i = 0; i < n; i++) {
            int low = 0;
            int high = length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (times[tails[middle]] <= times[i]) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            previous[i] = low == 0 ? -1 : tails[low - 1];
            tails[low] = i;
            length = Math.max(length, low + 1);
        }
        boolean[] kept = new boolean[n];
        for (int i = length == 0 ? -1 : tails[length - 1]; i >= 0; i = previous[i]) {
            kept[i] = true;
        }
        long[] ordered = Arrays.copyOf(times, n);
        int firstKept = 0;
        while (firstKept < n && !kept[firstKept]) {
            firstKept++;
        }
        for (int i = 0; i < n; i++) {
            if (!kept[i]) {
                ordered[i] = i < firstKept ? times[firstKept] : ordered[i - 1];
            }
        }
        return ordered;
    }
}
