package flowstate.topology;

import flowstate.schema.SegmentBatchReader;
import flowstate.schema.TcpSegment;
import flowstate.tcp.Connection;
import flowstate.tcp.Segment;
import flowstate.tcp.Standing;
import flowstate.tcp.Tracker;
import flowstate.topology.Deadlines.Deadline;
import flowstate.topology.Endings.Ending;
import flowstate.topology.RecentKeys.Known;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * A partition's connections, and what segments, agents' clocks and the end of an agent's session make of them: each is looked
 * up, handed to the model, and put back with its deadline, its place among the half-open, and its count.
 *
 * <p>One thread. All of it is in the store, but for deadlines and places, which connections know themselves, and {@link Evictions}.
 */
final class TrackedConnections {
    /** Longer than any agent holds segments back. */
    private static final long LONGEST_LINGER_NS = 1_000_000_000L;

    private final Tracker tracker;
    private final Limits limits;
    private final WriteBackStore<Connection> connections;
    private final OpenConnections.OfPartition open;
    private final RecentKeys keys;
    private final Losses losses;
    private final Outlet outlet;
    private final LongSupplier nowMs;
    /** Whether an agent's clock goes on. */
    private final Predicate<String> isWatching;

    private final Deadlines deadlines = new Deadlines();
    private final HalfOpen halfOpen = new HalfOpen();
    private final Evictions evictions = new Evictions();
    /** The segment at hand. */
    private final Segment segment = new Segment();

    /**
     * Those of a partition, none until {@link #takeStock}.
     *
     * @param losses of the agents, kept by whoever reads their batches
     * @param nowMs this machine's clock
     * @param isWatching whether an agent's clock goes on
     */
    TrackedConnections(
            TrackerSettings settings,
            WriteBackStore<Connection> connections,
            OpenConnections.OfPartition open,
            RecentKeys keys,
            Losses losses,
            Outlet outlet,
            LongSupplier nowMs,
            Predicate<String> isWatching) {
        this.tracker = new Tracker(settings.timers());
        this.limits = settings.limits();
        this.connections = connections;
        this.open = open;
        this.keys = keys;
        this.losses = losses;
        this.outlet = outlet;
        this.nowMs = nowMs;
        this.isWatching = isWatching;
    }

    /** Makes anew, from the connections that are in the store from before, what is kept of them on the heap alone. */
    void takeStock() {
        record Kept(Bytes key, Standing standing, long startedNs) {}
        List<Kept> kept = new ArrayList<>();
        connections.takeStock((key, connection) -> {
            if (connection.alarmClock() >= 0) {
                deadlines.put(connection.alarmAgent(), connection.alarmClock(), key.get());
            }
            open.moved(null, connection.standing());
            if (connection.standing() != Standing.PROVEN) {
                kept.add(new Kept(key, connection.standing(), connection.startedNs()));
            }
        });
        // oldest first
        kept.sort(Comparator.comparingLong(Kept::startedNs));
        kept.forEach(one -> halfOpen.moved(one.key(), Standing.PROVEN, one.standing()));
    }

    /** Takes the segments that a batch has of one of its connections. */
    void takeSegments(SegmentBatchReader batch, int some, Known known) {
        String agent = batch.agent();
        Bytes storeKey = known.encoded();
        Connection connection = connections.live(storeKey);
        boolean isNew = connection == null;
        if (connection != null) {
            losses.tell(connection);
        }
        Standing before = HalfOpen.of(connection);
        long alarmClock = connection == null ? -1 : connection.alarmClock();
        String alarmAgent = connection == null ? "" : connection.alarmAgent();
        outlet.at(known, agent);
        // the agent's clock at a segment is its capture time, but for outliers, which are drawn to what the clock can
        // have been
        long latestClock = batch.clock(some);
        long clock = latestClock - LONGEST_LINGER_NS;
        List<TcpSegment> segments = batch.segments();
        int first = batch.first(some);
        for (int i = first; i < batch.end(some); i++) {
            TcpSegment s = segments.get(i);
            clock = Math.min(Math.max(s.getTime(), clock), latestClock);
            ModelSegments.fill(segment, s, clock);
            if (connection != null && Copies.isCopy(segments, first, i)) {
                tracker.onCopy(connection, segment, agent, outlet);
                continue;
            }
            connection = tracker.onSegment(
                    connection,
                    known.key().lowPort(),
                    known.key().highPort(),
                    segment,
                    agent,
                    batch.captureInterface(),
                    batch.tunnel(some),
                    outlet);
        }
        if (connection != null) {
            connection.setAlarm(alarmClock, alarmAgent);
            arm(storeKey, connection, agent);
            connections.put(storeKey, connection);
            Standing now = connection.standing();
            halfOpen.moved(storeKey, before, now);
            open.moved(isNew ? null : before, now);
            evict(latestClock, agent);
        }
    }

