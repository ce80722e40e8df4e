package flowstate.standalone;

import flowstate.schema.Anomaly;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.Topics;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A program for tests in a network namespace of their own: prints all that is committed on flowstate.lifecycle and
 * flowstate.anomalies, from the beginning, as {@code --format json} does, until it is killed. Argument: brokers.
 */
final class EventsTool {
    private EventsTool() {}

    public static void main(String[] args) throws Exception {
        JsonEventPrinter printer = new JsonEventPrinter(new PrintWriter(System.out, false, StandardCharsets.UTF_8));
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", args[0], "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (String topic : List.of(Topics.LIFECYCLE.name(), Topics.ANOMALIES.name())) {
                consumer.partitionsFor(topic)
                        .forEach(each -> partitions.add(new TopicPartition(topic, each.partition())));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.topic().equals(Topics.LIFECYCLE.name())) {
                        LifecycleEvent event =
                                Topics.LIFECYCLE.value().deserializer().deserialize(record.topic(), record.value());
                        printer.print(event);
                    } else {
                        Anomaly anomaly =
                                Topics.ANOMALIES.value().deserializer().deserialize(record.topic(), record.value());
                        printer.print(anomaly);
                    }
                }
                printer.flush();
            }
        }
    }
}
