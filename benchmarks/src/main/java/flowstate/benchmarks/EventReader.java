package flowstate.benchmarks;

import flowstate.schema.Cause;
import flowstate.schema.EpochNanos;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads lifecycle events as a user's program does, committed records only, and keeps what they tell and how long after
 * their segment they could be read. A thread of its own, until it is closed.
 */
final class EventReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread = new Thread(this::read, "reader");
    private final Truth.Told told = new Truth.Told();
    /** Microseconds; from the time that a segment has, to the return of the poll that brought the event. */
    private final Histogram latency = new Histogram(3);

    private long latencyFromNs = Long.MAX_VALUE;
    private long latencyToNs = Long.MAX_VALUE;
    private long lastNs;
    private volatile boolean closed;
    private volatile @Nullable RuntimeException failure;

    EventReader(String servers, int partitions) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> all = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            all.add(new TopicPartition(Topics.LIFECYCLE.name(), i));
        }
        consumer.assign(all);
        consumer.seekToBeginning(all);
        thread.setDaemon(true);
        thread.start();
    }

    private void read() {
        try (consumer) {
            while (!closed) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                take(records, EpochNanos.now());
            }
            consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
        } catch (KafkaException e) {
            failure = e;
        }
    }

    private synchronized void take(ConsumerRecords<byte[], byte[]> records, long nowNs) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
            LifecycleEvent event = Topics.LIFECYCLE.value().deserializer().deserialize(record.topic(), record.value());
            told.events++;
            if (event.getCause() == Cause.SEGMENT && event.getAt() >= latencyFromNs && event.getAt() < latencyToNs) {
                latency.recordValue(Math.max(0, (nowNs - event.getAt()) / 1_000));
            }
            if (event.getFinal$()) {
                lastNs = nowNs;
                told.connections++;
                told.payload +=
                        event.getOriginator().getBytes() + event.getResponder().getBytes();
                Close close = Close.of(event);
                if (close != null) {
                    told.closed[close.ordinal()]++;
                }
            }
        }
    }

    /** Has the latencies of events with a time in a span counted, nanoseconds since 1970. */
    synchronized void countLatency(long fromNs, long toNs) {
        latencyFromNs = fromNs;
        latencyToNs = toNs;
    }

    synchronized Histogram latency() {
        return latency.copy();
    }

    synchronized long events() {
        return told.events;
    }

    /**
     * Waits until all connections of a capture have ended, and checks what was told.
     *
     * @return when the last was read, nanoseconds since 1970
     * @throws WrongResultException if that does not come within the limit, or is not true
     */
    long await(Truth truth, Duration limit) throws InterruptedException, WrongResultException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            RuntimeException failed = failure;
            if (failed != null) {
                throw new WrongResultException("events could not be read: " + failed.getMessage());
            }
            synchronized (this) {
                if (told.connections >= truth.connections()) {
                    truth.check(told);
                    return lastNs;
                }
                if (System.nanoTime() > deadline) {
                    throw new WrongResultException("not all connections ended within " + limit.toSeconds() + " s: "
                            + told + ", expected " + truth);
                }
            }
            Thread.sleep(10);
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
