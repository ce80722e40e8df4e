package flowstate.capture.publish;

import flowstate.schema.Topics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * The batches that Kafka's producer has, and the broker has not acknowledged; and the producer, which is replaced after a
 * failure, and then given all of them again, in order. Used by one thread; the producer's own threads report to it.
 */
final class InFlight {
    /** Octets that the producer may hold. */
    private static final long MOST_OCTETS = 16L << 20;

    private static final long FIRST_PAUSE_MS = 250;
    private static final long LONGEST_PAUSE_MS = 10_000;

    /** At the end, for what a producer that works has under way no more. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

    private final Producers producers;
    private final Outcomes outcomes;
    private final Deque<Outgoing> records = new ArrayDeque<>();
    private long octets;
    private @Nullable Future<Producer<byte[], byte[]>> coming;
    private long comingNs;
    private volatile @Nullable Producer<byte[], byte[]> producer;
    private volatile long pauseMs = FIRST_PAUSE_MS;
    private long resumeNs = System.nanoTime();

    /** Guarded by this, as whether each record is settled. */
    private boolean failed;

    private @Nullable Exception failure;

    /** Is told what becomes of batches, by any thread. */
    interface Outcomes {
        void published(Outgoing record);

        /** The broker will never take it. */
        void refused(Outgoing record, Exception why);

        /** The broker takes batches again after {@link #failure}. */
        void recovered();
    }

    InFlight(Supplier<Producer<byte[], byte[]>> producers, Outcomes outcomes) {
        this.producers = new Producers(producers);
        this.outcomes = outcomes;
    }

    /** Whether another batch may be added now. */
    boolean hasRoom() {
        return octets < MOST_OCTETS && producer != null && !hasFailed();
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    /** What is under way, oldest first; some may be settled already. */
    Iterable<Outgoing> records() {
        return records;
    }

    /** How long the oldest has been under way; 0 if none is, or the producer is away. */
    long silenceNs(long nowNs) {
        Outgoing oldest = records.peek();
        return oldest == null || producer == null ? 0 : nowNs - oldest.sentNs;
    }

    /** The producer, to ask about the cluster, by any thread; null while there is none that works. */
    @Nullable
    Producer<byte[], byte[]> working() {
        return failure() == null ? producer : null;
    }

    /** How long a producer has been in the making; no bound where none is, or there is one, or the last has failed. */
    long awaitsProducerNs(long nowNs) {
        return coming == null || failure() != null ? Long.MAX_VALUE : nowNs - comingNs;
    }

    /** Adds a batch, and sends it. */
    void add(Outgoing record) {
        records.add(record);
        octets += record.octets();
        send(record);
    }

    /** Forgets what is settled; returns the number in the spool up to which all is, or {@link Outgoing#NOT_SPOOLED}. */
    long settle() {
        long number = Outgoing.NOT_SPOOLED;
        for (Outgoing first = records.peek(); first != null && isSettled(first); first = records.peek()) {
            records.remove();
            octets -= first.octets();
            number = Math.max(number, first.number);
        }
        return number;
    }

    synchronized boolean isSettled(Outgoing record) {
        return record.acknowledged;
    }

    /** Why the broker does not take batches; null while it does. */
    synchronized @Nullable Exception failure() {
        return failure;
    }

    private synchronized boolean hasFailed() {
        return failed;
    }

    private synchronized void fail(Exception e) {
        failed = true;
        failure = e;
    }

    /** Gives up a producer that failed. Returns whether there was one. */
    boolean abandonFailed() {
        if (!hasFailed()) {
            return false;
        }
        giveUp();
        resumeNs = System.nanoTime() + pauseMs * 1_000_000;
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
        return true;
    }

    private void giveUp() {
        Producer<byte[], byte[]> old = producer;
        producer = null;
        if (old != null) {
            producers.giveUp(old);
        }
        synchronized (this) {
            failed = false;
        }
    }

    /** Sees to it that there is a producer, once the pause after a failure is over; does not wait for it. */
    void ensureProducer() throws InterruptedException {
        if (producer != null || System.nanoTime() - resumeNs < 0) {
            return;
        }
        if (coming == null) {
            coming = producers.next();
            comingNs = System.nanoTime();
        }
        if (!coming.isDone()) {
            return;
        }
        try {
            producer = coming.get();
        } catch (ExecutionException e) {
            fail(e.getCause() instanceof KafkaException reason ? reason : e);
            return;
        } finally {
            coming = null;
        }
        for (Outgoing each : records) {
            if (!isSettled(each)) {
                send(each);
            }
            if (hasFailed()) {
                return;
            }
        }
    }

    private void send(Outgoing record) {
        Producer<byte[], byte[]> by = Objects.requireNonNull(producer);
        try {
            record.sentNs = System.nanoTime();
            by.send(
                    new ProducerRecord<>(Topics.SEGMENTS.name(), record.partition, null, record.value),
                    (metadata, e) -> settled(record, by, e));
        } catch (KafkaException | IllegalStateException e) {
            fail(e);
        }
    }

    /**
     * What became of a record; may be told twice, by a producer that was given up and by its successor. That one which was
     * given up has not delivered it says nothing.
     */
    private void settled(Outgoing record, Producer<byte[], byte[]> by, @Nullable Exception e) {
        boolean refused = e instanceof RecordTooLargeException;
        boolean recovered;
        synchronized (this) {
            if (record.acknowledged) {
                return;
            }
            if (e != null && !refused) {
                if (by == producer) {
                    fail(e);
                }
                return;
            }
            record.acknowledged = true;
            recovered = failure != null && !failed && !refused;
            if (recovered) {
                failure = null;
            }
        }
        if (refused) {
            outcomes.refused(record, Objects.requireNonNull(e));
            return;
        }
        pauseMs = FIRST_PAUSE_MS;
        outcomes.published(record);
        if (recovered) {
            outcomes.recovered();
        }
    }

    /** Lets go of the producer for good; what it has not delivered stays here. */
    void close() {
        giveUp();
        producers.close(CLOSE_LIMIT);
    }
}
