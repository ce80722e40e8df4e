package flowstate.capture.publish;

import flowstate.program.Program;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;

/**
 * What live capture has to publish, on its way to a broker that may be away, slow or refusing, or has never answered yet:
 * never makes those who capture wait.
 *
 * <p>Batches wait in a queue in memory, are given to the producer, and are kept until the broker has acknowledged them.
 * Where the broker falls behind, what is not acknowledged and all that follows goes to the spool, and is read back from
 * there in order. A producer that failed is replaced, and what was not acknowledged is sent again: a batch may so arrive
 * twice, which its number tells. What there is no room for is counted as lost; the gap in the numbers tells it to the
 * processor. Before {@link #connected} nothing is sent. See decision 13.
 *
 * <p>Thread-safe. One thread of its own does all that may wait: the producer and the spool.
 */
final class Outbox implements AutoCloseable, BatchSink, InFlight.Outcomes, Backlog.Losses {
    /** Octets that wait in memory for the publishing thread. */
    private static final long QUEUE_OCTETS = 32L << 20;

    /** A broker that has not acknowledged for so long is taken for away. */
    private static final long SILENCE_NS = Duration.ofSeconds(2).toNanos();

    private static final int AT_ONCE = 512;

    /** So much wakes the publishing thread without a {@link #pause()}. */
    private static final long MUCH_OCTETS = 1L << 20;

    /** What cannot go on is tried again after so long. */
    private static final long RETRY_MS = 10;

    /** Where nothing waits it is looked after so long what has become of what is under way. */
    private static final long REST_MS = 100;

    private final InFlight inFlight;
    private final Notices notices;
    private final Thread thread = new Thread(this::work, "publish");

    // guarded by this
    private Deque<Outgoing> queue = new ArrayDeque<>();
    private long queuedOctets;
    private boolean resting;
    private long pendingSegments;
    private long publishedSegments;
    private long publishedBatches;
    private long lostSegments;
    private long spooledSegments;
    private boolean closing;
    private long deadlineNs;

    /** Of the topic; 0 until a broker has said it. */
    private volatile int partitions;

    // the publishing thread's
    private final Backlog backlog;
    private @Nullable Routing routing;

    /** What it has taken out of the queue: older than all that is there. */
    private Deque<Outgoing> taken = new ArrayDeque<>();

    /** What the batch that was taken last became when it was routed: older than all that is taken. */
    private final Deque<Outgoing> routed = new ArrayDeque<>();

    /** Of what has gone on, and is still counted in {@link #queuedOctets}. */
    private long takenOctets;

    /** Segments, and batches of them, by what became of them. */
    record Counts(long published, long batches, long lost, long pending, long spooled) {}

    /**
     * An outbox at work.
     *
     * @param producers makes producers; each is used until it fails
     * @param spool of an earlier run, maybe with records; null for none
     * @param partitions of the topic; 0 if no broker has said that yet: see {@link #connected}
     */
    Outbox(Supplier<Producer<byte[], byte[]>> producers, @Nullable Spool spool, int partitions, Notices notices) {
        this.partitions = partitions;
        this.inFlight = new InFlight(producers, this);
        this.backlog = new Backlog(spool, this, notices);
        this.notices = notices;
        if (spool != null && !spool.isEmpty()) {
            pendingSegments = spool.unreadSegments();
            spooledSegments = pendingSegments;
            notices.say(
                    "spool",
                    "segments of an earlier run are in the spool: " + pendingSegments + "; they are published first");
        }
        thread.start();
    }

    /** There is a broker, and the topic has so many partitions: batches may leave. */
    void connected(int ofTopic) {
        partitions = ofTopic;
    }

