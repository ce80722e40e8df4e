package flowstate.capture.publish;

import flowstate.capture.decode.Checksums;
import flowstate.program.KafkaCluster;
import flowstate.schema.Topics;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A program that publishes a capture file to Kafka's producer for tests, and prints the account. */
final class PublishToMemory {
    private PublishToMemory() {}

    static Cluster cluster(int partitions) {
        Node node = new Node(0, "localhost", 9092);
        List<PartitionInfo> all = IntStream.range(0, partitions)
                .mapToObj(i -> new PartitionInfo(Topics.SEGMENTS.name(), i, node, new Node[] {node}, new Node[] {node}))
                .toList();
        return new Cluster("c", List.of(node), all, Set.of(), Set.of());
    }

    public static void main(String[] args) throws Exception {
        var producer =
                new MockProducer<>(cluster(12), true, null, new ByteArraySerializer(), new ByteArraySerializer());
        SegmentPublisher publisher = new SegmentPublisher(
                PublisherConfig.of(KafkaCluster.at("unused:9092", Map.of()), "a", Checksums.verify), producer);
        System.err.println(
                publisher.publishFile(Path.of(args[0]), args[0], 1, null).render());
    }
}
