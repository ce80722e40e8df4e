package flowstate.topology;

import flowstate.schema.ConnectionKey;
import flowstate.schema.Progress;
import flowstate.schema.SegmentBatchReader;
import flowstate.schema.TcpSegment;
import flowstate.schema.Topics;
import flowstate.tcp.AnomalyKind;
import flowstate.tcp.Cause;
import flowstate.tcp.Connection;
import flowstate.tcp.EndReason;
import flowstate.tcp.EventKind;
import flowstate.tcp.Listener;
import flowstate.tcp.Segment;
import flowstate.tcp.Standing;
import flowstate.tcp.TcpState;
import flowstate.tcp.Tracker;
import flowstate.topology.Deadlines.Deadline;
import flowstate.topology.Endings.Ending;
import flowstate.topology.RecentKeys.Known;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Feeds one partition's batches to the model, keeps its connections, and lets agents' progress move their timers.
 *
 * <p>One thread. Everything it knows is in the stores, but for deadlines, which connections know themselves; when agents were
 * last heard by this machine's clock: after a restart each has the whole time again; and {@link Evictions}.
 */
final class TrackingProcessor implements Processor<byte[], byte[], byte[], Object> {
    /** Longer than any agent holds segments back. */
    private static final long LONGEST_LINGER_NS = 1_000_000_000L;

    /** By this machine's clock, without a word of an agent: then its connections end. Agents report once a second. */
    private static final Duration OBSERVER_LOST_AFTER = Duration.ofMinutes(2);

    /** A thread's tasks take turns. */
    private static final ThreadLocal<SegmentBatchReader> READERS = ThreadLocal.withInitial(SegmentBatchReader::new);

    private final Tracker tracker;
    private final TrackerSettings settings;
    private final Map<String, Long> heardAtMs = new HashMap<>();

    private ProcessorContext<byte[], Object> context;
    private WriteBackStore<Connection> connections;
    private WriteBackStore<ObserverProgress> observers;
    private final HalfOpen halfOpen = new HalfOpen();
    private final Evictions evictions = new Evictions();
    private final Endings endings = new Endings();
    private final Losses losses = new Losses();
    private final OpenConnections.OfPartition open;
    private final RecentKeys keys = new RecentKeys();
    /** Of the batch at hand. */
    private final List<Known> batchKeys = new ArrayList<>();
    /** The segment at hand. */
    private final Segment segment = new Segment();

    private final Deadlines deadlines = new Deadlines();
    private Outlet outlet;
    private AttemptOutlet attempts;
    /** Null while there is nothing to end. */
    private @Nullable Cancellable laterEndings;

    @SuppressWarnings("NullAway.Init") // Kafka Streams calls init before anything else
    TrackingProcessor(TrackerSettings settings, OpenConnections.OfPartition open) {
        this.open = open;
        this.tracker = new Tracker(settings.timers());
        this.settings = settings;
    }

