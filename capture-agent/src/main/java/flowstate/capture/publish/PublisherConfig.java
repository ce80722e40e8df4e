package flowstate.capture.publish;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/**
 * How an agent publishes; checked when built.
 *
 * @param brokers Kafka bootstrap servers, host:port, separated by commas
 * @param agent this agent's id, unique among the agents of a cluster; scopes loopback and link-local connections
 * @param network name of the network, empty where addresses do not overlap; scopes all other connections
 * @param createTopics whether to make the topics that do not exist
 * @param partitions partitions of each topic that is made
 * @param connectLimit how long to wait for brokers and topics at the start
 * @param batchSegments segments of one connection in one batch, at most
 * @param linger how long a batch is open, at most, by the capture's clock
 * @param openBatches batches that are open at one time, at most; beyond it the oldest leaves early. Each holds up to
 *     {@code batchSegments} segments of some 200 octets.
 * @param progressInterval how far the capture's clock goes between two progress records of a partition
 * @param kafka settings of the Kafka clients, passed through; they win over the agent's own defaults
 */
public record PublisherConfig(
        String brokers,
        String agent,
        String network,
        boolean createTopics,
        int partitions,
        Duration connectLimit,
        int batchSegments,
        Duration linger,
        int openBatches,
        Duration progressInterval,
        Map<String, String> kafka) {

    public static final int DEFAULT_PARTITIONS = 12;
    public static final int DEFAULT_CONNECT_LIMIT_SECONDS = 15;
    static final int DEFAULT_BATCH_SEGMENTS = 16;
    static final Duration DEFAULT_LINGER = Duration.ofMillis(50);
    static final int DEFAULT_OPEN_BATCHES = 65_536;
    static final Duration DEFAULT_PROGRESS_INTERVAL = Duration.ofSeconds(1);
    private static final int LONGEST_NAME = 255;

    /**
     * Checks each value.
     *
     * @throws IllegalArgumentException with the rule, the value and the consequence in one line
     */
    public PublisherConfig {
        require(!brokers.isBlank(), "brokers must be host:port, was empty: there is nowhere to publish to");
        require(
                !agent.isBlank(),
                "agent id must not be empty: connections of different hosts' loopback interfaces would be mixed up");
        requireShort("agent id", agent);
        requireShort("network name", network);
        require(partitions >= 1, "partitions must be at least 1, was %d: topics could not be made", partitions);
        requirePositive("connect limit", connectLimit, "no broker could answer in time");
        require(
                batchSegments >= 1 && batchSegments <= 1024,
                "segments in a batch must be 1..1024, was %d: a record could outgrow what brokers take",
                batchSegments);
        requirePositive("linger", linger, "no batch could hold two segments");
        require(openBatches >= 1, "open batches must be at least 1, was %d: no segment could be held", openBatches);
        requirePositive("progress interval", progressInterval, "each packet would cost a record on each partition");
        kafka = Map.copyOf(kafka);
    }

    /** All defaults: no network name, topics are made. */
    public static PublisherConfig of(String brokers, String agent) {
        return new PublisherConfig(
                brokers,
                agent,
                "",
                true,
                DEFAULT_PARTITIONS,
                Duration.ofSeconds(DEFAULT_CONNECT_LIMIT_SECONDS),
                DEFAULT_BATCH_SEGMENTS,
                DEFAULT_LINGER,
                DEFAULT_OPEN_BATCHES,
                DEFAULT_PROGRESS_INTERVAL,
                Map.of());
    }

    public PublisherConfig withNetwork(String name) {
        return new PublisherConfig(
                brokers,
                agent,
                name,
                createTopics,
                partitions,
                connectLimit,
                batchSegments,
                linger,
                openBatches,
                progressInterval,
                kafka);
    }

    public PublisherConfig withTopics(boolean create, int partitionsOfNew) {
        return new PublisherConfig(
                brokers,
                agent,
                network,
                create,
                partitionsOfNew,
                connectLimit,
                batchSegments,
                linger,
                openBatches,
                progressInterval,
                kafka);
    }

    public PublisherConfig withConnectLimit(Duration limit) {
        return new PublisherConfig(
                brokers,
                agent,
                network,
                createTopics,
                partitions,
                limit,
                batchSegments,
                linger,
                openBatches,
                progressInterval,
                kafka);
    }

    public PublisherConfig withBatching(int segments, Duration lingerOfEach, int open) {
        return new PublisherConfig(
                brokers,
                agent,
                network,
                createTopics,
                partitions,
                connectLimit,
                segments,
                lingerOfEach,
                open,
                progressInterval,
                kafka);
    }

    public PublisherConfig withProgressInterval(Duration interval) {
        return new PublisherConfig(
                brokers,
                agent,
                network,
                createTopics,
                partitions,
                connectLimit,
                batchSegments,
                linger,
                openBatches,
                interval,
                kafka);
    }

    public PublisherConfig withKafka(Map<String, String> settings) {
        return new PublisherConfig(
                brokers,
                agent,
                network,
                createTopics,
                partitions,
                connectLimit,
                batchSegments,
                linger,
                openBatches,
                progressInterval,
                settings);
    }

    private static void require(boolean holds, String message, Object... values) {
        if (!holds) {
            throw new IllegalArgumentException(String.format(message, values));
        }
    }

    private static void requireShort(String what, String name) {
        int octets = name.getBytes(StandardCharsets.UTF_8).length;
        require(
                octets <= LONGEST_NAME,
                "%s must have at most %d octets in UTF-8, has %d: it is part of every key and record",
                what,
                LONGEST_NAME,
                octets);
    }

    private static void requirePositive(String what, Duration duration, String consequence) {
        require(
                !duration.isNegative() && !duration.isZero(),
                "%s must be above zero, was %s: %s",
                what,
                duration,
                consequence);
    }
}
