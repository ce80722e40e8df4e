package flowstate.program;

import flowstate.schema.Topics;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.utils.Utils;

/**
 * The Kafka that a program works with; checked when built.
 *
 * @param brokers bootstrap servers, host:port, separated by commas
 * @param settings of the Kafka clients, passed through; they win over the program's own defaults
 * @param createTopics whether to make the topics that do not exist
 * @param partitions partitions of each topic that is made
 * @param replicationFactor copies of each partition that is made, or {@link #REPLICATION_OF_BROKERS}
 * @param connectLimit how long to wait for brokers and topics at the start
 */
public record KafkaCluster(
        String brokers,
        Map<String, String> settings,
        boolean createTopics,
        int partitions,
        short replicationFactor,
        Duration connectLimit) {

    /** Stands for the brokers' own default. */
    static final short REPLICATION_OF_BROKERS = -1;

    private static final int HIGHEST_PORT = 65_535;
    private static final Duration DEFAULT_CONNECT_LIMIT = Duration.ofSeconds(15);

    /**
     * Checks each value.
     *
     * @throws IllegalArgumentException with the rule, the value and the consequence in one line
     */
    public KafkaCluster {
        if (brokers.isBlank()) {
            throw new IllegalArgumentException("brokers must be host:port, was empty: there is nothing to connect to");
        }
        for (String broker : each(brokers)) {
            if (!hasPort(broker)) {
                throw new IllegalArgumentException("brokers must be host:port, was " + broker
                        + ": there is nothing to connect to (Kafka's usual port is 9092)");
            }
        }
        if (partitions < 1) {
            throw new IllegalArgumentException(
                    "partitions must be at least 1, was " + partitions + ": topics could not be made");
        }
        if (replicationFactor < 1 && replicationFactor != REPLICATION_OF_BROKERS) {
            throw new IllegalArgumentException("the replication factor must be at least 1, was " + replicationFactor
                    + ": topics could not be made");
        }
        if (connectLimit.isNegative() || connectLimit.isZero()) {
            throw new IllegalArgumentException(
                    "the connect limit must be above zero, was " + connectLimit + ": no broker could answer in time");
        }
        settings = Map.copyOf(settings);
    }

    private static boolean hasPort(String broker) {
        try {
            Integer port = Utils.getPort(broker);
            return port != null && port <= HIGHEST_PORT;
        } catch (NumberFormatException e) {
            // more digits than a number has
            return false;
        }
    }

    /** A cluster whose topics are there, with defaults for all else. */
    public static KafkaCluster at(String brokers, Map<String, String> settings) {
        return new KafkaCluster(
                brokers, settings, false, Topics.DEFAULT_PARTITIONS, REPLICATION_OF_BROKERS, DEFAULT_CONNECT_LIMIT);
    }

    /** The same with another limit. */
    public KafkaCluster within(Duration limit) {
        return new KafkaCluster(brokers, settings, createTopics, partitions, replicationFactor, limit);
    }

    /**
     * Waits until a broker answers and the topics are there, which are made if that is wanted.
     *
     * @param clientSettings of the admin client; limits and brokers are added
     * @param topics which must exist; all three are made
     * @throws NoBrokerException if that does not come to pass within the limit, or no broker's name is known
     * @throws IOException if the cluster refuses, or a setting is wrong; the message is one line
     *     for a person, with what to do
     */
    public void await(Map<String, Object> clientSettings, List<String> topics)
            throws IOException, InterruptedException {
        Admin admin;
        try {
            admin = Admin.create(adminSettings(clientSettings));
        } catch (KafkaException e) {
            throw cannotSetUp(e);
        }
        try {
            awaitBroker(admin);
            awaitTopics(admin, topics);
        } finally {
            admin.close(Duration.ZERO);
        }
    }

    /** What to throw when a Kafka client cannot be made. */
    public IOException cannotSetUp(KafkaException e) {
        String message = "cannot set up the Kafka client for " + brokers + ": " + Program.reason(e)
                + "; check the address and the settings";
        return areNamesUnknown() ? new NoBrokerException(message, e) : new IOException(message, e);
    }

    /** Whether they are addresses, but nobody can say whose: so it is where the network, or DNS, is not up yet. */
    private boolean areNamesUnknown() {
        return each(brokers).stream()
                .allMatch(broker -> new InetSocketAddress(Utils.getHost(broker), Utils.getPort(broker)).isUnresolved());
    }

    private static List<String> each(String brokers) {
        return Stream.of(brokers.split(","))
                .map(String::strip)
                .filter(broker -> !broker.isEmpty())
                .toList();
    }

    private Map<String, Object> adminSettings(Map<String, Object> clientSettings) {
        int limitMs = (int) Math.max(1, Math.min(connectLimit.toMillis(), Integer.MAX_VALUE));
        Map<String, Object> all = new HashMap<>();
        all.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, limitMs);
        all.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, limitMs);
        all.putAll(clientSettings);
        all.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
        return all;
    }

    private void awaitBroker(Admin admin) throws IOException, InterruptedException {
        try {
            admin.describeCluster().nodes().get(connectLimit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            boolean silent = e instanceof TimeoutException
                    || e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException;
            throw silent
                    ? new NoBrokerException(
                            "no Kafka broker answered at " + brokers + " within " + seconds()
                                    + " s: check the address, and that Kafka runs there",
                            e)
                    : new IOException("cannot talk to Kafka at " + brokers + ": " + Program.reason(e), e);
        }
    }

    private void awaitTopics(Admin admin, List<String> topics) throws IOException, InterruptedException {
        try {
            if (createTopics) {
                Topics.create(admin, partitions, replicationFactor, connectLimit);
            } else {
                admin.describeTopics(topics).allTopicNames().get(connectLimit.toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (TimeoutException e) {
            throw new NoBrokerException(
                    "the topics on " + brokers + " have partitions without a leader after " + seconds()
                            + " s: check that all brokers run",
                    e);
        } catch (ExecutionException e) {
            throw new IOException(
                    e.getCause() instanceof UnknownTopicOrPartitionException
                            ? "not all of the topics that are needed exist on " + brokers + " ("
                                    + String.join(", ", topics)
                                    + "): make them, or let this program do it (--create-topics)"
                            : "cannot " + (createTopics ? "make" : "look up") + " the topics on " + brokers + ": "
                                    + Program.reason(e),
                    e);
        }
    }

    private String seconds() {
        long ms = connectLimit.toMillis();
        return ms % 1000 == 0 ? String.valueOf(ms / 1000) : String.valueOf(ms / 1000.0);
    }
}
