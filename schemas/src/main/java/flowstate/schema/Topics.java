package flowstate.schema;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.Serdes;

/**
 * The three topics, and how they are made.
 *
 * <p>{@link #create} returns only when every partition has a leader: an idempotent producer that writes before that can
 * lose its first batch (KAFKA-15591).
 */
public final class Topics {
    /** What agents saw. No key: agents choose the partition by the connection keys of what is in a record. */
    public static final Topic<byte[], SegmentBatch> SEGMENTS =
            new Topic<>("flowstate.segments", Serdes.ByteArray(), new SegmentBatchSerde());

    /** What happened to connections. Key: the connection key's bytes. */
    public static final Topic<byte[], LifecycleEvent> LIFECYCLE =
            new Topic<>("flowstate.lifecycle", Serdes.ByteArray(), new SingleObjectSerde<>(LifecycleEvent.class));

    /** What went wrong. Key: the connection key's bytes. */
    public static final Topic<byte[], Anomaly> ANOMALIES =
            new Topic<>("flowstate.anomalies", Serdes.ByteArray(), new SingleObjectSerde<>(Anomaly.class));

    /** Partitions of each topic where nobody asked for another number: room for six instances of two threads. */
    public static final int DEFAULT_PARTITIONS = 12;

    private static final List<Topic<?, ?>> ALL = List.of(SEGMENTS, LIFECYCLE, ANOMALIES);

    private Topics() {}

    /**
     * Makes the topics that are not there yet, and waits until every partition of all three has a leader. Topics that
     * exist keep their partitions and settings.
     *
     * @param admin a client of the cluster
     * @param partitions partitions of each topic that is made, at least 1
     * @param replicationFactor copies of each partition; -1 for the broker's default
     * @param limit how long to wait in all
     * @throws TimeoutException if a partition has no leader when the limit is over
     * @throws ExecutionException if the cluster refuses
     */
    public static void create(Admin admin, int partitions, short replicationFactor, Duration limit)
            throws ExecutionException, InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + limit.toNanos();
        List<NewTopic> wanted = new ArrayList<>();
        for (Topic<?, ?> topic : ALL) {
            wanted.add(new NewTopic(topic.name(), partitions, replicationFactor));
        }
        for (var made : admin.createTopics(wanted).values().values()) {
            try {
                made.get(left(deadline), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        }
        awaitLeaders(admin, deadline);
    }

    private static void awaitLeaders(Admin admin, long deadline)
            throws ExecutionException, InterruptedException, TimeoutException {
        while (true) {
            try {
                Map<TopicPartition, OffsetSpec> all = new HashMap<>();
                for (TopicDescription description : admin.describeTopics(
                                ALL.stream().map(Topic::name).toList())
                        .allTopicNames()
                        .get(left(deadline), TimeUnit.NANOSECONDS)
                        .values()) {
                    description
                            .partitions()
                            .forEach(p -> all.put(
                                    new TopicPartition(description.name(), p.partition()), OffsetSpec.latest()));
                }
                // answered by each partition's leader, so an answer for all means that all have one
                admin.listOffsets(all).all().get(left(deadline), TimeUnit.NANOSECONDS);
                return;
            } catch (ExecutionException e) {
                // a new topic is not known to every broker at once
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
                Thread.sleep(20);
            }
        }
    }

    private static long left(long deadline) throws TimeoutException {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw new TimeoutException("the topics' partitions have no leader yet");
        }
        return left;
    }
}