    /**
     * Takes an encoded batch, without waiting; one for which there is no room is lost, and counted. It goes when more has
     * come or with the next {@link #pause()}: to wake the publishing thread for each would cost more than all else of it.
     *
     * @param partition {@link Outgoing#UNROUTED} if its number is one in the line of all batches of its session
     * @param segments how many it holds
     */
    @Override
    public void accept(int partition, byte[] batch, int segments) {
        Outgoing record = new Outgoing(partition, batch, segments);
        synchronized (this) {
            if (queuedOctets + record.octets() > QUEUE_OCTETS || closing) {
                lostSegments += record.segments;
                notices.say("queue", "segments are lost: neither broker nor spool keep up with the capture");
                return;
            }
            queue.add(record);
            queuedOctets += record.octets();
            pendingSegments += record.segments;
            if (queuedOctets >= MUCH_OCTETS) {
                wake();
            }
        }
    }

    @Override
    public synchronized void pause() {
        if (!queue.isEmpty()) {
            wake();
        }
    }

    private synchronized void wake() {
        if (resting) {
            resting = false;
            notifyAll();
        }
    }

    /** The same for batches that count in one line, from which they come to their partitions later. */
    BatchSink unrouted() {
        return new BatchSink() {
            @Override
            public void accept(int partition, byte[] batch, int segments) {
                Outbox.this.accept(Outgoing.UNROUTED, batch, segments);
            }

            @Override
            public void pause() {
                Outbox.this.pause();
            }
        };
    }

    synchronized Counts counts() {
        return new Counts(publishedSegments, publishedBatches, lostSegments, pendingSegments, spooledSegments);
    }

    /** A producer, to ask about the cluster; null while there is none that works. */
    @Nullable
    Producer<byte[], byte[]> producer() {
        return inFlight.working();
    }

    /** One line that says why the broker does not take batches; null while it does. */
    @Nullable
    String problem() {
        if (partitions == 0) {
            return "no broker has answered yet";
        }
        Exception reason = inFlight.failure();
        return reason == null ? null : Program.reason(reason);
    }

    @Override
    public synchronized void published(Outgoing record) {
        pendingSegments -= record.segments;
        publishedSegments += record.segments;
        publishedBatches += record.segments > 0 ? 1 : 0;
    }

    @Override
    public void refused(Outgoing record, Exception why) {
        lost(record.segments);
        notices.say("refused", "a batch was refused for good: " + Program.reason(why));
    }

    @Override
    public void recovered() {
        notices.say("broker-back", "the broker takes segments again");
    }

    @Override
    public synchronized void lost(long segments) {
        lostSegments += segments;
        pendingSegments -= segments;
    }

    @Override
    public synchronized void spooled(long segments) {
        spooledSegments = segments;
    }

