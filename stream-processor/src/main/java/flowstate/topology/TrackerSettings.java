package flowstate.topology;

import flowstate.tcp.EventKind;
import flowstate.tcp.Timers;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * What the tracker goes by, the same in all of its partitions.
 *
 * @param timers when connections are reported and let go of
 * @param events which lifecycle events are published
 * @param observerLostAfter wall-clock time without a word of an agent after which its connections end; at least 1 s
 * @param limits what bounds the state of a partition
 */
public record TrackerSettings(Timers timers, Set<EventKind> events, Duration observerLostAfter, Limits limits) {
    /** All events, and two minutes for an agent to be heard again. */
    public static final TrackerSettings DEFAULT =
            new TrackerSettings(Timers.DEFAULT, EnumSet.allOf(EventKind.class), Duration.ofMinutes(2), Limits.DEFAULT);

    public TrackerSettings {
        events = Set.copyOf(events);
        if (observerLostAfter.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("an agent can be lost after 1 s at the soonest, was "
                    + observerLostAfter.toMillis() + " ms: agents report once a second");
        }
    }

    /** The same with other timers. */
    public TrackerSettings with(Timers others) {
        return new TrackerSettings(others, events, observerLostAfter, limits);
    }

    /** The same that publishes {@code others} only. */
    public TrackerSettings with(Set<EventKind> others) {
        return new TrackerSettings(timers, others, observerLostAfter, limits);
    }

    /** The same with other limits. */
    public TrackerSettings with(Limits others) {
        return new TrackerSettings(timers, events, observerLostAfter, others);
    }
}
