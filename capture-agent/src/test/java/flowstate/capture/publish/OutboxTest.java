package flowstate.capture.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import flowstate.schema.ConnectionSegments;
import flowstate.schema.SegmentBatch;
import flowstate.schema.TcpSegment;
import flowstate.schema.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A broker that is there, away, silent or refusing; played by Kafka's own MockProducer. */
@Timeout(120)
class OutboxTest {
    @TempDir
    Path scratch;

    private final List<String> said = Collections.synchronizedList(new ArrayList<>());
    private final Notices notices = new Notices(said::add);

    /** A broker, seen through all producers that were ever made for it. */
    private final class Broker {
        private final List<ByteProducer> producers = new ArrayList<>();
        private final List<ProducerRecord<byte[], byte[]>> taken = new ArrayList<>();
        private boolean there = true;
        private boolean silent;
        private RuntimeException refusal = new TimeoutException("no broker answers");

        synchronized Producer<byte[], byte[]> producer() {
            ByteProducer producer = new ByteProducer(this);
            producers.add(producer);
            return producer;
        }

        synchronized void settle(ByteProducer producer, ProducerRecord<byte[], byte[]> record) {
            if (silent) {
                return;
            }
            if (there) {
                taken.add(record);
                producer.completeNext();
            } else {
                producer.errorNext(refusal);
            }
        }

        synchronized void goes(boolean away, boolean quiet) {
            there = !away;
            silent = quiet;
            if (there && !silent) {
                for (ByteProducer producer : producers) {
                    if (!producer.closed()) {
                        int waiting = producer.history().size() - producer.settled;
                        for (int i = 0; i < waiting; i++) {
                            taken.add(producer.history().get(producer.settled));
                            producer.completeNext();
                        }
                    }
                }
            }
        }

        /** The sequence numbers that arrived, each the first time only, as the processor takes them. */
        synchronized List<Long> sequences() {
            List<Long> numbers = new ArrayList<>();
            long next = 0;
            for (ProducerRecord<byte[], byte[]> record : taken) {
                long sequence = Topics.SEGMENTS
                        .value()
                        .deserializer()
                        .deserialize("t", record.value())
                        .getSequence();
                if (sequence >= next) {
                    numbers.add(sequence);
                    next = sequence + 1;
                }
            }
            return numbers;
        }
    }

    private static final class ByteProducer extends MockProducer<byte[], byte[]> {
        private final Broker broker;
        private int settled;

        ByteProducer(Broker broker) {
            super(false, null, new ByteArraySerializer(), new ByteArraySerializer());
            this.broker = broker;
        }

        @Override
        public java.util.concurrent.Future<org.apache.kafka.clients.producer.RecordMetadata> send(
                ProducerRecord<byte[], byte[]> record, org.apache.kafka.clients.producer.Callback callback) {
            synchronized (broker) {
                var future = super.send(record, callback);
                broker.settle(this, record);
                return future;
            }
        }

        /** Also how one is completed, without an error. */
        @Override
        public synchronized boolean errorNext(RuntimeException e) {
            settled++;
            return super.errorNext(e);
        }
    }

    /** What each number on each partition stands for: the clock of its batch; one that came twice must be the same. */
    private Map<String, Long> clocksByNumber() {
        Map<String, Long> clocks = new TreeMap<>();
        synchronized (broker) {
            for (ProducerRecord<byte[], byte[]> record : broker.taken) {
                SegmentBatch batch = Topics.SEGMENTS.value().deserializer().deserialize("t", record.value());
                Long before = clocks.put(record.partition() + " " + batch.getSequence(), batch.getClock());
                assertThat(before).isIn(null, batch.getClock());
            }
        }
        return clocks;
    }

