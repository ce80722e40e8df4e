package flowstate.capture.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import flowstate.capture.decode.Checksums;
import flowstate.capture.decode.SkipReason;
import flowstate.capture.source.CaptureException;
import flowstate.capture.source.PacketFilter;
import flowstate.capture.source.PacketSource;
import flowstate.capture.source.PcapWriter;
import flowstate.capture.source.RawPacket;
import flowstate.capture.source.TcpFrame;
import flowstate.program.KafkaCluster;
import flowstate.schema.ConnectionSegments;
import flowstate.schema.Progress;
import flowstate.schema.SegmentBatch;
import flowstate.schema.TcpSegment;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against Kafka's own producer for tests; a real broker is met in module standalone. */
@Timeout(60)
class SegmentPublisherTest {
    private static final long SECOND = 1_000_000_000;
    private static final long START = 1_700_000_000L * SECOND;
    private static final int PARTITIONS = 12;

    private final MockProducer<byte[], byte[]> producer = producer(true);
    private final SegmentPublisher publisher = publisher(producer);

    private static MockProducer<byte[], byte[]> producer(boolean acknowledges) {
        return new MockProducer<>(
                PublishToMemory.cluster(PARTITIONS),
                acknowledges,
                null,
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static SegmentPublisher publisher(MockProducer<byte[], byte[]> to) {
        return new SegmentPublisher(
                PublisherConfig.of(KafkaCluster.at("kafka-1:9092", Map.of()), "agent-1", Checksums.verify), to);
    }

    /** Happens when a source is asked for the packet of its number. */
    interface Happening {
        void at(int packet) throws CaptureException;
    }

    /** Segments of 20 connections in turn, 1 ms apart, one a packet. */
    private static PacketSource source(int packets, Happening happening) {
        return new PacketSource() {
            private int next;

            @Override
            public boolean next(RawPacket packet) throws CaptureException {
                happening.at(next);
                if (next == packets) {
                    return false;
                }
                byte[] octets = new TcpFrame()
                        .from("10.0.0." + (next % 20), 40000)
                        .to("10.0.1.1", 80)
                        .seq(next)
                        .flags(".")
                        .raw();
                packet.buffer = ByteBuffer.wrap(octets);
                packet.offset = 0;
                packet.capturedLength = octets.length;
                packet.originalLength = octets.length;
                packet.linkType = PcapWriter.LINKTYPE_RAW;
                packet.timeNs = START + next * 1_000_000L;
                packet.clockNs = packet.timeNs;
                next++;
                return true;
            }

            @Override
            public void close() {}
        };
    }

    private static List<TcpSegment> segments(List<ProducerRecord<byte[], byte[]>> records) {
        return records.stream()
                .flatMap(record -> Batches.segments(Batches.read(record.value())).stream())
                .toList();
    }

    private static void assertEndTold(List<ProducerRecord<byte[], byte[]>> records) {
        Map<Integer, Boolean> ended = new TreeMap<>();
        for (ProducerRecord<byte[], byte[]> record : records) {
            Progress progress = Batches.read(record.value()).getProgress();
            ended.put(record.partition(), progress != null && progress.endOfCapture());
        }
        assertThat(ended.values()).isNotEmpty().containsOnly(true);
    }

    @Test
    void everyPacketOfAFileIsPublishedOrSkippedForAReason(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("mixed.pcap");
        try (PcapWriter writer = PcapWriter.create(file, PcapWriter.LINKTYPE_ETHERNET)) {
            TcpFrame syn = new TcpFrame()
                    .from("10.0.0.1", 40000)
                    .to("10.0.0.2", 80)
                    .flags("S")
                    .seq(7);
            byte[] arp = new byte[60];
            arp[12] = 8;
            arp[13] = 6;
            byte[] udp = syn.ethernet();
            udp[14 + 9] = 17;
            writer.write(START, syn.ethernet());
            writer.write(START, arp);
            writer.write(START, udp);
            writer.write(START, Arrays.copyOf(syn.ethernet(), 40), 54);
            writer.write(START, syn.flags("R").ethernet());
        }

        CaptureAccount account = publisher.publishFile(file, "mixed.pcap", START, null);

        assertThat(account.balances()).isTrue();
        assertThat(account)
                .isEqualTo(new CaptureAccount(
                        "mixed.pcap",
                        5,
                        2,
                        1,
                        0,
                        Map.of(SkipReason.NOT_IP, 1L, SkipReason.NOT_TCP, 1L, SkipReason.TRUNCATED, 1L),
                        0,
                        false,
                        null));
        assertThat(publisher.packetsRead()).isEqualTo(5);
        assertThat(segments(producer.history()))
                .extracting(TcpSegment::getFlags)
                .containsExactly(2, 4);
    }

    @Test
    void aFileOfWhichNothingCanBeReadIsAFailureThatNamesItsLinkType(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("usb.pcap");
        int usb = 220;
        try (PcapWriter writer = PcapWriter.create(file, usb)) {
            writer.write(START, new byte[64]);
            writer.write(START, new byte[64]);
        }

        CaptureAccount account = publisher.publishFile(file, "usb.pcap", START, null);

        assertThat(account.brokenOff()).startsWith("usb.pcap: its link type 220 is not known");
        assertThat(account.balances()).isTrue();
    }

    @Test
    void connectionsGoWhereKafkasDefaultPartitionerPutsTheirKeys() throws Exception {
        publisher.publish(source(200, n -> {}), "x", START, null);
        for (ProducerRecord<byte[], byte[]> record : producer.history()) {
            assertThat(record.key()).isNull();
            for (ConnectionSegments each : Batches.read(record.value()).getConnections()) {
                assertThat(record.partition()).isEqualTo(BuiltInPartitioner.partitionForKey(each.key(), PARTITIONS));
            }
        }
        assertThat(segments(producer.history())).hasSize(200);
        assertEndTold(producer.history());
    }

    @Test
    void eachCaptureIsASessionOfItsOwn() throws Exception {
        publisher.publish(source(20, n -> {}), "one", START, null);
        int first = producer.history().size();
        publisher.publish(source(20, n -> {}), "two", START, null);
        List<ProducerRecord<byte[], byte[]>> second =
                producer.history().subList(first, producer.history().size());
        assertThat(second).hasSize(first).allSatisfy(record -> {
            SegmentBatch batch = Batches.read(record.value());
            assertThat(batch.getSession()).isEqualTo(START + 1);
            assertThat(batch.getInterface()).isEqualTo("two");
        });
        assertThat(Batches.read(second.get(0).value()).getSequence()).isZero();
        assertThat(publisher.packetsRead()).isEqualTo(40);
    }

    @Test
    void whatTheFilterDoesNotSelectIsCountedNotPublished() throws Exception {
        CaptureAccount account;
        try (PacketFilter filter = PacketFilter.compile("host 10.0.0.3")) {
            account = publisher.publish(source(200, n -> {}), "x.pcap", START, filter);
        } catch (CaptureException e) {
            abort("libpcap is not installed: " + e.getMessage());
            return;
        }
        assertThat(account.published()).isEqualTo(10);
        assertThat(account.filteredOut()).isEqualTo(190);
        assertThat(account.balances()).isTrue();
        assertThat(segments(producer.history()))
                .hasSize(10)
                .allSatisfy(segment -> assertThat(segment.getSeq() % 20).isEqualTo(3));
    }

    /** Zeek's own test captures, broken ones among them. */
    @Test
    void everyRealCaptureIsAccountedFor() throws Exception {
        Path folder = captures().resolve("zeek");
        assumeTrue(Files.isDirectory(folder), "no captures at " + folder);
        int published = 0;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                producer.clear();
                CaptureAccount account;
                try {
                    account = publisher.publishFile(file, file.toString(), START, null);
                } catch (CaptureException e) {
                    continue; // no capture file, or none that has a packet
                }
                assertThat(account.balances()).as(account.render()).isTrue();
                assertThat(account.failed()).isZero();
                assertThat(segments(producer.history())).hasSize((int) account.published());
                if (account.published() > 0) {
                    assertEndTold(producer.history());
                    published++;
                }
            }
        }
        assertThat(published).isGreaterThan(300);
    }

