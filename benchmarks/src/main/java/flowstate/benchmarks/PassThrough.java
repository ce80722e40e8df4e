package flowstate.benchmarks;

import flowstate.schema.Topics;
import flowstate.topology.ProcessorConfig;
import flowstate.topology.TrackerSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * A program: Kafka Streams with the processor's settings, which copies flowstate.segments to another topic and does
 * nothing else; what any processor costs at least. Arguments: servers, topic to write to, folder, threads, records to copy.
 * Prints how long they took, from the first to the last commit, and their size.
 */
final class PassThrough {
    private static final int LIMIT_MINUTES = 5;

    private final AtomicLong left;
    private final AtomicLong octets = new AtomicLong();
    private final AtomicLong firstNs = new AtomicLong();
    private final CountDownLatch done = new CountDownLatch(1);

    private PassThrough(long records) {
        this.left = new AtomicLong(records);
    }

    public static void main(String[] args) throws InterruptedException {
        System.exit(
                new PassThrough(Long.parseLong(args[4]))
                                .run(args[0], args[1], Path.of(args[2]), Integer.parseInt(args[3]))
                        ? 0
                        : 1);
    }

    private boolean run(String servers, String topic, Path folder, int threads) throws InterruptedException {
        Topology topology = new Topology()
                .addSource("in", new ByteArrayDeserializer(), new ByteArrayDeserializer(), Topics.SEGMENTS.name())
                .addProcessor("copy", Copy::new, "in")
                .addSink("out", topic, new ByteArraySerializer(), new ByteArraySerializer(), "copy");
        ProcessorConfig config = new ProcessorConfig(
                servers,
                "pass-through",
                "",
                folder,
                TrackerSettings.DEFAULT,
                ProcessorConfig.DEFAULT_COMMIT_INTERVAL,
                threads,
                Map.of());
        boolean all;
        try (KafkaStreams streams = new KafkaStreams(topology, config.streamsProperties())) {
            streams.start();
            all = done.await(LIMIT_MINUTES, TimeUnit.MINUTES);
            // commits what has been copied
            streams.close(Duration.ofSeconds(30));
        }
        System.out.println(Text.of("%.3f s %d octets", (System.nanoTime() - firstNs.get()) / 1e9, octets.get()));
        return all;
    }

    private final class Copy extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
        @Override
        public void process(Record<byte[], byte[]> record) {
            firstNs.compareAndSet(0, System.nanoTime());
            octets.addAndGet(record.value().length);
            context().forward(record);
            if (left.decrementAndGet() == 0) {
                done.countDown();
            }
        }
    }
}
