package flowstate.standalone;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings the events of a capture into one order: they arrive from two topics and several partitions, each in order by
 * itself only.
 *
 * <p>The order is that of their times, with one exception: a connection's events stay as they came, so that one whose
 * time is before its predecessor's goes directly behind it, and a connection never closes before it opens. At the same
 * time, a connection's events come before its anomalies, and its final event last; different connections are ordered by
 * their ids, but one that gives its ports to another comes before that. So two replays print the same.
 *
 * <p>Memory is bounded: when more events are held than the bound, the older half of the capture that came first is
 * given out; an event that arrives later and is older than these is then out of order. Not thread-safe.
 */
final class EventOrder {
    /** Characters of an id, in Base64, that may hold bits of its last eight octets: which connection of its ends it is. */
    private static final int INSTANCE_LENGTH = 11;

    private static final int FIRST = 0;
    private static final int FOUND = 1;
    private static final int LAST = 2;

    private final int bound;
    // in the order in which captures came
    private final Map<String, Held> captures = new LinkedHashMap<>();
    private int held;

    private record Placed(Event event, long time, int rank) {
        private boolean isFinal() {
            return rank == LAST;
        }
    }

    /** Total order of events, for a set in which it is known when connections end. */
    private record Order(Map<String, Long> ends) implements Comparator<Placed> {
        static Order of(List<Placed> events) {
            Map<String, Long> ends = new HashMap<>();
            for (Placed placed : events) {
                if (placed.isFinal()) {
                    ends.put(placed.event.connectionId(), placed.time);
                }
            }
            return new Order(ends);
        }

        @Override
        public int compare(Placed a, Placed b) {
            if (a.time != b.time) {
                return Long.compare(a.time, b.time);
            }
            String one = a.event.connectionId();
            String other = b.event.connectionId();
            if (one.equals(other)) {
                return Integer.compare(a.rank, b.rank);
            }
            int order = compareEnds(one, other);
            if (order == 0) {
                order = Boolean.compare(endsThen(b), endsThen(a));
            }
            return order == 0 ? one.compareTo(other) : order;
        }

        /** Ids of the same two ends begin with the same: the rest tells the connections between them apart. */
        private static int compareEnds(String one, String other) {
            int oneLength = endsLength(one);
            int otherLength = endsLength(other);
            for (int i = 0; i < Math.min(oneLength, otherLength); i++) {
                if (one.charAt(i) != other.charAt(i)) {
                    return one.charAt(i) - other.charAt(i);
                }
            }
            return oneLength - otherLength;
        }

        private static int endsLength(String id) {
            return id.length() > INSTANCE_LENGTH ? id.length() - INSTANCE_LENGTH : id.length();
        }

        private boolean endsThen(Placed placed) {
            Long end = ends.get(placed.event.connectionId());
            return end != null && end == placed.time;
        }
    }

    /** The events of one capture, and when the latest was of each connection that has any among them and is open. */
    private static final class Held {
        List<Placed> events = new ArrayList<>();
        final Map<String, Long> latest = new HashMap<>();

        void add(Event event) {
            if (event instanceof Event.Lifecycle lifecycle) {
                boolean last = lifecycle.last();
                String id = event.connectionId();
                Long before = last ? latest.remove(id) : latest.get(id);
                long time = before == null ? event.at() : Math.max(before, event.at());
                if (!last) {
                    latest.put(id, time);
                }
                events.add(new Placed(event, time, last ? LAST : FIRST));
            } else {
                events.add(new Placed(event, event.at(), FOUND));
            }
        }

        /** Takes out the first of them in order. Most are in order from before: the sort is then a merge. */
        List<Event> take(int count) {
            // stable, so that a connection's events with equal times keep their order
            events.sort(Order.of(events));
            List<Placed> leaving = events.subList(0, count);
            forget(leaving);
            List<Event> first = leaving.stream().map(Placed::event).toList();
            events = new ArrayList<>(events.subList(count, events.size()));
            return first;
        }

        /** What comes of a connection all of whose events have left follows these anyway. */
        private void forget(List<Placed> leaving) {
            long last = leaving.isEmpty() ? Long.MIN_VALUE : leaving.get(leaving.size() - 1).time;
            for (Placed placed : leaving) {
                if (placed.time < last) {
                    latest.remove(placed.event.connectionId(), placed.time);
                }
            }
        }
    }

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
        captures.computeIfAbsent(event.capture(), name -> new Held()).add(event);
        held++;
        if (held <= bound) {
            return List.of();
        }
        Held first = captures.values().iterator().next();
        return take(first, (first.events.size() + 1) / 2);
    }

    /** Gives out all events that are held of a capture, in order. */
    List<Event> finish(String capture) {
        Held all = captures.remove(capture);
        return all == null ? List.of() : take(all, all.events.size());
    }

    /** Gives out all events that are held, in order, one capture after the other. */
    List<Event> finishAll() {
        List<Event> all = new ArrayList<>(held);
        for (String capture : List.copyOf(captures.keySet())) {
            all.addAll(finish(capture));
        }
        return all;
    }

    private List<Event> take(Held from, int count) {
        held -= count;
        return from.take(count);
    }
}