    private static Path captures() {
        String named = System.getProperty("flowstate.captures", System.getenv("FLOWSTATE_CAPTURES"));
        return Path.of(named == null ? "../../shared/captures" : named);
    }

    @Test
    void aCaptureThatBreaksOffIsPublishedUpToThereAndEnded() throws Exception {
        CaptureAccount account = publisher.publish(
                source(100, n -> {
                    if (n == 30) {
                        throw new CaptureException("x.pcap: cut off in packet 31");
                    }
                }),
                "x.pcap",
                START,
                null);
        assertThat(account.brokenOff()).isEqualTo("x.pcap: cut off in packet 31");
        assertThat(account.published()).isEqualTo(30);
        assertThat(account.balances()).isTrue();
        assertThat(segments(producer.history())).hasSize(30);
        assertEndTold(producer.history());
    }

    @Test
    void aStoppedCaptureIsPublishedUpToThereAndEnded() throws Exception {
        CaptureAccount account = publisher.publish(
                source(100, n -> {
                    if (n == 30) {
                        publisher.stop();
                    }
                }),
                "x.pcap",
                START,
                null);
        assertThat(account.interrupted()).isTrue();
        assertThat(account.read()).isEqualTo(31);
        assertThat(account.published()).isEqualTo(31);
        assertEndTold(producer.history());
    }

