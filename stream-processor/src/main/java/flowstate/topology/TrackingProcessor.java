package flowstate.topology;

import flowstate.schema.Progress;
import flowstate.schema.SegmentBatchReader;
import flowstate.schema.Topics;
import flowstate.tcp.EndReason;
import flowstate.topology.Endings.Ending;
import flowstate.topology.RecentKeys.Known;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
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
 * Reads one partition's batches: takes each once and in order, keeps up with its agents' clocks and sessions, and hands
 * what they say of connections to {@link TrackedConnections}.
 *
 * <p>One thread. Everything it knows is in the stores, but for when agents were last heard by this machine's clock: after a
 * restart each has the whole time again.
 */
final class TrackingProcessor implements Processor<byte[], byte[], byte[], Object> {
    /** By this machine's clock, without a word of an agent: then its connections end. Agents report once a second. */
    private static final Duration OBSERVER_LOST_AFTER = Duration.ofMinutes(2);

    /** A thread's tasks take turns. */
    private static final ThreadLocal<SegmentBatchReader> READERS = ThreadLocal.withInitial(SegmentBatchReader::new);

    private final TrackerSettings settings;
    private final Map<String, Long> heardAtMs = new HashMap<>();

    private ProcessorContext<byte[], Object> context;
    private WriteBackStore<ObserverProgress> observers;
    private TrackedConnections connections;
    private Outlet outlet;
    private final Endings endings = new Endings();
    private final Losses losses = new Losses();
    private final OpenConnections.OfPartition open;
    private final RecentKeys keys = new RecentKeys();
    /** Of the batch at hand. */
    private final List<Known> batchKeys = new ArrayList<>();
    /** Null while there is nothing to end. */
    private @Nullable Cancellable laterEndings;

    @SuppressWarnings("NullAway.Init") // Kafka Streams calls init before anything else
    TrackingProcessor(TrackerSettings settings, OpenConnections.OfPartition open) {
        this.settings = settings;
        this.open = open;
    }

    @Override
    public void init(ProcessorContext<byte[], Object> context) {
        this.context = context;
        this.observers = context.getStateStore(Stores.OBSERVERS);
        this.outlet = new Outlet(context, settings);
        this.connections = new TrackedConnections(
                settings,
                context.getStateStore(Stores.CONNECTIONS),
                open,
                keys,
                losses,
                outlet,
                context::currentSystemTimeMs,
                this::isWatching);
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
        connections.takeStock();
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
                connections.suspectLoss(agent);
                losses.forget(agent);
            }
            observer = ObserverProgress.start(batch.session());
        }
        boolean current = observer.session() == batch.session();
        if (current && batch.sequence() < observer.nextSequence()) {
            // the agent sent it again, not knowing that it had arrived
            return;
        }
        outlet.of(batch.session(), record.timestamp());
        long missed = current ? batch.sequence() - observer.nextSequence() : 0;
        if (missed > 0) {
            losses.add(agent, batch.clock());
        }
        for (int i = 0; i < batch.connections(); i++) {
            connections.takeSegments(batch, i, batchKeys.get(i));
        }
        long watermark = observer.watermark();
        Progress progress = batch.progress();
        if (progress != null) {
            watermark = Math.max(watermark, progress.watermark());
            if (progress.dropped() > 0) {
                losses.add(agent, Math.max(watermark, batch.lastClock()));
            }
            connections.advance(agent, watermark);
            if (progress.endOfCapture()) {
                endObserver(new Ending(agent, batch.session(), watermark, EndReason.CAPTURE_ENDED, record.timestamp()));
                return;
            }
        }
        outlet.handOn();
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

    /** Whether an agent's clock goes on. */
    private boolean isWatching(String agent) {
        ObserverProgress observer = observers.live(key(agent));
        return observer != null && observer.ending() == null;
    }

    /** Ends its connections, at once or, where there are many, from time to time. */
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
        outlet.of(ending.session(), ending.timestampMs());
        boolean all = connections.endSome(ending);
        outlet.handOn();
        if (all) {
            haveEnded(ending);
        }
        return all;
    }

    private void haveEnded(Ending ending) {
        String agent = ending.agent();
        losses.forget(agent);
        if (ending.reason() == EndReason.CAPTURE_ENDED) {
            outlet.endOfCapture();
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
}
