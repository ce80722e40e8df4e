package flowstate.standalone;

import java.util.ArrayList;
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

    /** What is known of a connection while events of it are held, or more of it may come. */
    private static final class Course {
        /** Of the latest lifecycle event. */
        long latest = Long.MIN_VALUE;

        /** The latest was the final one. */
        boolean ended;

        /** How many of its events are held. */
        int held;
    }

    private record Placed(Event event, Course course, long time, int rank) {
        /** Whether it is at the time at which its connection ends. */
        private boolean atTheEnd() {
            return course.ended && course.latest == time;
        }
    }

    /** A total order. */
    private static int compare(Placed a, Placed b) {
        if (a.time != b.time) {
            return Long.compare(a.time, b.time);
        }
        if (a.course == b.course) {
            return Integer.compare(a.rank, b.rank);
        }
        String one = a.event.connectionId();
        String other = b.event.connectionId();
        int order = compareEnds(one, other);
        if (order == 0) {
            order = Boolean.compare(b.atTheEnd(), a.atTheEnd());
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

    /** The events of one capture. */
    private static final class Held {
        List<Placed> events = new ArrayList<>();
        final Map<String, Course> courses = new HashMap<>();

        void add(Event event) {
            Course course = courses.computeIfAbsent(event.connectionId(), id -> new Course());
            course.held++;
            if (event instanceof Event.Lifecycle lifecycle) {
                course.latest = Math.max(course.latest, event.at());
                course.ended = lifecycle.last();
                events.add(new Placed(event, course, course.latest, course.ended ? LAST : FIRST));
            } else {
                events.add(new Placed(event, course, event.at(), FOUND));
            }
        }

        /** Takes out the first of them in order. Most are in order from before: the sort is then a merge. */
        List<Event> take(int count) {
            // stable, so that a connection's events with equal times keep their order
            events.sort(EventOrder::compare);
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
                Course course = placed.course;
                course.held--;
                if (course.held == 0 && (course.ended || course.latest < last)) {
                    courses.remove(placed.event.connectionId());
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