    private static void assertNoGaps(Set<String> partitionsAndNumbers) {
        Map<String, Long> highest = new TreeMap<>();
        Map<String, Long> count = new TreeMap<>();
        for (String each : partitionsAndNumbers) {
            String[] words = each.split(" ");
            highest.merge(words[0], Long.parseLong(words[1]), Math::max);
            count.merge(words[0], 1L, Long::sum);
        }
        assertThat(highest.keySet()).as("several partitions").hasSizeGreaterThan(1);
        highest.replaceAll((partition, number) -> number + 1);
        assertThat(count).isEqualTo(highest);
    }

    private static void offerUnrouted(Outbox outbox, int from, int to) {
        for (int i = from; i < to; i++) {
            outbox.accept(Outgoing.UNROUTED, batch(i, i % 17), 2);
        }
    }

    private final Broker broker = new Broker();

    private Outbox outbox(@Nullable Spool spool) {
        return new Outbox(broker::producer, spool, 1, notices);
    }

    private Spool spool(long limit) throws IOException {
        return Spool.open(scratch.resolve("spool"), limit, true, said::add);
    }

    private static void offer(Outbox outbox, long sequence) {
        outbox.accept(0, batch(sequence, 1), 2);
    }

    private static byte[] batch(long sequence, int key) {
        SegmentBatch batch = new SegmentBatch();
        batch.setAgent("a");
        batch.setSession(1);
        batch.setInterface("eth0");
        batch.setSequence(sequence);
        batch.setClock(sequence);
        batch.setConnections(List.of(new ConnectionSegments(
                new byte[] {(byte) key}, sequence, null, List.of(new TcpSegment(), new TcpSegment()))));
        return Topics.SEGMENTS.value().serializer().serialize("t", batch);
    }

    private static void offer(Outbox outbox, int from, int to) {
        for (int i = from; i < to; i++) {
            offer(outbox, i);
        }
    }