    /** Lets go of half-open connections for which there is no room. */
    private void evict(long clockNs, String agent) {
        while (halfOpen.size() > limits.halfOpen()) {
            Bytes storeKey = halfOpen.takeFirst();
            Connection connection = storeKey == null ? null : connections.live(storeKey);
            if (storeKey == null || connection == null) {
                return;
            }
            losses.tell(connection);
            byte[] keyBytes = storeKey.get();
            deadlines.delete(connection.alarmAgent(), connection.alarmClock(), keyBytes);
            outlet.at(keys.of(keyBytes), agent);
            open.moved(connection.standing(), null);
            long inARow = connection.endReason() == null ? evictions.add(nowMs.getAsLong()) : 0;
            tracker.evict(connection, inARow, clockNs - connection.offsetNs(agent), outlet);
            connections.delete(storeKey);
        }
    }

    /** Keeps the timer entry no later than the deadline. One that is earlier fires for nothing and is set anew. */
    private void arm(Bytes storeKey, Connection connection, String agent) {
        String driver = tracker.driver(connection, agent);
        if (!driver.equals(agent) && !isWatching.test(driver)) {
            driver = agent;
        }
        if (connection.alarmClock() >= 0) {
            boolean stays = !tracker.awaits(connection, driver) || driver.equals(connection.alarmAgent());
            if (stays && tracker.deadline(connection, connection.alarmAgent()) >= connection.alarmClock()) {
                return;
            }
            deadlines.delete(connection.alarmAgent(), connection.alarmClock(), storeKey.get());
        }
        long deadline = tracker.deadline(connection, driver);
        deadlines.put(driver, deadline, storeKey.get());
        connection.setAlarm(deadline, driver);
    }

    /** Looks at the connections of which something is due by an agent's clock. */
    void advance(String agent, long watermark) {
        for (Deadline due = deadlines.takeDue(agent, watermark);
                due != null;
                due = deadlines.takeDue(agent, watermark)) {
            Bytes storeKey = Bytes.wrap(due.connection());
            Connection connection = connections.passing(storeKey);
            if (connection == null || !isAlarmOf(connection, agent, due)) {
                continue;
            }
            outlet.at(keys.of(due.connection()), agent);
            losses.tell(connection);
            connection.setAlarm(-1, "");
            Standing before = connection.standing();
            Connection kept = tracker.onClock(connection, watermark, agent, outlet);
            halfOpen.moved(storeKey, before, HalfOpen.of(kept));
            open.moved(before, kept == null ? null : kept.standing());
            if (kept == null) {
                connections.delete(storeKey);
            } else {
                arm(storeKey, kept, agent);
                connections.put(storeKey, kept);
            }
        }
    }

    private static boolean isAlarmOf(Connection connection, String agent, Deadline deadline) {
        return connection.alarmClock() == deadline.atNs()
                && connection.alarmAgent().equals(agent);
    }

    /** All of an agent's connections may lack segments. Its clock may begin anew, so that it cannot be said up to when. */
    void suspectLoss(String agent) {
        deadlines.each(agent, key -> {
            Bytes storeKey = Bytes.wrap(key);
            Connection connection = connections.live(storeKey);
            if (connection != null) {
                connection.suspectCaptureLoss();
                connections.put(storeKey, connection);
            }
        });
    }

    /**
     * Ends some of what only this agent watched; what another still sees goes on by the other's clock.
     *
     * @return whether none is left, so that nothing is kept of the agent either
     */
    boolean endSome(Ending ending) {
        String agent = ending.agent();
        for (int i = 0; i < Endings.AT_ONCE; i++) {
            Deadline next = deadlines.takeDue(agent, Long.MAX_VALUE);
            if (next == null) {
                deadlines.forget(agent);
                return true;
            }
            endOrPassOn(next, ending);
        }
        return false;
    }

    private void endOrPassOn(Deadline deadline, Ending ending) {
        String agent = ending.agent();
        Bytes storeKey = Bytes.wrap(deadline.connection());
        Connection connection = connections.passing(storeKey);
        if (connection == null || !isAlarmOf(connection, agent, deadline)) {
            return;
        }
        losses.tell(connection);
        String heir = anotherObserver(connection, agent);
        if (heir != null) {
            tracker.forget(connection, agent);
            connection.setAlarm(-1, "");
            arm(storeKey, connection, heir);
            connections.put(storeKey, connection);
            return;
        }
        outlet.at(keys.of(deadline.connection()), agent);
        halfOpen.moved(storeKey, connection.standing(), Standing.PROVEN);
        open.moved(connection.standing(), null);
        tracker.end(connection, ending.reason(), ending.cause(), ending.atNs() - connection.offsetNs(agent), outlet);
        connections.delete(storeKey);
    }

    private @Nullable String anotherObserver(Connection connection, String agent) {
        for (var observer : connection.observers()) {
            if (!observer.agent().equals(agent) && isWatching.test(observer.agent())) {
                return observer.agent();
            }
        }
        return null;
    }
}