    private void work() {
        try {
            while (true) {
                backlog.settle(inFlight.settle());
                if (isDone()) {
                    break;
                }
                watchTheBroker();
                boolean moved = takeIn();
                moved |= sendBacklog();
                if (!moved) {
                    await();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            leave();
        }
    }

    private synchronized boolean isDone() {
        // where no broker has ever answered none will within the time
        return closing && (partitions == 0 || isEmpty() || System.nanoTime() - deadlineNs >= 0);
    }

    private boolean isEmpty() {
        return queue.isEmpty() && taken.isEmpty() && routed.isEmpty() && inFlight.isEmpty() && !backlog.isOpen();
    }

    private synchronized void await() throws InterruptedException {
        boolean nothingWaits = queue.isEmpty() && taken.isEmpty() && routed.isEmpty() && !backlog.isOpen();
        resting = nothingWaits && !closing && inFlight.working() != null;
        wait(resting ? REST_MS : RETRY_MS);
        resting = false;
    }

    private void watchTheBroker() throws InterruptedException {
        if (inFlight.abandonFailed()) {
            notices.say(
                    "broker",
                    "the broker does not take segments (" + problem() + "); they are kept in " + backlog.place());
            backlog.begin(inFlight.records());
        }
        if (partitions == 0) {
            backlog.begin(inFlight.records());
            return;
        }
        if (routing == null) {
            routing = new Routing(partitions);
        }
        inFlight.ensureProducer();
        if (!backlog.isOpen() && inFlight.silenceNs(System.nanoTime()) > SILENCE_NS) {
            notices.say(
                    "broker",
                    "the broker has not acknowledged anything for " + SILENCE_NS / 1_000_000_000
                            + " s; segments are kept in " + backlog.place());
            backlog.begin(inFlight.records());
        }
    }

    /** Moves what has been captured to the producer, or to the spool. Returns whether anything moved. */
    private boolean takeIn() {
        if (backlog.isStuck()) {
            return false;
        }
        if (taken.isEmpty()) {
            synchronized (this) {
                Deque<Outgoing> empty = taken;
                taken = queue;
                queue = empty;
            }
        }
        int moved = 0;
        for (; moved < AT_ONCE; moved++) {
            if (!backlog.isOpen() && !inFlight.hasRoom()) {
                if (inFlight.awaitsProducerNs(System.nanoTime()) < SILENCE_NS) {
                    break;
                }
                backlog.begin(inFlight.records());
                if (!backlog.isOpen()) {
                    break;
                }
            }
            Outgoing next = next();
            if (next == null) {
                break;
            }
            if (!backlog.isOpen()) {
                inFlight.add(next);
            } else if (!backlog.append(next)) {
                break;
            }
            remove();
        }
        synchronized (this) {
            queuedOctets -= takenOctets;
        }
        takenOctets = 0;
        return moved > 0;
    }

    /** The next to go on, with its partition if that can be known. */
    private @Nullable Outgoing next() {
        Outgoing next = routed.isEmpty() ? taken.peek() : routed.peek();
        if (next == null || next.partition != Outgoing.UNROUTED || routing == null || !backlog.isRouted()) {
            return next;
        }
        routed.addAll(routing.route(next));
        removeTaken();
        return routed.peek();
    }

    private void remove() {
        if (routed.poll() == null) {
            removeTaken();
        }
    }

    private void removeTaken() {
        takenOctets += taken.remove().octets();
    }

    private boolean sendBacklog() {
        boolean moved = false;
        for (int i = 0; i < AT_ONCE && inFlight.hasRoom(); i++) {
            Outgoing next = backlog.next();
            if (next == null) {
                break;
            }
            moved = true;
            if (next.partition == Outgoing.UNROUTED) {
                // a producer is there: so its partitions are known
                Objects.requireNonNull(routing).route(next).forEach(inFlight::add);
            } else {
                inFlight.add(next);
            }
        }
        return moved;
    }

    /** What is left when the time is over goes to the spool, or is lost. */
    private void leave() {
        backlog.settle(inFlight.settle());
        inFlight.close();
        backlog.settle(inFlight.settle());
        backlog.begin(inFlight.records());
        long left = 0;
        synchronized (this) {
            taken.addAll(queue);
            queue.clear();
        }
        for (Outgoing each = next(); each != null; each = next()) {
            if (!backlog.isOpen() || !backlog.append(each)) {
                left += each.segments;
            }
            remove();
        }
        for (Outgoing each : inFlight.records()) {
            if (!inFlight.isSettled(each) && each.number == Outgoing.NOT_SPOOLED) {
                left += each.segments;
            }
        }
        lost(left);
        if (left > 0) {
            notices.say("left", left + " segments are lost: the broker did not take them before the agent's end");
        }
        if (!backlog.isEmpty()) {
            backlog.close();
            notices.say("kept", counts().pending() + " segments stay in the spool for the next run");
        } else {
            backlog.close();
        }
    }

    /** Waits until the broker has everything, at most so long; the rest stays in the spool, or is lost without one. */
    void close(Duration limit) {
        synchronized (this) {
            if (!closing) {
                closing = true;
                deadlineNs = System.nanoTime() + limit.toNanos();
            }
            notifyAll();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        close(Duration.ZERO);
    }
}