    private static List<Long> range(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> (long) i).toList();
    }

    private static void assertBalance(Outbox outbox, long offered) {
        Outbox.Counts counts = outbox.counts();
        assertThat(counts.published() + counts.lost() + counts.pending()).isEqualTo(offered);
    }

    @Test
    void aBrokerThatIsThereTakesAllInOrder() {
        Outbox outbox = outbox(null);
        offer(outbox, 0, 1000);
        // ends when the broker has all
        outbox.close(Duration.ofHours(1));

        assertThat(broker.sequences()).isEqualTo(range(0, 1000));
        assertThat(outbox.counts()).isEqualTo(new Outbox.Counts(2000, 1000, 0, 0, 0));
        assertThat(said).isEmpty();
    }

    @Test
    void whatABrokerRefusesForAWhileArrivesInOrderFromTheSpool() throws IOException {
        broker.refusal = new AuthorizationException("not authorized to write");
        Outbox outbox = outbox(spool(1 << 20));
        offer(outbox, 0, 100);
        await().until(() -> outbox.counts().published() == 200);
        broker.goes(true, false);
        offer(outbox, 100, 300);
        await().until(() -> outbox.problem() != null);
        assertThat(outbox.problem()).contains("not authorized to write");
        assertBalance(outbox, 600);
        broker.goes(false, false);
        offer(outbox, 300, 400);
        await().until(() -> outbox.counts().pending() == 0);
        outbox.close(Duration.ofSeconds(10));

        assertThat(broker.sequences()).isEqualTo(range(0, 400));
        assertThat(outbox.counts()).isEqualTo(new Outbox.Counts(800, 400, 0, 0, 0));
        assertThat(outbox.problem()).isNull();
        assertThat(said.get(0)).contains("does not take segments").contains("not authorized to write");
        assertThat(said).contains("the broker takes segments again");
    }

    /** As when a resolver does not answer: Kafka's producer looks the brokers' names up when it is made, and waits. */
    @Test
    void aProducerThatIsLongInTheMakingKeepsNothingFromTheSpool() throws Exception {
        CountDownLatch resolved = new CountDownLatch(1);
        Outbox outbox = new Outbox(
                () -> {
                    awaitQuietly(resolved);
                    return broker.producer();
                },
                spool(1 << 20),
                1,
                notices);
        offer(outbox, 0, 100);
        await().atMost(Duration.ofSeconds(10)).until(() -> outbox.counts().spooled() == 200);
        assertBalance(outbox, 200);
        resolved.countDown();
        await().until(() -> outbox.counts().pending() == 0);
        outbox.close(Duration.ofSeconds(10));
        assertThat(broker.sequences()).isEqualTo(range(0, 100));
    }

    @Test
    void aProducerThatIsNeverMadeDoesNotKeepAnAgentFromItsEnd() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Outbox outbox = new Outbox(
                () -> {
                    awaitQuietly(never);
                    return broker.producer();
                },
                spool(1 << 20),
                1,
                notices);
        offer(outbox, 0, 100);
        outbox.close(Duration.ofMillis(500));
        assertThat(outbox.counts().pending()).isEqualTo(200);
        assertThat(said).last().asString().isEqualTo("200 segments stay in the spool for the next run");
        never.countDown();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a producer that was given up has not delivered is with its successor: that it fails then says nothing. */
    @Test
    void whatAProducerSaysThatWasGivenUpDoesNotEndItsSuccessor() throws IOException {
        Outbox outbox = outbox(spool(1 << 20));
        offer(outbox, 0, 10);
        await().until(() -> outbox.counts().published() == 20);
        broker.goes(false, true);
        offer(outbox, 10, 20);
        await().until(() -> underWay() == 20);
        ByteProducer first = broker.producers.get(0);
        synchronized (broker) {
            first.errorNext(new TimeoutException("the first of ten"));
        }
        await().until(() -> broker.producers.size() == 2 && underWay() == 10);
        synchronized (broker) {
            first.errorNext(new TimeoutException("its last breath"));
        }
        broker.goes(false, false);
        await().until(() -> outbox.counts().pending() == 0);
        outbox.close(Duration.ofSeconds(10));
        assertThat(broker.producers).hasSize(2);
        assertThat(broker.sequences()).isEqualTo(range(0, 20));
    }

    @Test
    void anAgentThatNeverSawABrokerEndsAtOnceAndKeepsWhatItHas() throws IOException {
        Outbox outbox = new Outbox(broker::producer, spool(1 << 20), 0, notices);
        offerUnrouted(outbox, 0, 100);
        outbox.close(Duration.ofHours(1));
        assertThat(outbox.counts().pending()).isEqualTo(200);
        assertThat(said).last().asString().isEqualTo("200 segments stay in the spool for the next run");
    }

    @Test
    void aBrokerThatFallsSilentIsNoticedAndNothingIsLost() throws IOException {
        Outbox outbox = outbox(spool(1 << 20));
        broker.goes(false, true);
        offer(outbox, 0, 50);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> said.stream().anyMatch(line -> line.contains("has not acknowledged")));
        offer(outbox, 50, 100);
        assertBalance(outbox, 200);
        broker.goes(false, false);
        await().until(() -> outbox.counts().pending() == 0);
        outbox.close(Duration.ofSeconds(10));
        assertThat(broker.sequences()).isEqualTo(range(0, 100));
    }

    @Test
    void whatWasCapturedBeforeThereWasABrokerComesToItsPartitionsInOrder() throws IOException {
        Outbox outbox = new Outbox(broker::producer, spool(1 << 20), 0, notices);
        offerUnrouted(outbox, 0, 500);
        await().until(() -> outbox.counts().spooled() == 1000);
        assertThat(outbox.problem()).isEqualTo("no broker has answered yet");
        assertBalance(outbox, 1000);
        outbox.connected(4);
        offerUnrouted(outbox, 500, 1000);
        await().until(() -> outbox.counts().pending() == 0);
        broker.goes(true, false);
        offerUnrouted(outbox, 1000, 1100);
        await().until(() -> outbox.problem() != null);
        broker.goes(false, false);
        await().until(() -> outbox.counts().pending() == 0);
        outbox.close(Duration.ofSeconds(10));

        assertThat(outbox.counts()).isEqualTo(new Outbox.Counts(2200, 1100, 0, 0, 0));
        assertThat(clocksByNumber().values()).containsExactlyInAnyOrderElementsOf(range(0, 1100));
        assertNoGaps(clocksByNumber().keySet());
    }

    @Test
    void aSpoolWithoutPartitionsThatIsSentOnceMoreHasTheSameNumbers() throws IOException {
        Outbox first = new Outbox(broker::producer, spool(1 << 20), 0, notices);
        offerUnrouted(first, 0, 100);
        first.close(Duration.ofMillis(100));
        assertThat(first.counts().pending()).isEqualTo(200);

        Outbox second = new Outbox(broker::producer, spool(1 << 20), 0, notices);
        broker.goes(false, true);
        second.connected(4);
        await().until(() -> second.counts().spooled() == 0);
        // it takes half of what is on its way, and then the agent ends
        synchronized (broker) {
            ByteProducer producer = broker.producers.get(broker.producers.size() - 1);
            for (int i = 0; i < 50; i++) {
                broker.taken.add(producer.history().get(producer.settled));
                producer.completeNext();
            }
        }
        second.close(Duration.ofMillis(100));
        assertThat(clocksByNumber()).hasSize(50);

        Outbox third = new Outbox(broker::producer, spool(1 << 20), 0, notices);
        broker.goes(false, false);
        third.connected(4);
        await().until(() -> third.counts().pending() == 0);
        third.close(Duration.ofSeconds(10));
        assertThat(clocksByNumber().values()).containsExactlyInAnyOrderElementsOf(range(0, 100));
        assertNoGaps(clocksByNumber().keySet());
    }

    /** While there is traffic something is always on its way: that must not keep it going through the disk. */
    @Test
    void aSpoolThatIsReadToItsEndIsLeftThoughNotAllIsAcknowledged() throws IOException {
        broker.goes(true, false);
        Outbox first = outbox(spool(1 << 20));
        offer(first, 0, 100);
        first.close(Duration.ofMillis(300));
        broker.goes(false, true);
        Outbox outbox = outbox(spool(1 << 20));
        await().until(() -> underWay() == 100);
        long octets = octetsOfSpool();
        offer(outbox, 100, 110);
        await().until(() -> underWay() == 110);
        assertThat(octetsOfSpool()).isEqualTo(octets);
        broker.goes(false, false);
        outbox.close(Duration.ofSeconds(10));
        assertThat(broker.sequences()).isEqualTo(range(0, 110));
        assertThat(outbox.counts().lost()).isZero();
    }

    /** After an outage: what comes meanwhile goes behind what is in the spool, and must not keep that from leaving. */
    @Test
    void aSpoolIsEmptiedThoughSegmentsKeepComing() throws Exception {
        Outbox outbox = outbox(spool(64 << 20));
        broker.goes(true, false);
        offer(outbox, 0, 1);
        await().until(() -> outbox.problem() != null);
        offer(outbox, 1, 20_000);
        await().until(() -> outbox.counts().spooled() > 38_000);
        broker.goes(false, false);
        int next = 20_000;
        long untilNs = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!said.contains("the broker has all that was in the spool")) {
            assertThat(System.nanoTime()).as("still %s", outbox.counts()).isLessThan(untilNs);
            offer(outbox, next, next + 20);
            next += 20;
            Thread.sleep(10);
        }
        outbox.close(Duration.ofSeconds(10));
        assertThat(broker.sequences()).isEqualTo(range(0, next));
        assertThat(outbox.counts().lost()).isZero();
    }

    private int underWay() {
        synchronized (broker) {
            return broker.producers.get(broker.producers.size() - 1).history().size();
        }
    }

    private long octetsOfSpool() throws IOException {
        try (Stream<Path> files = Files.list(scratch.resolve("spool"))) {
            return files.filter(file -> file.toString().endsWith(".spool"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @Test
    void theNextRunPublishesWhatTheLastOneCouldNot() throws IOException {
        broker.goes(true, false);
        Outbox first = outbox(spool(1 << 20));
        offer(first, 0, 100);
        first.close(Duration.ofMillis(300));
        assertThat(first.counts().lost()).isZero();
        assertThat(first.counts().pending()).isEqualTo(200);
        assertThat(said.get(said.size() - 1)).isEqualTo("200 segments stay in the spool for the next run");

        broker.goes(false, false);
        Outbox second = outbox(spool(1 << 20));
        offer(second, 100, 110);
        await().until(() -> second.counts().pending() == 0);
        second.close(Duration.ofSeconds(10));
        assertThat(broker.sequences()).isEqualTo(range(0, 110));
    }

    @Test
    void aSpoolThatIsFullLosesTheOldestAndSaysSo() throws IOException {
        broker.goes(true, false);
        Outbox outbox = outbox(spool(4 << 10));
        offer(outbox, 0, 1000);
        await().until(() -> said.stream().anyMatch(line -> line.contains("the spool is full: its oldest")));
        await().until(() -> outbox.counts().spooled() + outbox.counts().lost() > 1900);
        assertBalance(outbox, 2000);
        broker.goes(false, false);
        await().atMost(Duration.ofSeconds(20)).until(() -> outbox.counts().pending() == 0);
        outbox.close(Duration.ofSeconds(10));

        long lost = outbox.counts().lost();
        assertThat(lost).isPositive();
        assertThat(outbox.counts().published()).isEqualTo(2000 - lost);
        assertThat(broker.sequences()).hasSize((int) (1000 - lost / 2)).contains(999L);
    }

    @Test
    void withoutASpoolWhatIsLeftAtTheEndIsLostAndCounted() {
        broker.goes(true, false);
        Outbox outbox = outbox(null);
        offer(outbox, 0, 10);
        outbox.close(Duration.ofMillis(100));
        assertThat(outbox.counts()).isEqualTo(new Outbox.Counts(0, 0, 20, 0, 0));
        assertThat(said).last().asString().startsWith("20 segments are lost");
    }

    @Test
    void whereNoBrokerEverWasTheEndDoesNotWaitForOne() {
        Outbox outbox = new Outbox(broker::producer, null, 0, notices);
        offerUnrouted(outbox, 0, 10);
        outbox.close(Duration.ofHours(1));
        assertThat(outbox.counts()).isEqualTo(new Outbox.Counts(0, 0, 20, 0, 0));
        assertThat(said).last().asString().startsWith("20 segments are lost");
    }

    /** A few batches go with the next pause, much goes at once. */
    @Test
    void batchesGoWithThePauseAfterThemOrWhenTheyAreMany() {
        Outbox outbox = outbox(null);
        for (int i = 0; i < 10; i++) {
            offer(outbox, 10 * i, 10 * i + 10);
            outbox.pause();
        }
        await().until(() -> outbox.counts().published() == 200);
        byte[] large = new byte[300_000];
        for (int i = 0; i < 10; i++) {
            outbox.accept(0, large, 1);
        }
        await().until(() -> outbox.counts().published() == 210);
        outbox.close(Duration.ofHours(1));
    }

    @Test
    void aBatchThatIsRefusedForGoodIsLostAndOthersAreNot() {
        broker.goes(true, false);
        broker.refusal = new RecordTooLargeException("too large");
        Outbox outbox = outbox(null);
        offer(outbox, 0);
        await().until(() -> outbox.counts().lost() == 2);
        broker.goes(false, false);
        offer(outbox, 1);
        outbox.close(Duration.ofSeconds(10));
        assertThat(outbox.counts()).isEqualTo(new Outbox.Counts(2, 1, 2, 0, 0));
    }
}
