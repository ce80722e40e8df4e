package flowstate.capture.publish;

import flowstate.capture.decode.SkipReason;
import flowstate.capture.source.LiveSource;
import flowstate.capture.source.PcapngFile;
import flowstate.program.DaemonThreads;
import flowstate.program.NoBrokerException;
import flowstate.program.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.common.Node;
import org.jspecify.annotations.Nullable;

/**
 * Publishes what network interfaces see to {@code flowstate.segments}, for as long as it is let: one session for each
 * interface, one outbox for all. Thread-safe.
 */
public final class LivePublisher implements AutoCloseable {
    /** Packets may be in the kernel's buffer for two blocks' time and then some. */
    private static final long WATERMARK_LAG_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final Duration START_LIMIT = Duration.ofSeconds(3);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(2);
    private static final Duration BROKERS_INTERVAL = Duration.ofSeconds(10);

    /** More than it takes to say that no broker answers; a resolver may say nothing for much longer. */
    private static final Duration MARGIN = Duration.ofSeconds(1);

    private final PublisherConfig config;
    private final Cluster cluster;
    private final Outbox outbox;
    private final BrokerWatch watch;
    private final Exclusion exclusion;
    /** 0 if no broker had said it when it began. */
    private final int partitions;

    private final long recovered;
    private final List<LiveSession> sessions = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private boolean closed;

    /**
     * Where batches go while the broker does not take them.
     *
     * @param folder for this agent alone
     * @param limitOctets how long its files may become together
     * @param dropOldest what gives way when it is full: the oldest batches, or the new ones
     */
    public record SpoolConfig(Path folder, long limitOctets, boolean dropOldest) {}

    private LivePublisher(
            PublisherConfig config,
            Cluster cluster,
            Outbox outbox,
            BrokerWatch watch,
            Exclusion exclusion,
            int partitions,
            long recovered) {
        this.config = config;
        this.cluster = cluster;
        this.outbox = outbox;
        this.watch = watch;
        this.exclusion = exclusion;
        this.partitions = partitions;
        this.recovered = recovered;
    }

    /**
     * A publisher. Where no broker answers soon it begins without one, and asks on.
     *
     * @param spool null for none
     * @param exclusion which connections are not published
     * @param brokers is told which brokers there are, now and then
     * @throws PublishException if the cluster refuses, a setting is wrong or the spool cannot be used
     */
    public static LivePublisher connect(
            PublisherConfig config,
            @Nullable SpoolConfig spool,
            Exclusion exclusion,
            Consumer<Collection<Node>> brokers,
            Notices notices)
            throws PublishException, InterruptedException {
        Cluster cluster = new Cluster(config, notices);
        int partitions = partitionsSoon(config, cluster, notices);
        Spool opened = null;
        try {
            if (spool != null) {
                opened = Spool.open(
                        spool.folder(), spool.limitOctets(), spool.dropOldest(), line -> notices.say("spool", line));
            }
        } catch (IOException e) {
            throw new PublishException(String.valueOf(e.getMessage()), e);
        }
        long recovered = opened == null ? 0 : opened.unreadSegments();
        Outbox outbox = new Outbox(cluster::producer, opened, partitions, notices);
        if (partitions == 0) {
            cluster.await(outbox::connected);
        }
        BrokerWatch watch = new BrokerWatch(BROKERS_INTERVAL, outbox::producer, brokers);
        return new LivePublisher(config, cluster, outbox, watch, exclusion, partitions, recovered);
    }

