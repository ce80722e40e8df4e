package flowstate.standalone;

import flowstate.schema.Anomaly;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.Topic;
import flowstate.schema.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the two outgoing topics from their start, committed records only, and knows when all that the processor makes of
 * its input up to some point has been read. Not thread-safe; Kafka's own exceptions pass through.
 */
final class OutgoingTopics implements AutoCloseable {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);
    private static final long LEAST_BETWEEN_QUESTIONS_NS = Duration.ofMillis(20).toNanos();

    private final Admin admin;
    private final String applicationId;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> input;
    private final List<TopicPartition> outgoing;
    private long askedNs = System.nanoTime() - LEAST_BETWEEN_QUESTIONS_NS;
    private long committed;

    /** A point in the input, and once the processor has come there, the ends of the outgoing topics at that time. */
    static final class Mark {
        private final Map<TopicPartition, Long> inputEnds;
        private @Nullable Map<TopicPartition, Long> outgoingEnds;

        private Mark(Map<TopicPartition, Long> inputEnds) {
            this.inputEnds = inputEnds;
        }
    }

    OutgoingTopics(String bootstrapServers, Admin admin, String applicationId) throws InterruptedException {
        this.admin = admin;
        this.applicationId = applicationId;
        this.input = partitions(Topics.SEGMENTS);
        this.outgoing = new ArrayList<>(partitions(Topics.LIFECYCLE));
        outgoing.addAll(partitions(Topics.ANOMALIES));
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                5_000);
        this.consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.assign(outgoing);
        consumer.seekToBeginning(outgoing);
    }

    private List<TopicPartition> partitions(Topic<?, ?> topic) throws InterruptedException {
        List<TopicPartition> partitions = new ArrayList<>();
        for (TopicDescription description : answer(
                        admin.describeTopics(List.of(topic.name())).allTopicNames())
                .values()) {
            description.partitions().forEach(p -> partitions.add(new TopicPartition(topic.name(), p.partition())));
        }
        return partitions;
    }

    ConsumerRecords<byte[], byte[]> poll(Duration limit) {
        return consumer.poll(limit);
    }

    /** The event in a record that came from {@link #poll}. */
    static Event event(ConsumerRecord<byte[], byte[]> one) {
        if (one.topic().equals(Topics.LIFECYCLE.name())) {
            LifecycleEvent event = Topics.LIFECYCLE.value().deserializer().deserialize(one.topic(), one.value());
            return new Event.Lifecycle(event);
        }
        Anomaly anomaly = Topics.ANOMALIES.value().deserializer().deserialize(one.topic(), one.value());
        return new Event.Found(anomaly);
    }

    /** The input's end as it is now. */
    Mark mark() throws InterruptedException {
        return new Mark(ends(input));
    }

    /** Whether all has been read that the processor makes of its input up to the mark. */
    boolean reached(Mark mark) throws InterruptedException {
        Map<TopicPartition, Long> ends = mark.outgoingEnds;
        if (ends == null) {
            if (System.nanoTime() - askedNs < LEAST_BETWEEN_QUESTIONS_NS) {
                return false;
            }
            askedNs = System.nanoTime();
            if (!processed(mark.inputEnds)) {
                return false;
            }
            // Ends with what is not committed yet, which this consumer cannot read: a commit reaches the group's
            // offsets
            // and each outgoing partition one after the other. Once past such an end, it has all before it.
            ends = ends(outgoing);
            mark.outgoingEnds = ends;
        }
        for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
            if (consumer.position(end.getKey()) < end.getValue()) {
                return false;
            }
        }
        return true;
    }

    /** A number that grows as long as anything moves. */
    long progress() {
        long sum = committed;
        for (TopicPartition partition : outgoing) {
            sum += consumer.position(partition);
        }
        return sum;
    }

    private boolean processed(Map<TopicPartition, Long> inputEnds) throws InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> offsets = groupOffsets();
        boolean all = true;
        long sum = 0;
        for (Map.Entry<TopicPartition, Long> end : inputEnds.entrySet()) {
            OffsetAndMetadata offset = offsets.get(end.getKey());
            long done = offset == null ? 0 : offset.offset();
            all &= done >= end.getValue();
            sum += done;
        }
        committed = sum;
        return all;
    }

    private Map<TopicPartition, OffsetAndMetadata> groupOffsets() throws InterruptedException {
        try {
            return answer(admin.listConsumerGroupOffsets(applicationId).partitionsToOffsetAndMetadata());
        } catch (GroupIdNotFoundException e) {
            // the processor has not joined yet
            return Map.of();
        }
    }

    private Map<TopicPartition, Long> ends(List<TopicPartition> partitions) throws InterruptedException {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        answer(admin.listOffsets(latest).all()).forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    private static <T> T answer(KafkaFuture<T> question) throws InterruptedException {
        try {
            return question.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KafkaException refusal) {
                throw refusal;
            }
            throw new KafkaException("no answer from the broker", e);
        }
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE_LIMIT));
    }
}
