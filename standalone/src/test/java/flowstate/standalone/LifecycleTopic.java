package flowstate.standalone;

import flowstate.schema.LifecycleEvent;
import flowstate.schema.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** What is committed on flowstate.lifecycle. */
final class LifecycleTopic {
    private LifecycleTopic() {}

    /**
     * Reads from the beginning until a final event comes.
     *
     * @return what was read of that connection, in order; without a final event if none came within the limit
     */
    static List<LifecycleEvent> readToTheFirstEnd(String brokers, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        List<LifecycleEvent> read = new ArrayList<>();
        try (KafkaConsumer<byte[], LifecycleEvent> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"),
                Topics.LIFECYCLE.key().deserializer(),
                Topics.LIFECYCLE.value().deserializer())) {
            consumer.assign(consumer.partitionsFor(Topics.LIFECYCLE.name()).stream()
                    .map(each -> new TopicPartition(each.topic(), each.partition()))
                    .toList());
            while (System.nanoTime() < deadline) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    read.add(record.value());
                }
                for (LifecycleEvent event : read) {
                    if (event.getFinal$()) {
                        return read.stream()
                                .filter(each -> each.getConnectionId().equals(event.getConnectionId()))
                                .toList();
                    }
                }
            }
        }
        return read;
    }
}