    @Override
    public void init(ProcessorContext<byte[], Object> context) {
        this.context = context;
        this.connections = context.getStateStore(Stores.CONNECTIONS);
        this.observers = context.getStateStore(Stores.OBSERVERS);
        this.outlet = new Outlet();
        this.attempts = new AttemptOutlet(
                settings.limits().separateCaptures(),
                context.taskId().partition(),
                (key, value) -> context.forward(
                        new Record<>(key, value, outlet.timestampMs), ConnectionTopology.ATTEMPTS_SINK));
        long now = context.currentSystemTimeMs();
        observers.takeStock((key, observer) -> {
            losses.add(text(key), observer.lostTo());
            EndReason ending = observer.ending();
            if (ending == null) {
                heardAtMs.put(text(key), now);
            } else {
                endings.add(new Ending(text(key), observer.session(), observer.watermark(), ending, now));
            }
        });
        takeStock();
        if (endings.next() != null) {
            endTheRestLater();
        }
        context.schedule(OBSERVER_LOST_AFTER.dividedBy(4), PunctuationType.WALL_CLOCK_TIME, this::endLostObservers);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        SegmentBatchReader batch = READERS.get();
        if (record.value() == null || !read(batch, record.value())) {
            return;
        }
        String agent = batch.agent();
        Ending before = endings.of(agent);
        if (before != null) {
            // what it shows now is of another session: that one is to be over by then
            while (!endSome(before)) {
                // goes on
            }
        }
        heardAtMs.put(agent, context.currentSystemTimeMs());
        Bytes observerKey = key(agent);
        ObserverProgress observer = observers.live(observerKey);
        if (observer == null || observer.session() < batch.session()) {
            if (observer != null) {
                // its last session broke off, as when it was killed: nobody saw what came before this one began
                tellAll(agent);
            }
            observer = ObserverProgress.start(batch.session());
        }
        boolean current = observer.session() == batch.session();
        if (current && batch.sequence() < observer.nextSequence()) {
            // the agent sent it again, not knowing that it had arrived
            return;
        }
        outlet.timestampMs = record.timestamp();
        attempts.session(batch.session());
        long missed = current ? batch.sequence() - observer.nextSequence() : 0;
        if (missed > 0) {
            losses.add(agent, batch.clock());
        }
        for (int i = 0; i < batch.connections(); i++) {
            takeSegments(batch, i);
        }
        long watermark = observer.watermark();
        Progress progress = batch.progress();
        if (progress != null) {
            watermark = Math.max(watermark, progress.watermark());
            if (progress.dropped() > 0) {
                losses.add(agent, Math.max(watermark, batch.lastClock()));
            }
            advance(agent, watermark);
            if (progress.endOfCapture()) {
                endObserver(new Ending(agent, batch.session(), watermark, EndReason.CAPTURE_ENDED, record.timestamp()));
                return;
            }
        }
        attempts.handOn();
        if (current) {
            observers.put(
                    observerKey,
                    new ObserverProgress(
                            observer.session(),
                            batch.sequence() + 1,
                            watermark,
                            observer.missed() + missed,
                            losses.of(agent),
                            null));
        }
    }

    @Override
    public void close() {
        open.leave();
    }

