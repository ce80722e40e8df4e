package flowstate.capture.publish;

import flowstate.program.Program;
import flowstate.schema.SegmentBatch;
import flowstate.schema.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.jspecify.annotations.Nullable;

/**
 * What live capture has to publish, on its way to a broker that may be away, slow or refusing: never makes those who
 * capture wait.
 *
 * <p>Batches wait in a queue in memory, are given to the producer, and are kept until the broker has acknowledged them.
 * Where the broker falls behind, what is not acknowledged and all that follows goes to the spool, and is read back from
 * there in order. A producer that failed is replaced, and what was not acknowledged is sent again: a batch may so arrive
 * twice, which its number tells. What there is no room for is counted as lost; the gap in the numbers tells it to the
 * processor. See decision 13.
 *
 * <p>Thread-safe. One thread of its own does all that may wait: the producer and the spool.
 */
final class Outbox implements AutoCloseable, InFlight.Outcomes {
    /** Octets that wait in memory for the publishing thread. */
    private static final long QUEUE_OCTETS = 32L << 20;

    /** A broker that has not acknowledged for so long is taken for away. */
    private static final long SILENCE_NS = Duration.ofSeconds(2).toNanos();

    private static final long BROKERS_INTERVAL_NS = Duration.ofSeconds(10).toNanos();
    private static final long DISK_PAUSE_NS = Duration.ofSeconds(1).toNanos();
    private static final int AT_ONCE = 512;

    /** While there is work batches gather for so long; to be woken for each would cost more than all else of it. */
    private static final long PAUSE_MS = 10;

    /** While there is none the next batch wakes the thread. */
    private static final long REST_MS = 100;

    private final InFlight inFlight;
    private final @Nullable Spool spool;
    private final Consumer<List<Node>> brokers;
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

    // the publishing thread's
    /** What it has taken out of the queue: older than all that is there. */
    private Deque<Outgoing> taken = new ArrayDeque<>();

    private boolean spooling;
    private boolean spoolIsStuck;
    private long spoolRetryNs;
    private long spoolDropsCounted;
    private long brokersAskedNs = System.nanoTime();

    /** Segments, and batches of them, by what became of them. */
    record Counts(long published, long batches, long lost, long pending, long spooled) {}

    /**
     * An outbox at work.
     *
     * @param producers makes producers; each is used until it fails
     * @param spool of an earlier run, maybe with records; null for none
     * @param brokers is told which brokers there are, now and then
     */
    Outbox(
            Supplier<Producer<byte[], byte[]>> producers,
            @Nullable Spool spool,
            Consumer<List<Node>> brokers,
            Notices notices) {
        this.inFlight = new InFlight(producers, this);
        this.spool = spool;
        this.brokers = brokers;
        this.notices = notices;
        if (spool != null && !spool.isEmpty()) {
            spooling = true;
            pendingSegments = spool.unreadSegments();
            spooledSegments = pendingSegments;
            notices.say(
                    "spool",
                    "segments of an earlier run are in the spool: " + pendingSegments + "; they are published first");
        }
        thread.start();
    }

    /** Takes a batch, without waiting; one for which there is no room is lost, and counted. */
    void offer(int partition, byte @Nullable [] key, SegmentBatch batch) {
        byte[] value = Topics.SEGMENTS.value().serializer().serialize(Topics.SEGMENTS.name(), batch);
        Outgoing record =
                new Outgoing(partition, key, value, batch.getSegments().size());
        synchronized (this) {
            if (queuedOctets + record.octets() > QUEUE_OCTETS || closing) {
                lostSegments += record.segments;
                notices.say("queue", "segments are lost: neither broker nor spool keep up with the capture");
                return;
            }
            queue.add(record);
            queuedOctets += record.octets();
            pendingSegments += record.segments;
            if (resting) {
                resting = false;
                notifyAll();
            }
        }
    }

    synchronized Counts counts() {
        return new Counts(publishedSegments, publishedBatches, lostSegments, pendingSegments, spooledSegments);
    }