    /** The topic's partitions; 0 if no broker answers soon: the kernel's buffer does not hold packets for long. */
    private static int partitionsSoon(PublisherConfig config, Cluster cluster, Notices notices)
            throws PublishException, InterruptedException {
        Duration wanted = config.cluster().connectLimit();
        Duration limit = wanted.compareTo(START_LIMIT) < 0 ? wanted : START_LIMIT;
        FutureTask<Integer> asked = new FutureTask<>(() -> cluster.partitions(limit));
        DaemonThreads.start("connect", asked);
        String trouble;
        try {
            return asked.get(limit.plus(MARGIN).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            trouble = "nobody has said within " + limit.plus(MARGIN).toSeconds() + " s where "
                    + config.cluster().brokers() + " is: check the resolver";
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNull(e.getCause());
            trouble = String.valueOf(cause.getMessage());
            if (!(cause instanceof NoBrokerException)) {
                throw new PublishException(trouble, cause);
            }
        }
        notices.say("no-broker", Program.oneLine(trouble) + "; captured all the same, and published when one does");
        return 0;
    }

    /**
     * Begins to publish an interface as a session of its own.
     *
     * @param source is closed at the end
     * @param name what records name as the interface
     * @param observer by which processors tell this interface from others: the agent's id, if it has no other
     * @param sessionNs nanoseconds since 1970 at the session's start
     * @param copy where packets are written to, too; null for nowhere; is not closed
     */
    public synchronized void add(
            LiveSource source, String name, String observer, long sessionNs, @Nullable PcapngFile copy) {
        // without a broker, batches count in one line, from which they come to their partitions later
        BatchSink sink = partitions > 0 ? outbox : outbox.unrouted();
        Batcher batcher = new Batcher(
                config.observedBy(observer),
                name,
                sessionNs,
                Math.max(1, partitions),
                sink,
                exclusion,
                WATERMARK_LAG_NS);
        LiveSession session = new LiveSession(source, config.checksums(), batcher, copy);
        sessions.add(session);
        Thread thread = new Thread(session, "capture " + name);
        threads.add(thread);
        thread.start();
    }

    /** What became of each packet up to now. */
    public synchronized LiveAccount account() {
        sessions.forEach(session -> session.lock.lock());
        try {
            Outbox.Counts counts = outbox.counts();
            Map<SkipReason, Long> skipped = new EnumMap<>(SkipReason.class);
            long seen = 0;
            long own = 0;
            long open = 0;
            long byKernel = 0;
            long byInterface = 0;
            for (LiveSession session : sessions) {
                seen += session.seen();
                own += session.own();
                open += session.open();
                byKernel += session.droppedByKernel();
                byInterface += session.droppedByInterface();
                for (SkipReason reason : SkipReason.values()) {
                    skipped.merge(reason, session.skipped(reason), Long::sum);
                }
            }
            return new LiveAccount(
                    seen,
                    recovered,
                    counts.published(),
                    counts.batches(),
                    skipped,
                    own,
                    counts.lost(),
                    open + counts.pending(),
                    counts.spooled(),
                    byKernel,
                    byInterface);
        } finally {
            sessions.forEach(session -> session.lock.unlock());
        }
    }

    /** Whether every interface is captured at present. */
    public synchronized boolean isCapturing() {
        return sessions.stream().allMatch(LiveSession::isCapturing);
    }

    /** One line that says why the broker does not take segments; null while it does. */
    public @Nullable String problem() {
        return outbox.problem();
    }

    /** Whether a capture has ended though nobody asked for it: a defect. */
    public synchronized boolean hasDied() {
        return !closed && threads.stream().anyMatch(thread -> !thread.isAlive());
    }

    /** Stops capturing, and waits until the broker has all, at most so long; the rest stays in the spool. */
    public void close(Duration limit) {
        List<Thread> capturing;
        synchronized (this) {
            closed = true;
            sessions.forEach(LiveSession::stop);
            capturing = List.copyOf(threads);
        }
        long deadlineNs = System.nanoTime() + STOP_LIMIT.toNanos();
        try {
            for (Thread thread : capturing) {
                thread.join(Math.max(1, (deadlineNs - System.nanoTime()) / 1_000_000));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        watch.close();
        outbox.close(limit);
        cluster.close();
    }

    @Override
    public void close() {
        close(Duration.ZERO);
    }
}