    @Test
    void stoppedAfterTheLastPacketACaptureIsWhole() throws Exception {
        CaptureAccount account = publisher.publish(
                source(30, n -> {
                    if (n == 30) {
                        publisher.stop();
                    }
                }),
                "x.pcap",
                START,
                null);
        assertThat(account.interrupted()).isFalse();
    }

    @Test
    void anInterruptionStopsItLosesNothingAndStaysSet() throws Exception {
        CaptureAccount account;
        try {
            account = publisher.publish(
                    source(100, n -> {
                        if (n == 30) {
                            Thread.currentThread().interrupt();
                        }
                    }),
                    "x.pcap",
                    START,
                    null);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(account.interrupted()).isTrue();
        assertThat(account.published()).isEqualTo(31);
        assertEndTold(producer.history());
    }

    @Test
    void anInterruptionWhileTheProducerWaitsForMemoryLosesNothing() throws Exception {
        CaptureAccount account;
        try {
            account = publisher(new InterruptedOnce()).publish(source(100, n -> {}), "x.pcap", START, null);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(account.interrupted()).isTrue();
        assertThat(account.failed()).isZero();
        assertThat(account.published()).isEqualTo(account.read());
        assertThat(account.balances()).isTrue();
    }

    /** Kafka's producer for tests, interrupted at its first record: the exception sets the thread's flag again. */
    private static final class InterruptedOnce extends MockProducer<byte[], byte[]> {
        private boolean interrupted;

        InterruptedOnce() {
            super(
                    PublishToMemory.cluster(PARTITIONS),
                    true,
                    null,
                    new ByteArraySerializer(),
                    new ByteArraySerializer());
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            if (!interrupted) {
                interrupted = true;
                throw new InterruptException(new InterruptedException());
            }
            return super.send(record, callback);
        }
    }

    @Test
    void aRecordThatTheBrokerRefusesFailsThePublishingWithOneLineAndTheAccount() {
        MockProducer<byte[], byte[]> refusing = producer(false);
        PublishException failure = catchThrowableOfType(
                PublishException.class,
                () -> publisher(refusing)
                        .publish(
                                source(200, n -> {
                                    if (n == 100) {
                                        refusing.completeNext();
                                        refusing.errorNext(new RecordTooLargeException("the message is too large"));
                                    }
                                }),
                                "x.pcap",
                                START,
                                null));
        assertThat(failure)
                .hasMessage("cannot publish to flowstate.segments on kafka-1:9092: the message is too large; what was"
                        + " not acknowledged is lost, publish the capture again");
        CaptureAccount account = Objects.requireNonNull(failure.account());
        // each of the 20 connections has a batch due within the next 20 packets or so
        assertThat(account.read()).isBetween(101L, 130L);
        assertThat(account.failed()).isPositive();
        assertThat(account.balances()).isTrue();
    }

    @Test
    void aFailureOfTheLastRecordsIsNotOverlooked() {
        MockProducer<byte[], byte[]> failing = new FailingAtFlush();
        PublishException failure = catchThrowableOfType(
                PublishException.class, () -> publisher(failing).publish(source(5, n -> {}), "x.pcap", START, null));
        assertThat(failure).hasMessageContaining("kafka-1:9092: delivery timed out;");
        CaptureAccount account = Objects.requireNonNull(failure.account());
        int lost =
                Batches.segments(Batches.read(failing.history().get(0).value())).size();
        assertThat(account.failed()).isEqualTo(lost).isPositive();
        assertThat(account.published()).isEqualTo(5 - lost);
        assertThat(account.balances()).isTrue();
    }

    /** Kafka's producer for tests, which loses the first record and says so only when flushed. */
    private static final class FailingAtFlush extends MockProducer<byte[], byte[]> {
        FailingAtFlush() {
            super(
                    PublishToMemory.cluster(PARTITIONS),
                    false,
                    null,
                    new ByteArraySerializer(),
                    new ByteArraySerializer());
        }

        @Override
        public synchronized void flush() {
            errorNext(new TimeoutException("delivery timed out"));
            super.flush();
        }
    }

    @Test
    void aProducerThatGivesUpFailsThePublishing() {
        producer.sendException = new KafkaException("the producer is fenced\n  by another");
        PublishException failure = catchThrowableOfType(
                PublishException.class, () -> publisher.publish(source(100, n -> {}), "x.pcap", START, null));
        assertThat(failure).hasMessageContaining("kafka-1:9092: the producer is fenced by another;");
        CaptureAccount account = Objects.requireNonNull(failure.account());
        assertThat(account.failed()).isEqualTo(account.read());
        assertThat(account.balances()).isTrue();
    }

    @Test
    void aTopicThatCannotBeLookedUpFailsThePublishing() {
        producer.partitionsForException = new TimeoutException("Topic not present in metadata after 60000 ms.");
        assertThatThrownBy(() -> publisher.publish(source(1, n -> {}), "x.pcap", START, null))
                .isInstanceOf(PublishException.class)
                .hasMessageContaining("on kafka-1:9092: Topic not present in metadata");
    }

    @Test
    void aBrokerThatDoesNotAnswerIsReportedInOneLine() throws Exception {
        // bound and never accepting: connections are made, nothing is ever answered
        try (ServerSocket silent = new ServerSocket(0)) {
            String address = "localhost:" + silent.getLocalPort();
            PublisherConfig config = impatient(address);
            assertThatThrownBy(() -> SegmentPublisher.connect(config))
                    .isInstanceOf(PublishException.class)
                    .hasMessage("no Kafka broker answered at " + address
                            + " within 0.3 s: check the address, and that Kafka runs there");
        }
    }

    @Test
    void whereNobodyListensIsReportedLikewise() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0)) {
            port = closed.getLocalPort();
        }
        PublisherConfig config = impatient("localhost:" + port);
        assertThatThrownBy(() -> SegmentPublisher.connect(config))
                .isInstanceOf(PublishException.class)
                .hasMessageStartingWith("no Kafka broker answered at localhost:" + port + " within 0.3 s");
    }

    @Test
    void aSettingThatKafkaRefusesIsReportedInOneLine() {
        PublisherConfig config = PublisherConfig.of(
                KafkaCluster.at("localhost:9092", Map.of("security.protocol", "CARRIER_PIGEON")),
                "a",
                Checksums.verify);
        assertThatThrownBy(() -> SegmentPublisher.connect(config))
                .isInstanceOf(PublishException.class)
                .hasMessageStartingWith("cannot set up the Kafka client for localhost:9092: ")
                .hasMessageContaining("CARRIER_PIGEON")
                .message()
                .doesNotContain("\n");
    }

    private static PublisherConfig impatient(String brokers) {
        return PublisherConfig.of(
                new KafkaCluster(brokers, Map.of(), true, 1, (short) 1, Duration.ofMillis(300)), "a", Checksums.verify);
    }

    @Test
    void aConfigurationThatCannotWorkSaysWhy() {
        KafkaCluster good = KafkaCluster.at("h:1", Map.of());
        Duration ms = Duration.ofMillis(1);
        assertThatThrownBy(() -> PublisherConfig.of(good, "", Checksums.verify))
                .hasMessageStartingWith("agent id must not be empty");
        assertThatThrownBy(() -> new PublisherConfig(good, "a", "ä".repeat(128), Batching.DEFAULT, Checksums.verify))
                .hasMessageContaining("at most 255 octets in UTF-8, has 256");
        assertThatThrownBy(() -> new Batching(0, ms, 1, ms)).hasMessageContaining("1..1024, was 0");
        assertThatThrownBy(() -> new Batching(1, Duration.ZERO, 1, ms))
                .hasMessageStartingWith("linger must be above zero");
        assertThatThrownBy(() -> new Batching(1, ms, 0, ms)).hasMessageStartingWith("open connections must be");
        assertThatThrownBy(() -> new Batching(1, ms, 1, Duration.ofSeconds(-1)))
                .hasMessageStartingWith("progress interval must be above zero, was PT-1S");
    }
}
