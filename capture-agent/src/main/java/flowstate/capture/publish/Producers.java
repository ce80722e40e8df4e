package flowstate.capture.publish;

import flowstate.program.DaemonThreads;
import flowstate.schema.Topics;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;

/**
 * Makes producers and lets go of them, one after the other, in a thread of its own: both may wait for a resolver or a
 * broker that never answers, and whoever publishes must not. Thread-safe.
 */
final class Producers {
    private final Supplier<Producer<byte[], byte[]>> make;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(DaemonThreads.named("producers"));

    Producers(Supplier<Producer<byte[], byte[]>> make) {
        this.make = make;
    }

    /** Makes one that knows the topic, so that sending does not wait; after all that were given up before are gone. */
    Future<Producer<byte[], byte[]>> next() {
        return CompletableFuture.supplyAsync(this::make, thread);
    }

    private Producer<byte[], byte[]> make() {
        Producer<byte[], byte[]> producer = make.get();
        try {
            producer.partitionsFor(Topics.SEGMENTS.name());
            return producer;
        } catch (KafkaException e) {
            producer.close(Duration.ZERO);
            throw e;
        }
    }

    /** Lets go of a producer, and of what it has not delivered. */
    void giveUp(Producer<byte[], byte[]> producer) {
        thread.execute(() -> producer.close(Duration.ZERO));
    }

    /** Ends when what was given up is gone, at most so long. */
    void close(Duration limit) {
        thread.shutdown();
        try {
            thread.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
