package flowstate.topology;

import flowstate.program.KafkaOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;

/**
 * What an instance of the processor is told.
 *
 * @param brokers bootstrap servers, host:port[,host:port]
 * @param applicationId names the group of instances that share the work; also the prefix of internal topics
 * @param applicationServer host:port under which other instances reach this one's HTTP, empty if they do not
 * @param stateDir where the stores lie
 * @param tracker what its tracker goes by
 * @param commitInterval how often results become visible to readers of committed records; at least 10 ms
 * @param threads stream threads, 1..64
 * @param extra Kafka settings that go over all others
 */
public record ProcessorConfig(
        String brokers,
        String applicationId,
        String applicationServer,
        Path stateDir,
        TrackerSettings tracker,
        Duration commitInterval,
        int threads,
        Map<String, String> extra) {
    public static final String DEFAULT_APPLICATION_ID = "flowstate";
    public static final Duration DEFAULT_COMMIT_INTERVAL = Duration.ofSeconds(1);

    private static final int FETCH_BYTES = 8 << 20;
    private static final int PRODUCER_BATCH_BYTES = 256 << 10;
    /** In a poll, and before a partition is polled no more. Of 32 KiB at the most each: one that lags has some 6 MiB on the heap. */
    private static final int RECORDS_AT_ONCE = 100;

    /** Kafka Streams makes topics, a consumer group and a folder of this name. */
    private static final Pattern APPLICATION_ID = Pattern.compile("[a-zA-Z0-9_-][a-zA-Z0-9._-]{0,149}");

    /** What stands before a setting that one of Kafka Streams' clients is to have. */
    private static final Pattern CLIENT_PREFIX =
            Pattern.compile("^((main\\.|restore\\.|global\\.)?consumer|producer|admin)\\.");

    public ProcessorConfig {
        if (brokers.isBlank()) {
            throw new IllegalArgumentException("brokers must be host:port, was empty: there is nothing to connect to");
        }
        if (!APPLICATION_ID.matcher(applicationId).matches()) {
            throw new IllegalArgumentException("an application id is 1 to 150 letters, digits, '.', '_' and '-', was '"
                    + applicationId + "': Kafka's topics are named by it");
        }
        if (threads < 1 || threads > 64) {
            throw new IllegalArgumentException("stream threads must be 1 to 64, was " + threads);
        }
        if (commitInterval.compareTo(Duration.ofMillis(10)) < 0) {
            throw new IllegalArgumentException("the commit interval must be at least 10 ms, was "
                    + commitInterval.toMillis() + " ms: each commit is a transaction");
        }
    }

    /** Whether Kafka Streams has a setting of that name, or one of its clients has it, with its prefix before. */
    static boolean isOfStreams(String name) {
        return StreamsConfig.configDef().configKeys().containsKey(name)
                || name.startsWith(StreamsConfig.TOPIC_PREFIX)
                || KafkaOptions.isOfAClient(CLIENT_PREFIX.matcher(name).replaceFirst(""));
    }

    /** The settings of Kafka Streams. */
    public Properties streamsProperties() {
        Properties p = new Properties();
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        if (!applicationServer.isEmpty()) {
            p.put(StreamsConfig.APPLICATION_SERVER_CONFIG, applicationServer);
        }
        p.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads);
        p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, commitInterval.toMillis());
        p.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        p.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        p.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreSettings.class);
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), RECORDS_AT_ONCE);
        p.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, RECORDS_AT_ONCE);
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), FETCH_BYTES);
        // what agents saw before this application first started is not lost
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        p.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        p.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), PRODUCER_BATCH_BYTES);
        p.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 20);
        extra.forEach(p::put);
        return p;
    }
}
