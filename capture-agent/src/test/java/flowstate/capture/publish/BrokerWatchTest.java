package flowstate.capture.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import flowstate.schema.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BrokerWatchTest {
    private static final Node FIRST = new Node(1, "192.0.2.1", 9092);
    private static final Node SECOND = new Node(2, "192.0.2.2", 9092);

    private static MockProducer<byte[], byte[]> producer() {
        List<PartitionInfo> partitions = List.of(led(0, FIRST), led(1, SECOND), led(2, FIRST), led(3, Node.noNode()));
        Cluster cluster = new Cluster("c", List.of(FIRST, SECOND), partitions, Set.of(), Set.of());
        return new MockProducer<>(cluster, true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static PartitionInfo led(int partition, Node leader) {
        return new PartitionInfo(Topics.SEGMENTS.name(), partition, leader, new Node[0], new Node[0]);
    }

    @Test
    void leadersAreToldEachOnceAsSoonAsThereIsAProducerThatKnows() {
        List<KafkaException> troubles = List.of(new TimeoutException("away"), new KafkaException("closed"));
        AtomicInteger asked = new AtomicInteger();
        AtomicReference<List<Node>> told = new AtomicReference<>(List.of());
        try (BrokerWatch watch = new BrokerWatch(
                Duration.ofMillis(5),
                () -> {
                    int time = asked.getAndIncrement();
                    if (time == 0) {
                        return null;
                    }
                    MockProducer<byte[], byte[]> producer = producer();
                    if (time <= troubles.size()) {
                        producer.partitionsForException = troubles.get(time - 1);
                    }
                    return producer;
                },
                nodes -> told.set(List.copyOf(nodes)))) {
            await().untilAsserted(() -> assertThat(told.get()).containsExactly(FIRST, SECOND));
            assertThat(watch).isNotNull();
        }
    }

    @Test
    void whoeverWaitsForAResolverDoesNotKeepItFromItsEnd() throws InterruptedException {
        CountDownLatch looksUp = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        BrokerWatch watch = new BrokerWatch(Duration.ofMillis(5), BrokerWatchTest::producer, nodes -> {
            looksUp.countDown();
            boolean interrupted = false;
            while (answer.getCount() > 0) {
                try {
                    answer.await();
                } catch (InterruptedException e) {
                    // a resolver does not hear it
                    interrupted = true;
                }
            }
            assertThat(interrupted).isTrue();
        });
        looksUp.await();
        watch.close();
        answer.countDown();
    }
}
