package flowstate.topology;

import flowstate.tcp.EventKind;
import flowstate.tcp.Timers;
import java.util.EnumSet;
import java.util.Set;

/**
 * What the tracker goes by, the same in all of its partitions.
 *
 * @param timers when connections are reported and let go of
 * @param events which lifecycle events are published
 * @param limits what bounds the state of a partition
 */
public record TrackerSettings(Timers timers, Set<EventKind> events, Limits limits) {
    /** All events. */
    public static final TrackerSettings DEFAULT =
            new TrackerSettings(Timers.DEFAULT, EnumSet.allOf(EventKind.class), Limits.DEFAULT);

    public TrackerSettings {
        events = Set.copyOf(events);
    }

    /** The same with other timers. */
    public TrackerSettings with(Timers others) {
        return new TrackerSettings(others, events, limits);
    }

    /** The same that publishes {@code others} only. */
    public TrackerSettings with(Set<EventKind> others) {
        return new TrackerSettings(timers, others, limits);
    }

    /** The same with other limits. */
    public TrackerSettings with(Limits others) {
        return new TrackerSettings(timers, events, others);
    }
}
