package flowstate.capture.publish;

import flowstate.program.DaemonThreads;
import flowstate.program.KafkaCluster;
import flowstate.program.NoBrokerException;
import flowstate.program.Program;
import flowstate.schema.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.IntConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The brokers of live capture, which may answer only long after it has begun. Thread-safe. */
final class Cluster implements AutoCloseable {
    private static final long METADATA_LIMIT_MS = 5_000;
    private static final int REQUEST_LIMIT_MS = 10_000;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final PublisherConfig config;
    private final Map<String, Object> settings;
    private final Notices notices;
    private volatile boolean closed;
    private volatile Thread waiting = new Thread(() -> {}, "connect");

    Cluster(PublisherConfig config, Notices notices) {
        this.config = config;
        this.notices = notices;
        this.settings = SegmentPublisher.producerSettings(config);
        // the outbox keeps what is not acknowledged, and never gives it up as long as the broker may come back
        settings.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
        settings.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, METADATA_LIMIT_MS);
        settings.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_LIMIT_MS);
    }

    Producer<byte[], byte[]> producer() {
        ByteArraySerializer octets = new ByteArraySerializer();
        return new KafkaProducer<>(settings, octets, octets);
    }

    /**
     * How many partitions the topic has, as soon as a broker answers and all topics are there.
     *
     * @throws NoBrokerException if that takes longer than {@code limit}
     * @throws IOException if the cluster refuses, or a setting is wrong
     */
    int partitions(Duration limit) throws IOException, InterruptedException {
        KafkaCluster cluster = config.cluster().within(limit);
        SegmentPublisher.awaitTopics(config, cluster);
        try (Producer<byte[], byte[]> first = producer()) {
            return first.partitionsFor(Topics.SEGMENTS.name()).size();
        } catch (KafkaException e) {
            throw cluster.cannotSetUp(e);
        }
    }

    /** Asks for the partitions until there is an answer, however long it takes, in a thread of its own. */
    void await(IntConsumer partitions) {
        waiting = DaemonThreads.start("connect", () -> ask(partitions));
    }

    private void ask(IntConsumer partitions) {
        try {
            while (!closed) {
                try {
                    partitions.accept(partitions(config.cluster().connectLimit()));
                    notices.say("broker-there", "there is a broker: what was captured meanwhile is published now");
                    return;
                } catch (NoBrokerException e) {
                    notices.say("broker", "no broker yet (" + Program.oneLine(e.getMessage()) + "); it is asked again");
                } catch (IOException e) {
                    notices.say("broker", Program.oneLine(e.getMessage()) + "; it is asked again");
                }
                Thread.sleep(PAUSE.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks no more. */
    @Override
    public void close() {
        closed = true;
        waiting.interrupt();
    }
}
