package flowstate.capture.publish;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import flowstate.capture.decode.Checksums;
import flowstate.capture.decode.DecodedSegment;
import flowstate.capture.decode.PacketDecoder;
import flowstate.capture.source.TcpFrame;
import flowstate.program.KafkaCluster;
import flowstate.schema.ConnectionKey;
import flowstate.schema.ConnectionSegments;
import flowstate.schema.Progress;
import flowstate.schema.SegmentBatch;
import flowstate.schema.TcpSegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatcherTest {
    private static final KafkaCluster UNUSED = KafkaCluster.at("unused:9092", Map.of());

    private static final long MS = 1_000_000;
    static final long START = 1_700_000_000_000_000_000L;
    private static final long SESSION = 42;

    /** A segment, or with connection -1 a packet that is none, so long after the one before. */
    record Step(long afterNs, int connection, boolean reverse) {}

    /** What left the batcher, and how far the capture was then. */
    record Sent(int partition, byte[] octets, SegmentBatch batch, int addedBefore, long clock) {
        boolean hasSegments() {
            return !batch.getConnections().isEmpty();
        }

        Progress progress() {
            return requireNonNull(batch.getProgress());
        }

        /** Numbers of segments, see {@link Session}. */
        List<Integer> segments() {
            return Batches.segments(batch).stream()
                    .map(segment -> (int) segment.getTime())
                    .toList();
        }
    }

    /** A batcher under test: each segment's capture time is its number, so that it can be told from all others. */
    static final class Session {
        final PublisherConfig config;
        final int partitions;
        final List<Sent> sent = new ArrayList<>();
        final List<Integer> connectionOf = new ArrayList<>();
        final List<Long> clockOf = new ArrayList<>();
        final Batcher batcher;
        long clock = START;

        Session(PublisherConfig config, int partitions) {
            this.config = config;
            this.partitions = partitions;
            this.batcher = new Batcher(config, "test.pcap", SESSION, partitions, (partition, octets, segments) -> {
                Sent batch = new Sent(partition, octets, Batches.read(octets), connectionOf.size(), clock);
                assertThat(segments).isEqualTo(batch.segments().size());
                sent.add(batch);
            });
        }

        void packet(long afterNs) throws PublishException {
            clock += afterNs;
            batcher.advance(clock);
        }

        void segment(long afterNs, int connection, boolean reverse) throws PublishException {
            packet(afterNs);
            connectionOf.add(connection);
            clockOf.add(clock);
            batcher.add(BatcherTest.segment(connection, reverse), connectionOf.size() - 1);
        }

        Session run(List<Step> steps) throws PublishException {
            for (Step step : steps) {
                if (step.connection < 0) {
                    packet(step.afterNs);
                } else {
                    segment(step.afterNs, step.connection, step.reverse);
                }
            }
            batcher.finish();
            return this;
        }

        List<Sent> batches() {
            return sent.stream().filter(Sent::hasSegments).toList();
        }

        List<Sent> progress() {
            return sent.stream()
                    .filter(record -> record.batch.getProgress() != null)
                    .toList();
        }
    }

    static PublisherConfig config(int segments, long lingerMs, int open) {
        return config(new Batching(segments, Duration.ofMillis(lingerMs), open, Duration.ofSeconds(1)));
    }

    static PublisherConfig config(Batching batching) {
        return new PublisherConfig(UNUSED, "agent-1", "lab", batching, Checksums.verify);
    }

    /** Connections 0, 2, 4 … are IPv4, the others IPv6; number 7 is on loopback. */
    static DecodedSegment segment(int connection, boolean reverse) {
        byte[] client = connection == 7
                ? new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}
                : address(connection, (byte) 200);
        byte[] server = address(connection, (byte) 7);
        DecodedSegment segment = new DecodedSegment();
        segment.addressLength = client.length;
        System.arraycopy(reverse ? server : client, 0, segment.source, 0, client.length);
        System.arraycopy(reverse ? client : server, 0, segment.destination, 0, client.length);
        segment.sourcePort = reverse ? 443 : 40000 + connection;
        segment.destinationPort = reverse ? 40000 + connection : 443;
        segment.flags = 0x10;
        segment.fastOpen = -1;
        return segment;
    }

    private static byte[] address(int connection, byte last) {
        return connection % 2 == 0
                ? new byte[] {10, (byte) connection, 0, last}
                : new byte[] {0x20, 1, 0x0d, (byte) 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) connection, 0, last};
    }

    static byte[] keyOf(int connection) {
        DecodedSegment segment = segment(connection, false);
        byte[] source = Arrays.copyOf(segment.source, segment.addressLength);
        byte[] destination = Arrays.copyOf(segment.destination, segment.addressLength);
        return ConnectionKey.of(
                        source,
                        segment.sourcePort,
                        destination,
                        segment.destinationPort,
                        connection == 7 ? "agent-1" : "lab")
                .toBytes();
    }

    @Provide
    Arbitrary<List<Step>> captures() {
        Arbitrary<Long> gaps = Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.of(0L)),
                Tuple.of(8, Arbitraries.longs().between(0, 20 * MS)),
                Tuple.of(1, Arbitraries.longs().between(0, 3000 * MS)));
        return Combinators.combine(gaps, Arbitraries.integers().between(-1, 9), Arbitraries.of(true, false))
                .as(Step::new)
                .list()
                .ofMaxSize(200);
    }

    @Property
    void everySegmentIsInOneBatchInOrderOfItsConnectionUnderItsKey(
            @ForAll("captures") List<Step> capture,
            @ForAll @IntRange(min = 1, max = 5) int segments,
            @ForAll @IntRange(min = 1, max = 12) int open,
            @ForAll @IntRange(min = 1, max = 4) int partitions)
            throws PublishException {
        Session session = new Session(config(segments, 50, open), partitions).run(capture);

        Map<Integer, List<Long>> published = new HashMap<>();
        for (Sent record : session.batches()) {
            for (ConnectionSegments some : record.batch.getConnections()) {
                assertThat(some.segments()).hasSizeBetween(1, segments);
                assertThat(record.partition).isEqualTo(Batcher.partition(some.key(), partitions));
                for (TcpSegment segment : some.segments()) {
                    int connection = session.connectionOf.get((int) segment.getTime());
                    assertThat(some.key()).isEqualTo(keyOf(connection));
                    published
                            .computeIfAbsent(connection, c -> new ArrayList<>())
                            .add(segment.getTime());
                }
            }
        }
        Map<Integer, List<Long>> captured = new HashMap<>();
        for (int i = 0; i < session.connectionOf.size(); i++) {
            captured.computeIfAbsent(session.connectionOf.get(i), c -> new ArrayList<>())
                    .add((long) i);
        }
        assertThat(published).isEqualTo(captured);
        assertThat(session.batcher.openSegments()).isZero();
    }

    @Property
    void sequencesAreGapFreePerPartitionAndTheClockNeverGoesBack(
            @ForAll("captures") List<Step> capture,
            @ForAll @IntRange(min = 1, max = 12) int open,
            @ForAll @IntRange(min = 1, max = 4) int partitions)
            throws PublishException {
        Session session = new Session(config(3, 50, open), partitions).run(capture);

        Map<Integer, Long> next = new HashMap<>();
        Map<Integer, Long> clocks = new HashMap<>();
        for (Sent record : session.sent) {
            assertThat(record.batch.getSequence()).isEqualTo(next.getOrDefault(record.partition, 0L));
            next.merge(record.partition, 1L, Long::sum);
            for (ConnectionSegments some : record.batch.getConnections()) {
                long lastTaken = session.clockOf.get(
                        (int) some.segments().get(some.segments().size() - 1).getTime());
                assertThat(some.clock())
                        .isBetween(lastTaken, record.clock)
                        .isGreaterThanOrEqualTo(clocks.getOrDefault(record.partition, Long.MIN_VALUE));
                clocks.put(record.partition, some.clock());
            }
        }
    }

    /** Beyond the linger by the time between two looks at the most. */
    @Property
    void noSegmentWaitsLongerThanTheLinger(@ForAll("captures") List<Step> capture) throws PublishException {
        Session session = new Session(config(16, 50, 100), 2);
        for (Step step : capture) {
            session.packet(step.afterNs);
            Set<Integer> published = new HashSet<>();
            session.batches().forEach(sent -> published.addAll(sent.segments()));
            for (int i = 0; i < session.clockOf.size(); i++) {
                if (session.clock - session.clockOf.get(i) >= 60 * MS) {
                    assertThat(published).contains(i);
                }
            }
            if (step.connection >= 0) {
                session.segment(0, step.connection, step.reverse);
            }
        }
    }

    @Property
    void aConnectionsSegmentsPartEarlyOnlyWhenTheyAreManyOrTooManyAreOpen(
            @ForAll("captures") List<Step> capture, @ForAll @IntRange(min = 1, max = 12) int open)
            throws PublishException {
        Session session = new Session(config(4, 50, open), 2);
        session.run(capture);
        for (Sent record : session.batches()) {
            boolean atTheEnd =
                    record.batch.getProgress() != null && record.progress().endOfCapture();
            for (ConnectionSegments some : record.batch.getConnections()) {
                int first = (int) some.segments().get(0).getTime();
                boolean lingered = record.clock - session.clockOf.get(first) >= 50 * MS;
                boolean tooMany = new HashSet<>(session.connectionOf.subList(first, record.addedBefore)).size() > open;
                assertThat(lingered || tooMany || some.segments().size() == 4 || atTheEnd)
                        .isTrue();
            }
        }
    }

    @Property
    void noMoreConnectionsHaveOpenSegmentsThanMay(
            @ForAll("captures") List<Step> capture, @ForAll @IntRange(min = 1, max = 12) int open)
            throws PublishException {
        // each segment that goes into a batch is sent: what has not been is open
        Session session = new Session(config(1000, 50, open), 2);
        for (Step step : capture) {
            if (step.connection >= 0) {
                session.segment(step.afterNs, step.connection, step.reverse);
                session.batcher.skipNumbers();
                Set<Integer> unsent = new HashSet<>();
                for (int i = 0; i < session.connectionOf.size(); i++) {
                    unsent.add(i);
                }
                session.sent.forEach(record -> record.segments().forEach(unsent::remove));
                assertThat(unsent.stream().map(session.connectionOf::get).distinct())
                        .hasSizeLessThanOrEqualTo(open);
                assertThat(session.batcher.openSegments()).isEqualTo(unsent.size());
            }
        }
    }

    @Test
    void connectionsOfAPartitionShareABatch() throws PublishException {
        Session session = new Session(config(16, 50, 100), 1);
        session.segment(0, 0, false);
        session.segment(9 * MS, 2, false);
        session.segment(9 * MS, 4, false);
        session.packet(50 * MS);
        assertThat(session.batches())
                .singleElement()
                .satisfies(sent -> assertThat(sent.segments()).containsExactly(0, 1, 2));
    }

    @Test
    void aBatchThatIsFullLeavesAtOnce() throws PublishException {
        Session session = new Session(config(16, 50, 100), 1);
        for (int i = 0; i < 20_000; i++) {
            session.segment(0, i % 10, false);
        }
        assertThat(session.batches())
                .hasSizeGreaterThan(5)
                .allSatisfy(sent -> assertThat(sent.octets).hasSizeBetween(32 << 10, 33 << 10));
        assertThat(session.batcher.openSegments()).isBetween(1L, 5_000L);
    }

    @Property
    void theWatermarkNeverPassesAnUnpublishedSegment(
            @ForAll("captures") List<Step> capture,
            @ForAll @IntRange(min = 1, max = 12) int open,
            @ForAll @IntRange(min = 1, max = 4) int partitions)
            throws PublishException {
        // a linger longer than the interval, so that batches are open when progress is told
        PublisherConfig config = config(new Batching(4, Duration.ofSeconds(2), open, Duration.ofMillis(100)));
        Session session = new Session(config, partitions).run(capture);

        Map<Integer, Long> watermarks = new HashMap<>();
        for (Sent record : session.sent) {
            for (int segment : record.segments()) {
                assertThat(session.clockOf.get(segment))
                        .isGreaterThanOrEqualTo(watermarks.getOrDefault(record.partition, Long.MIN_VALUE));
            }
            if (record.batch.getProgress() != null) {
                long watermark = record.progress().watermark();
                assertThat(watermark).isGreaterThanOrEqualTo(watermarks.getOrDefault(record.partition, Long.MIN_VALUE));
                watermarks.put(record.partition, watermark);
            }
        }
    }

    @Property
    void everyPartitionIsToldTheEndOnceAndLastIfThereWereSegments(
            @ForAll("captures") List<Step> capture, @ForAll @IntRange(min = 1, max = 4) int partitions)
            throws PublishException {
        Session session = new Session(config(4, 50, 100), partitions).run(capture);

        Map<Integer, Boolean> ended = new HashMap<>();
        for (Sent record : session.sent) {
            assertThat(ended.getOrDefault(record.partition, false))
                    .as("after the end")
                    .isFalse();
            boolean end =
                    record.batch.getProgress() != null && record.progress().endOfCapture();
            ended.put(record.partition, end);
            if (end) {
                assertThat(record.progress().watermark()).isEqualTo(session.clock);
            }
        }
        assertThat(ended.values()).doesNotContain(false);
        assertThat(ended.keySet()).hasSize(session.batches().isEmpty() ? 0 : partitions);
    }

    /** By Kafka's own default partitioner, so that agents and every other producer meet. */
    @Property
    void thePartitionIsThatOfKafkasDefaultPartitioner(
            @ForAll @Size(min = 1, max = 60) byte[] key, @ForAll @IntRange(min = 1, max = 1000) int partitions) {
        assertThat(Batcher.partition(key, partitions)).isEqualTo(BuiltInPartitioner.partitionForKey(key, partitions));
    }

    /** Murmur2 values that Kafka's own tests pin down: the default partitioner may never change for keyed records. */
    @ParameterizedTest
    @CsvSource({"21, -973932308", "foobar, -790332482", "a-little-bit-long-string, -985981536", "abc, 479470107"})
    void thePartitionIsThePositiveMurmur2HashModuloPartitions(String key, int murmur2) {
        assertThat(Batcher.partition(key.getBytes(StandardCharsets.US_ASCII), 12))
                .isEqualTo((murmur2 & 0x7fffffff) % 12);
    }

    @Test
    void ofAConnectionSixteenSegmentsGoTogether() throws PublishException {
        Session session = new Session(PublisherConfig.of(UNUSED, "a", Checksums.verify), 1);
        for (int i = 0; i < 17; i++) {
            session.segment(0, 0, i % 2 == 1);
        }
        session.packet(10 * MS);
        assertThat(session.batches())
                .singleElement()
                .satisfies(sent -> assertThat(sent.segments()).hasSize(16));
        session.batcher.finish();
        assertThat(session.batches()).hasSize(2);
    }

    @Test
    void segmentsLeaveWhenTheFirstIsAsOldAsTheLingerAndItIsLooked() throws PublishException {
        Session session = new Session(PublisherConfig.of(UNUSED, "a", Checksums.verify), 1);
        session.segment(0, 0, false);
        session.segment(30 * MS, 0, true);
        session.packet(20 * MS - 1);
        session.packet(1);
        assertThat(session.batches()).isEmpty();
        session.packet(10 * MS - 1);
        assertThat(session.batches())
                .singleElement()
                .satisfies(sent -> assertThat(sent.segments()).hasSize(2));
    }

    @Test
    void progressIsToldWhenTheClockHasGoneOnByTheInterval() throws PublishException {
        Session session = new Session(PublisherConfig.of(UNUSED, "a", Checksums.verify), 1);
        session.segment(0, 0, false);
        session.packet(999 * MS);
        assertThat(session.progress()).isEmpty();
        session.packet(MS);
        assertThat(session.progress()).singleElement().satisfies(sent -> {
            assertThat(sent.hasSegments()).isFalse();
            assertThat(sent.progress()).isEqualTo(new Progress(START + 1000 * MS, 0L, false));
        });
        session.packet(999 * MS);
        assertThat(session.progress()).hasSize(1);
    }

    @Test
    void aCaptureWithoutSegmentsNeedsNoRecords() throws PublishException {
        Session session = new Session(PublisherConfig.of(UNUSED, "a", Checksums.verify), 4);
        session.packet(0);
        session.packet(5000 * MS);
        session.batcher.finish();
        assertThat(session.sent).isEmpty();
    }

    @Test
    void aSegmentArrivesAsItWasDecoded() throws PublishException {
        DecodedSegment decoded = segment(2, true);
        decoded.sequence = 0xffff_fffe;
        decoded.acknowledgement = 0x8000_0000;
        decoded.flags = 0x1ff;
        decoded.window = 65535;
        decoded.payloadLength = 1448;
        decoded.wireLength = 1500;
        decoded.ttl = 255;
        decoded.ipId = 65534;
        decoded.trafficClass = 0xb9;
        decoded.vlanId = 4094;
        decoded.mss = 1460;
        decoded.windowScale = 14;
        decoded.sackPermitted = true;
        decoded.timestampValue = 0xffff_ffffL;
        decoded.timestampEcho = 1;
        decoded.sackEdges[0] = 1;
        decoded.sackEdges[1] = -1;
        decoded.sackBlockCount = 1;
        decoded.fastOpen = 8;
        List<byte[]> wire = new ArrayList<>();
        Batcher batcher = new Batcher(
                PublisherConfig.of(UNUSED, "host-1", Checksums.verify),
                "a.pcap",
                SESSION,
                1,
                (partition, batch, segments) -> wire.add(batch));
        batcher.advance(START + 5);
        batcher.add(decoded, START - 7);
        batcher.finish();

        SegmentBatch batch = Batches.read(wire.get(0));
        assertThat(batch.getAgent()).isEqualTo("host-1");
        assertThat(batch.getInterface()).isEqualTo("a.pcap");
        assertThat(batch.getSession()).isEqualTo(SESSION);
        assertThat(batch.getProgress()).isEqualTo(new Progress(START + 5, 0, true));
        // the server, 10.2.0.7, is below the client, 10.2.0.200
        TcpSegment expected = new TcpSegment();
        expected.setTime(START - 7);
        expected.setFromLow(true);
        expected.setSeq(4294967294L);
        expected.setAck(2147483648L);
        expected.setFlags(511);
        expected.setWindow(65535);
        expected.setPayloadLength(1448);
        expected.setWireLength(1500);
        expected.setTtl(255);
        expected.setIpId(65534);
        expected.setTrafficClass(0xb9);
        expected.setVlanId(4094);
        expected.setMss(1460);
        expected.setWindowScale(14);
        expected.setSackPermitted(true);
        expected.setTimestampValue(4294967295L);
        expected.setTimestampEcho(1);
        expected.setSackBlocks(List.of(1L, 4294967295L));
        expected.setFastOpen(8);
        assertThat(batch.getConnections())
                .containsExactly(new ConnectionSegments(
                        ConnectionKey.of(address(2, (byte) 7), 443, address(2, (byte) 200), 40002, "")
                                .toBytes(),
                        START + 5,
                        null,
                        List.of(expected)));
    }

    @Test
    void aBatchTellsTheTunnelOfItsFirstTunnelledSegmentFromTheLowEndsSide() throws PublishException {
        List<SegmentBatch> sent = new ArrayList<>();
        Batcher batcher = new Batcher(
                PublisherConfig.of(UNUSED, "host-1", Checksums.verify),
                "eth0",
                SESSION,
                1,
                (partition, batch, segments) -> sent.add(Batches.read(batch)));
        TcpFrame low = new TcpFrame().from("10.0.0.1", 40000).to("10.0.0.2", 80).flags("S");
        TcpFrame high =
                new TcpFrame().from("10.0.0.2", 80).to("10.0.0.1", 40000).flags("S.");
        String out = "c0a80001 c0a80002";
        String back = "c0a80002 c0a80001";
        String elsewhere = "c0a80003 c0a80002";
        for (byte[][] batch : new byte[][][] {
            {low.raw(), vxlan(out, 42, low), vxlan(back, 42, high)},
            {vxlan(back, 42, high)},
            {low.raw(), high.raw()},
            {vxlan(elsewhere, 42, low), vxlan(back, 42, high)},
        }) {
            batcher.advance(START + sent.size() * 1_000_000_000L);
            for (byte[] packet : batch) {
                batcher.add(decode(packet), START);
            }
            batcher.finish();
        }

        assertThat(sent.stream()
                        .flatMap(batch -> batch.getConnections().stream())
                        .map(ConnectionSegments::tunnel))
                .containsExactly(
                        "vxlan 42 192.168.0.1>192.168.0.2",
                        "vxlan 42 192.168.0.1>192.168.0.2",
                        null,
                        "vxlan 42 192.168.0.3>192.168.0.2");
    }

    private static DecodedSegment decode(byte[] datagram) {
        DecodedSegment segment = new DecodedSegment();
        assertThat(new PacketDecoder(Checksums.ignore)
                        .decode(101, ByteBuffer.wrap(datagram), 0, datagram.length, datagram.length, segment))
                .isNull();
        return segment;
    }

    private static byte[] vxlan(String addresses, int network, TcpFrame inside) {
        byte[] frame = inside.ethernet();
        byte[] headers = HexFormat.of()
                .parseHex(String.format(
                                "4500%04x 0000 0000 4011 0000 %s c001 12b5 %04x 0000 08000000 %06x00",
                                36 + frame.length, addresses, 16 + frame.length, network)
                        .replace(" ", ""));
        byte[] all = Arrays.copyOf(headers, headers.length + frame.length);
        System.arraycopy(frame, 0, all, headers.length, frame.length);
        return all;
    }
}