    /** One line that says why the broker does not take batches; null while it does. */
    @Nullable
    String problem() {
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
    public synchronized void refused(Outgoing record, Exception why) {
        lose(record.segments);
        notices.say("refused", "a batch was refused for good: " + Program.reason(why));
    }

    @Override
    public void recovered() {
        notices.say("broker-back", "the broker takes segments again");
    }

    private synchronized void lose(long segments) {
        lostSegments += segments;
        pendingSegments -= segments;
    }

    private void work() {
        try {
            while (true) {
                settle();
                if (isDone()) {
                    break;
                }
                if (inFlight.abandonFailed()) {
                    notices.say(
                            "broker",
                            "the broker does not take segments (" + problem() + "); they are kept in "
                                    + (spool == null ? "memory" : "the spool"));
                    startSpooling();
                }
                inFlight.ensureProducer();
                watchForSilence();
                boolean moved = takeIn();
                moved |= sendSpooled();
                askForBrokers();
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
        return closing
                && (queue.isEmpty() && taken.isEmpty() && inFlight.isEmpty() && !spooling
                        || System.nanoTime() - deadlineNs >= 0);
    }

    private synchronized void await() throws InterruptedException {
        resting = queue.isEmpty() && taken.isEmpty() && inFlight.isEmpty() && !spooling && !closing;
        wait(resting ? REST_MS : PAUSE_MS);
        resting = false;
    }

    /** Lets go of what the broker has. */
    private void settle() {
        long number = inFlight.settle();
        if (spool == null) {
            return;
        }
        try {
            if (number != Outgoing.NOT_SPOOLED) {
                spool.acknowledge(number);
            }
            spool.settle();
        } catch (IOException e) {
            notices.say("disk", "the spool cannot be written to: " + Program.reason(e));
        }
        countSpool(spool);
        if (spooling && spool.isEmpty() && inFlight.isEmpty()) {
            spooling = false;
            notices.say("spool-empty", "the broker has all that was in the spool");
        }
    }

    private void countSpool(Spool counted) {
        long dropped = counted.droppedSegments() - spoolDropsCounted;
        spoolDropsCounted += dropped;
        synchronized (this) {
            lose(dropped);
            spooledSegments = counted.unreadSegments();
        }
        if (dropped > 0) {
            notices.say("spool-full", "the spool is full: its oldest segments are lost");
        }
    }

    private void watchForSilence() {
        if (!spooling && inFlight.silenceNs(System.nanoTime()) > SILENCE_NS) {
            notices.say(
                    "broker",
                    "the broker has not acknowledged anything for " + SILENCE_NS / 1_000_000_000
                            + " s; segments are kept in " + (spool == null ? "memory" : "the spool"));
            startSpooling();
        }
    }

    /** From now on everything goes through the spool, what is not acknowledged first. */
    private void startSpooling() {
        if (spool == null || spooling) {
            return;
        }
        try {
            for (Outgoing each : inFlight.records()) {
                if (each.number == Outgoing.NOT_SPOOLED && !spool.append(each)) {
                    break;
                }
            }
            while (spool.read() != null) {
                // they are in memory, too
            }
            spooling = true;
        } catch (IOException e) {
            diskFails(e);
        }
    }

    private void diskFails(IOException e) {
        notices.say(
                "disk",
                "the spool cannot be written to (" + Program.reason(e)
                        + "): segments wait in memory, and are lost when that is full");
        spoolIsStuck = true;
        spoolRetryNs = System.nanoTime() + DISK_PAUSE_NS;
    }

    /** Moves what has been captured to the producer, or to the spool. Returns whether anything moved. */
    private boolean takeIn() {
        if (spoolIsStuck && System.nanoTime() - spoolRetryNs < 0) {
            return false;
        }
        spoolIsStuck = false;
        if (taken.isEmpty()) {
            synchronized (this) {
                Deque<Outgoing> empty = taken;
                taken = queue;
                queue = empty;
            }
        }
        long octets = 0;
        for (int i = 0; i < AT_ONCE && !taken.isEmpty(); i++) {
            if (!spooling && !inFlight.hasRoom()) {
                startSpooling();
                if (!spooling) {
                    break;
                }
            }
            Outgoing next = taken.element();
            if (!spooling) {
                inFlight.add(next);
            } else if (!toSpool(next)) {
                break;
            }
            taken.remove();
            octets += next.octets();
        }
        synchronized (this) {
            queuedOctets -= octets;
        }
        return octets > 0;
    }

    /** Returns false if the disk does not take it now. */
    private boolean toSpool(Outgoing record) {
        try {
            if (!Objects.requireNonNull(spool).append(record)) {
                lose(record.segments);
                notices.say("spool-full", "the spool is full: new segments are lost");
            }
            return true;
        } catch (IOException e) {
            diskFails(e);
            return false;
        }
    }

    private boolean sendSpooled() {
        boolean moved = false;
        for (int i = 0; spooling && i < AT_ONCE && inFlight.hasRoom(); i++) {
            Outgoing next;
            try {
                next = Objects.requireNonNull(spool).read();
            } catch (IOException e) {
                notices.say("disk", "the spool cannot be read: " + Program.reason(e));
                break;
            }
            if (next == null) {
                break;
            }
            moved = true;
            inFlight.add(next);
        }
        return moved;
    }

    /** Brokers may come and go: their traffic with others is none of the capture's business. */
    private void askForBrokers() {
        Producer<byte[], byte[]> producer = inFlight.working();
        if (producer == null || System.nanoTime() - brokersAskedNs < BROKERS_INTERVAL_NS) {
            return;
        }
        brokersAskedNs = System.nanoTime();
        try {
            brokers.accept(producer.partitionsFor(Topics.SEGMENTS.name()).stream()
                    .map(PartitionInfo::leader)
                    .filter(node -> node != null && !node.isEmpty())
                    .distinct()
                    .toList());
        } catch (KafkaException e) {
            // it is asked again
        }
    }

    /** What is left when the time is over goes to the spool, or is lost. */
    private void leave() {
        settle();
        inFlight.close();
        settle();
        startSpooling();
        long left = 0;
        synchronized (this) {
            taken.addAll(queue);
            queue.clear();
        }
        for (Outgoing each : taken) {
            if (!spooling || !toSpool(each)) {
                left += each.segments;
            }
        }
        for (Outgoing each : inFlight.records()) {
            if (!inFlight.isSettled(each) && each.number == Outgoing.NOT_SPOOLED) {
                left += each.segments;
            }
        }
        lose(left);
        if (left > 0) {
            notices.say("left", left + " segments are lost: the broker did not take them before the agent's end");
        }
        if (spool != null) {
            countSpool(spool);
            if (!spool.isEmpty()) {
                notices.say("kept", counts().pending() + " segments stay in the spool for the next run");
            }
            try {
                spool.close();
            } catch (IOException e) {
                notices.say("disk", "the spool cannot be closed: " + Program.reason(e));
            }
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