    static Bytes key(String agent) {
        return Bytes.wrap(agent.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(Bytes key) {
        return new String(key.get(), StandardCharsets.UTF_8);
    }

    /** Reads a batch, with all of its keys; returns false if it is malformed, and skipped. */
    private boolean read(SegmentBatchReader batch, byte[] octets) {
        batchKeys.clear();
        try {
            batch.read(Topics.SEGMENTS.name(), octets);
            for (int i = 0; i < batch.connections(); i++) {
                batchKeys.add(keys.of(batch.octets(), batch.keyStart(i), batch.keyEnd(i)));
            }
            return true;
        } catch (SerializationException | IllegalArgumentException e) {
            UnreadableRecords.skip(context.recordMetadata(), e);
            return false;
        }
    }

    private void takeSegments(SegmentBatchReader batch, int some) {
        String agent = batch.agent();
        Known known = batchKeys.get(some);
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

    /** Makes anew, from the connections that are in the store from before, what is kept of them on the heap alone. */
    private void takeStock() {
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

    /** Lets go of half-open connections for which there is no room. */
    private void evict(long clockNs, String agent) {
        while (halfOpen.size() > settings.limits().halfOpen()) {
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
            long inARow = connection.endReason() == null ? evictions.add(context.currentSystemTimeMs()) : 0;
            tracker.evict(connection, inARow, clockNs - connection.offsetNs(agent), outlet);
            connections.delete(storeKey);
        }
    }

    /** Keeps the timer entry no later than the deadline. One that is earlier fires for nothing and is set anew. */
    private void arm(Bytes storeKey, Connection connection, String agent) {
        String driver = tracker.driver(connection, agent);
        if (!driver.equals(agent) && !isWatching(driver)) {
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
    private void advance(String agent, long watermark) {
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
    private void tellAll(String agent) {
        deadlines.each(agent, key -> {
            Bytes storeKey = Bytes.wrap(key);
            Connection connection = connections.live(storeKey);
            if (connection != null) {
                connection.suspectCaptureLoss();
                connections.put(storeKey, connection);
            }
        });
        losses.forget(agent);
    }

    /** Whether an agent's clock goes on. */
    private boolean isWatching(String agent) {
        ObserverProgress observer = observers.live(key(agent));
        return observer != null && observer.ending() == null;
    }

    /** Ends what only this agent watched; what another still sees goes on by the other's clock. */
    private void endObserver(Ending ending) {
        heardAtMs.remove(ending.agent());
        // first: no clock of this agent moves anything that is handed on
        observers.delete(key(ending.agent()));
        if (!endSome(ending)) {
            observers.put(key(ending.agent()), ObserverProgress.ending(ending, losses.of(ending.agent())));
            endings.add(ending);
            endTheRestLater();
        }
    }

    /** Ends some of them; returns whether all have ended. */
    private boolean endSome(Ending ending) {
        String agent = ending.agent();
        outlet.timestampMs = ending.timestampMs();
        attempts.session(ending.session());
        for (int i = 0; i < Endings.AT_ONCE; i++) {
            Deadline next = deadlines.takeDue(agent, Long.MAX_VALUE);
            if (next == null) {
                haveEnded(ending);
                return true;
            }
            endOrPassOn(next, ending);
        }
        attempts.handOn();
        return false;
    }

    private void haveEnded(Ending ending) {
        String agent = ending.agent();
        deadlines.forget(agent);
        losses.forget(agent);
        attempts.handOn();
        if (ending.reason() == EndReason.CAPTURE_ENDED) {
            attempts.endOfCapture();
        }
        if (endings.remove(agent)) {
            observers.delete(key(agent));
        }
        // whoever waits for the end of this capture need not wait for the commit interval
        context.commit();
    }

    private void endTheRestLater() {
        open.ending(true);
        if (laterEndings == null) {
            laterEndings = context.schedule(Duration.ofMillis(1), PunctuationType.WALL_CLOCK_TIME, now -> endMore());
        }
    }

    /** Called once between two polls, each with a commit after it if one was asked for. */
    private void endMore() {
        Ending next = endings.next();
        if (next != null) {
            endSome(next);
        } else if (!endings.awaitsCommit() && laterEndings != null) {
            open.ending(false);
            laterEndings.cancel();
            laterEndings = null;
        }
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
            if (!observer.agent().equals(agent) && isWatching(observer.agent())) {
                return observer.agent();
            }
        }
        return null;
    }

    private void endLostObservers(long nowMs) {
        for (Map.Entry<String, Long> heard : Map.copyOf(heardAtMs).entrySet()) {
            if (nowMs - heard.getValue() > OBSERVER_LOST_AFTER.toMillis()) {
                ObserverProgress observer = observers.live(key(heard.getKey()));
                ObserverProgress known = observer == null ? ObserverProgress.start(0) : observer;
                long atNs = known.watermark() == Long.MIN_VALUE ? nowMs * 1_000_000 : known.watermark();
                endObserver(new Ending(heard.getKey(), known.session(), atNs, EndReason.OBSERVER_LOST, nowMs));
            }
        }
    }

    /** Writes what the model tells as records and sends them on. */
    private final class Outlet implements Listener {
        private final LifecycleWriter lifecycleWriter = new LifecycleWriter();
        private long timestampMs;
        private @Nullable Known known;
        private String agent = "";

        void at(Known known, String agent) {
            this.known = known;
            this.agent = agent;
        }

        private Known known() {
            if (known == null) {
                throw new IllegalStateException("the model told something of no connection");
            }
            return known;
        }

        @Override
        public void lifecycle(
                Connection c,
                EventKind kind,
                Cause cause,
                long atNs,
                TcpState originatorBefore,
                TcpState responderBefore) {
            ConnectionKey key = known().key();
            attempts.lifecycle(key, c, kind);
            if (!settings.events().contains(kind)) {
                return;
            }
            context.forward(
                    new Record<>(
                            known().octets(),
                            lifecycleWriter.write(key, c, kind, cause, atNs, originatorBefore, responderBefore),
                            timestampMs),
                    ConnectionTopology.LIFECYCLE_SINK);
        }

        @Override
        public void anomaly(
                Connection c,
                AnomalyKind kind,
                long count,
                double confidence,
                long atNs,
                @Nullable Segment evidence,
                String message) {
            ConnectionKey key = known().key();
            attempts.anomaly(key, c, kind, count);
            context.forward(
                    new Record<>(
                            known().octets(),
                            EventRecords.anomaly(key, c, kind, count, confidence, atNs, evidence, agent, message),
                            timestampMs),
                    ConnectionTopology.ANOMALY_SINK);
        }
    }
}
