package flowstate.standalone;

import flowstate.schema.Topics;
import flowstate.topology.ConnectionTopology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
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
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the two outgoing topics from their start, committed records only, and knows when all that the processor makes of
 * its input up to some point has been read. Not thread-safe; Kafka's own exceptions pass through.
 */
final class OutgoingTopics implements AutoCloseable {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);
    private static final long LEAST_BETWEEN_QUESTIONS_NS = Duration.ofMillis(20).toNanos();

    private final BooleanSupplier isEnding;
    private final Admin admin;
    private final String applicationId;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> input;
    private final List<TopicPartition> outgoing;
    /** After the last record that was read of each partition of attempts: markers of transactions may follow. */
    private final Map<TopicPartition, Long> attemptsRead = new HashMap<>();

    private List<TopicPartition> attempts = List.of();
    private long askedNs = System.nanoTime() - LEAST_BETWEEN_QUESTIONS_NS;
    private long committed;

    /**
     * A point in the input; once the processor has come there, the end of what it told its second part by then; and once that
     * has come there too, the ends of the outgoing topics at that time.
     */
    static final class Mark {
        private final Map<TopicPartition, Long> inputEnds;
        private @Nullable Map<TopicPartition, Long> attemptsEnds;
        private @Nullable Map<TopicPartition, Long> outgoingEnds;

        private Mark(Map<TopicPartition, Long> inputEnds) {
            this.inputEnds = inputEnds;
        }
    }

    /**
     * Both topics, of which nothing has been read.
     *
     * @param isEnding whether the processor still ends what its input was the end of
     * @param longestFetch how long the broker may wait for what is not there yet: whatever else it is asked waits behind that,
     *     and each fetch costs some tenth of a millisecond
     */
    OutgoingTopics(
            String bootstrapServers, Admin admin, String applicationId, BooleanSupplier isEnding, Duration longestFetch)
            throws InterruptedException {
        this.isEnding = isEnding;
        this.admin = admin;
        this.applicationId = applicationId;
        this.input = partitions(Topics.SEGMENTS.name());
        this.outgoing = new ArrayList<>(partitions(Topics.LIFECYCLE.name()));
        outgoing.addAll(partitions(Topics.ANOMALIES.name()));
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                // where attempts were deleted, they have been processed
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                Math.toIntExact(longestFetch.toMillis()),
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                5_000);
        this.consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.assign(outgoing);
        consumer.seekToBeginning(outgoing);
    }

    private List<TopicPartition> partitions(String topic) throws InterruptedException {
        List<TopicPartition> partitions = new ArrayList<>();
        for (TopicDescription description :
                answer(admin.describeTopics(List.of(topic)).allTopicNames()).values()) {
            description.partitions().forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
        }
        return partitions;
    }

    /** The events that have come, usually none. */
    List<Event> poll(Duration limit) {
        List<Event> events = new ArrayList<>();
        ConsumerRecords<byte[], byte[]> polled = consumer.poll(limit);
        for (TopicPartition partition : polled.partitions()) {
            List<ConsumerRecord<byte[], byte[]>> records = polled.records(partition);
            if (attempts.contains(partition)) {
                attemptsRead.put(partition, records.get(records.size() - 1).offset() + 1);
            } else {
                records.forEach(one -> events.add(event(one)));
            }
        }
        return events;
    }

    private static Event event(ConsumerRecord<byte[], byte[]> one) {
        return one.topic().equals(Topics.LIFECYCLE.name())
                ? Event.Lifecycle.of(one.value())
                : Event.Found.of(one.value());
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
            Map<TopicPartition, Long> attemptsEnds = mark.attemptsEnds;
            if (attemptsEnds == null) {
                // in this order: it begins before its input is committed
                if (!processed(mark.inputEnds) || isEnding.getAsBoolean()) {
                    return false;
                }
                followAttempts();
                attemptsEnds = ends(attempts);
                mark.attemptsEnds = attemptsEnds;
            }
            if (!read(attemptsEnds) || !processed(attemptsRead)) {
                return false;
            }
            // Ends with what is not committed yet, which this consumer cannot read: a commit reaches the group's
            // offsets and each outgoing partition one after the other. Once past such an end, it has all before it.
            ends = ends(outgoing);
            mark.outgoingEnds = ends;
        }
        return read(ends);
    }

    private boolean read(Map<TopicPartition, Long> ends) {
        for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
            if (consumer.position(end.getKey()) < end.getValue()) {
                return false;
            }
        }
        return true;
    }

    /** Reads what goes between the processor's two parts as well: the topic is there once it has processed anything. */
    private void followAttempts() throws InterruptedException {
        if (attempts.isEmpty()) {
            try {
                attempts = partitions(ConnectionTopology.attemptsTopic(applicationId));
            } catch (UnknownTopicOrPartitionException e) {
                // a processor of one part
                return;
            }
            List<TopicPartition> all = new ArrayList<>(outgoing);
            all.addAll(attempts);
            consumer.assign(all);
            consumer.seekToBeginning(attempts);
        }
    }

    /** A number that grows as long as anything moves. */
    long progress() {
        long sum = committed;
        for (TopicPartition partition : outgoing) {
            sum += consumer.position(partition);
        }
        return sum;
    }

    private boolean processed(Map<TopicPartition, Long> ends) throws InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> offsets = groupOffsets();
        committed = offsets.values().stream()
                .filter(Objects::nonNull)
                .mapToLong(OffsetAndMetadata::offset)
                .sum();
        for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
            OffsetAndMetadata offset = offsets.get(end.getKey());
            if (end.getValue() > (offset == null ? 0 : offset.offset())) {
                return false;
            }
        }
        return true;
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
