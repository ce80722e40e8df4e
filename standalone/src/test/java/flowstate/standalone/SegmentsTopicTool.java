package flowstate.standalone;

import flowstate.schema.SegmentBatch;
import flowstate.schema.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A program for tests in a network namespace of their own: {@code broker PORT FOLDER} runs a broker with the topics until
 * it is killed ({@code HOST:PORT} elsewhere than on 127.0.0.1), {@code read PORT} prints each batch on flowstate.segments: session, partition, number, segments, dropped,
 * whether the capture ends.
 */
final class SegmentsTopicTool {
    private SegmentsTopicTool() {}

    public static void main(String[] args) throws Exception {
        String servers = args[1].contains(":") ? args[1] : "127.0.0.1:" + args[1];
        if (args[0].equals("broker")) {
            String[] hostAndPort = servers.split(":");
            EmbeddedBroker.start(
                    Path.of(args[2]),
                    hostAndPort[0],
                    Integer.parseInt(hostAndPort[1]),
                    EmbeddedBroker.DEFAULT_START_LIMIT);
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
                Topics.create(admin, 3, (short) 1, Duration.ofSeconds(30));
            }
            System.out.println("ready");
            Thread.sleep(Long.MAX_VALUE);
        }
        read(servers);
    }

    private static void read(String servers) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", servers), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            consumer.partitionsFor(Topics.SEGMENTS.name())
                    .forEach(each -> partitions.add(new TopicPartition(each.topic(), each.partition())));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream()
                    .anyMatch(each -> consumer.position(each) < Objects.requireNonNull(ends.get(each)))) {
                ConsumerRecords<byte[], byte[]> some = consumer.poll(Duration.ofMillis(200));
                for (ConsumerRecord<byte[], byte[]> one : some) {
                    SegmentBatch batch = Topics.SEGMENTS.value().deserializer().deserialize(one.topic(), one.value());
                    long dropped = batch.getProgress() == null
                            ? 0
                            : batch.getProgress().dropped();
                    boolean end =
                            batch.getProgress() != null && batch.getProgress().endOfCapture();
                    System.out.println(batch.getSession() + " " + one.partition() + " " + batch.getSequence() + " "
                            + batch.getConnections().stream()
                                    .mapToInt(each -> each.segments().size())
                                    .sum()
                            + " " + dropped + " " + end);
                }
            }
        }
    }
}
