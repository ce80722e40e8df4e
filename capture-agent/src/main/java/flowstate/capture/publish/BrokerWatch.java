package flowstate.capture.publish;

import flowstate.program.DaemonThreads;
import flowstate.schema.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.jspecify.annotations.Nullable;

/**
 * Asks now and then which brokers there are: they may come and go, and their traffic with others is none of the capture's
 * business. In a thread of its own, because whoever is told looks their names up, and a resolver may never answer.
 */
final class BrokerWatch implements AutoCloseable {
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(DaemonThreads.named("brokers"));

    /**
     * Begins to ask, for the first time when the interval is over.
     *
     * @param producers has one that works, or null
     * @param brokers is told; what it throws ends the watch
     */
    BrokerWatch(
            Duration interval,
            Supplier<@Nullable Producer<byte[], byte[]>> producers,
            Consumer<Collection<Node>> brokers) {
        long ms = interval.toMillis();
        thread.scheduleWithFixedDelay(() -> ask(producers.get(), brokers), ms, ms, TimeUnit.MILLISECONDS);
    }

    private static void ask(@Nullable Producer<byte[], byte[]> producer, Consumer<Collection<Node>> brokers) {
        if (producer == null) {
            return;
        }
        try {
            brokers.accept(producer.partitionsFor(Topics.SEGMENTS.name()).stream()
                    .map(PartitionInfo::leader)
                    .filter(node -> node != null && !node.isEmpty())
                    .distinct()
                    .toList());
        } catch (KafkaException | IllegalStateException e) {
            // the broker is away, or the producer was given up: it is asked again
        }
    }

    /** Asks no more; does not wait for an answer. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
