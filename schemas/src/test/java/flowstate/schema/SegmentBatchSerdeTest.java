package flowstate.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.util.RandomData;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentBatchSerdeTest {
    private static final Schema SCHEMA = SegmentBatch.getClassSchema();
    private static final long START = 1_700_000_000_000_000_000L;

    private final SegmentBatchSerde serde = new SegmentBatchSerde();

    private static final byte[] KEY = {4, 10, 0, 0, 1, 10, 0, 0, 2, 0, 80, 4, 0};

    /** A batch of one connection. */
    private static SegmentBatch batch(TcpSegment... segments) {
        return batch(List.of(new ConnectionSegments(KEY, START + 100, null, List.of(segments))));
    }

    private static SegmentBatch batch(List<ConnectionSegments> connections) {
        SegmentBatch batch = new SegmentBatch();
        batch.setAgent("agent-ä");
        batch.setSession(START);
        batch.setInterface("eth0");
        batch.setSequence(7);
        batch.setClock(START + 100);
        batch.setConnections(connections);
        return batch;
    }

    private static TcpSegment segment(long timeNs, boolean fromLow, int seq, int ack, int flags, int payload) {
        TcpSegment s = new TcpSegment();
        s.setTime(timeNs);
        s.setFromLow(fromLow);
        s.setSeq(Integer.toUnsignedLong(seq));
        s.setAck(Integer.toUnsignedLong(ack));
        s.setFlags(flags);
        s.setWindow(1000);
        s.setPayloadLength(payload);
        s.setWireLength(payload + 40);
        s.setTtl(64);
        return s;
    }

    private static TcpSegment random(Random random) {
        TcpSegment s = new TcpSegment();
        s.setTime(random.nextInt(10) == 0 ? random.nextLong() : START + random.nextInt());
        s.setFromLow(random.nextBoolean());
        s.setSeq(Integer.toUnsignedLong(random.nextInt()));
        s.setAck(Integer.toUnsignedLong(random.nextInt()));
        s.setFlags(random.nextInt(512));
        s.setWindow(random.nextInt(65536));
        s.setPayloadLength(random.nextInt(65536));
        s.setWireLength(random.nextInt(65536));
        s.setTtl(random.nextInt(256));
        s.setIpId(random.nextInt(65537) - 1);
        s.setTrafficClass(random.nextInt(256));
        s.setVlanId(random.nextInt(4097) - 1);
        if (random.nextBoolean()) {
            s.setTimestampValue(Integer.toUnsignedLong(random.nextInt()));
            s.setTimestampEcho(Integer.toUnsignedLong(random.nextInt()));
        }
        if (random.nextBoolean()) {
            s.setMss(random.nextInt(65537) - 1);
            s.setWindowScale(random.nextInt(257) - 1);
            s.setSackPermitted(random.nextBoolean());
            s.setFastOpen(random.nextInt(20) - 1);
            List<Long> edges = new ArrayList<>();
            for (int i = random.nextInt(5); i > 0; i--) {
                edges.add(Integer.toUnsignedLong(random.nextInt()));
                edges.add(Integer.toUnsignedLong(random.nextInt()));
            }
            s.setSackBlocks(edges);
        }
        s.setPayloadHash(random.nextBoolean() ? random.nextInt() : null);
        s.setChecksum(random.nextInt(4));
        s.setBadOptions(random.nextBoolean());
        s.setPayloadCut(random.nextBoolean());
        return s;
    }

    private static ConnectionSegments randomConnection(Random random) {
        byte[] key = new byte[random.nextInt(40)];
        random.nextBytes(key);
        TcpSegment[] segments = new TcpSegment[random.nextInt(20)];
        Arrays.setAll(segments, i -> random(random));
        String tunnel = random.nextBoolean() ? "vxlan " + random.nextInt() + " 10.0.0.1>10.0.0.2" : null;
        return new ConnectionSegments(key, START + random.nextInt(), tunnel, List.of(segments));
    }

    /** The segments of a batch's first connection, as Avro sees them. */
    private static List<GenericRecord> segments(GenericRecord batch) {
        List<GenericRecord> segments = new ArrayList<>();
        GenericRecord connection = (GenericRecord) ((List<?>) batch.get("connections")).get(0);
        for (Object each : (List<?>) connection.get("segments")) {
            segments.add((GenericRecord) each);
        }
        return segments;
    }

    private static GenericRecord byAvro(byte[] encoded) throws IOException {
        return new BinaryMessageDecoder<GenericRecord>(GenericData.get(), SCHEMA).decode(encoded);
    }

    private static byte[] byAvro(Schema schema, Object record) throws IOException {
        ByteBuffer encoded = new BinaryMessageEncoder<>(GenericData.get(), schema).encode(record);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    static SegmentBatch random(Random random, int connections) {
        List<ConnectionSegments> some = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            some.add(randomConnection(random));
        }
        SegmentBatch batch = batch(some);
        if (random.nextBoolean()) {
            batch.setProgress(new Progress(random.nextLong(), random.nextLong(), random.nextBoolean()));
        }
        return batch;
    }

    @Property
    void whatIsWrittenIsRead(@ForAll long seed) {
        Random random = new Random(seed);
        SegmentBatch batch = random(random, random.nextInt(5));
        assertThat(serde.deserialize("t", serde.serialize("t", batch))).isEqualTo(batch);
    }

    @Property(tries = 200)
    void avroReadsAndWritesTheSame(@ForAll long seed) throws IOException {
        for (Object record : new RandomData(SCHEMA, 1, seed)) {
            SegmentBatch batch;
            try {
                batch = serde.deserialize("t", byAvro(SCHEMA, record));
            } catch (SerializationException e) {
                throw new AssertionError(record.toString(), e);
            }
            byte[] byHand = serde.serialize("t", batch);
            assertThat(byAvro(SCHEMA, byAvro(byHand))).isEqualTo(byHand);
            assertThat(serde.serialize("t", serde.deserialize("t", byHand))).isEqualTo(byHand);
        }
    }

    /** The schema's words, on a handshake and a request, told apart from the code. */
    @Test
    void numbersAreDifferencesFromWhatIsExpected() throws IOException {
        SegmentBatch batch = batch(
                segment(START, true, -2, 0, 2, 0),
                segment(START + 10, false, 500, -1, 18, 0),
                segment(START + 30, true, -1, 501, 16, 0),
                segment(START + 60, true, -1, 501, 24, 100),
                segment(START + 100, false, 501, 99, 16, 0),
                // sent again
                segment(START + 90, true, -1, 501, 24, 100));
        GenericRecord record = byAvro(serde.serialize("t", batch));
        List<List<Object>> numbers = new ArrayList<>();
        for (GenericRecord s : segments(record)) {
            numbers.add(List.of(
                    s.get("time"), s.get("seq"), s.get("ack"), s.get("window"), s.get("header_length"), s.get("ttl")));
        }
        assertThat(numbers)
                .containsExactly(
                        List.of(-100L, -2, 0, 1000, 40, 64),
                        // what the SYN acknowledged nobody sent, so the SYN-ACK's own number is whole
                        List.of(10L, 500, 0, 1000, 40, 64),
                        List.of(20L, 0, 0, 0, 40, 0),
                        List.of(30L, 0, 0, 0, 40, 0),
                        List.of(40L, 0, 0, 0, 40, 0),
                        List.of(-10L, -100, 0, 0, 40, 0));
    }

    /** An end that has sent nothing yet is expected where the other end's ACK says. */
    @Test
    void aBatchThatBeginsWithinAConnectionNeedsOneWholeNumberAnEnd() throws IOException {
        SegmentBatch batch = batch(
                segment(START, true, 1_000_000, 2_000_000, 16, 0), segment(START, false, 2_000_000, 1_000_000, 24, 10));
        GenericRecord second = segments(byAvro(serde.serialize("t", batch))).get(1);
        assertThat(second.get("seq")).isEqualTo(0);
        assertThat(second.get("ack")).isEqualTo(0);
    }

    /** Clocks are differences along the batch; segments know nothing of the connection before. */
    @Test
    void eachConnectionIsToldByItself() throws IOException {
        TcpSegment segment = segment(START + 90, true, 1000, 2000, 16, 0);
        List<ConnectionSegments> connections = new ArrayList<>();
        for (long clock : new long[] {START + 100, START + 130, START + 130}) {
            connections.add(new ConnectionSegments(KEY, clock, null, List.of(segment)));
        }
        GenericRecord record = byAvro(serde.serialize("t", batch(connections)));
        List<List<Object>> numbers = new ArrayList<>();
        for (Object each : (List<?>) record.get("connections")) {
            GenericRecord connection = (GenericRecord) each;
            GenericRecord s = (GenericRecord) ((List<?>) connection.get("segments")).get(0);
            numbers.add(List.of(connection.get("clock"), s.get("time"), s.get("seq"), s.get("window")));
        }
        assertThat(numbers)
                .containsExactly(
                        List.of(0L, -10L, 1000, 1000), List.of(30L, -40L, 1000, 1000), List.of(0L, -40L, 1000, 1000));
    }

    /** Avro may write an array in several blocks, with their sizes. */
    @Test
    void anArrayInSizedBlocksIsRead() throws IOException {
        SegmentBatch batch = batch(segment(1, true, 1, 2, 16, 3), segment(2, true, 4, 2, 16, 3));
        byte[] header = Arrays.copyOf(serde.serialize("t", batch), SingleObject.HEADER_LENGTH);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(header);
        BinaryEncoder encoder = new EncoderFactory().configureBlockSize(64).blockingBinaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(SCHEMA).write(byAvro(serde.serialize("t", batch)), encoder);
        encoder.flush();
        assertThat(out.toByteArray()).isNotEqualTo(serde.serialize("t", batch));
        assertThat(serde.deserialize("t", out.toByteArray())).isEqualTo(batch);
    }

    @Test
    void theHeaderIsTheMarkerAndTheFingerprintLittleEndian() throws Exception {
        byte[] header = Arrays.copyOf(serde.serialize("t", batch()), SingleObject.HEADER_LENGTH);
        byte[] fingerprint = org.apache.avro.SchemaNormalization.parsingFingerprint("CRC-64-AVRO", SCHEMA);
        assertThat(HexFormat.of().formatHex(header))
                .isEqualTo("c301" + HexFormat.of().formatHex(fingerprint));
    }

    @Test
    void nullStaysNull() {
        assertThat(serde.serialize("t", null)).isNull();
        assertThat(serde.deserialize("t", null)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "c3", "c301000000000000", "00000000000000000000", "c3010000000000000000ff"})
    void whatHasAnotherHeaderIsRefused(String hex) {
        assertThatThrownBy(() -> serde.deserialize("segments", HexFormat.of().parseHex(hex)))
                .isInstanceOf(SerializationException.class)
                .hasMessageStartingWith("not a SegmentBatch ")
                .hasMessageContaining("segments");
    }

    @Test
    void whatAnotherVersionWroteIsResolved() throws IOException {
        SegmentBatch batch = batch(segment(START, true, 1, 2, 16, 3));
        Schema later = new Schema.Parser()
                .parse(SCHEMA.toString()
                        .replaceFirst(
                                "\\{\"name\":\"flags\"",
                                "{\"name\":\"later\",\"type\":\"string\",\"default\":\"\"},{\"name\":\"flags\""));
        GenericRecord record = byAvro(serde.serialize("t", batch));
        byte[] own = Arrays.copyOfRange(
                serde.serialize("t", batch), SingleObject.HEADER_LENGTH, serde.serialize("t", batch).length);
        GenericRecord laterRecord = new org.apache.avro.generic.GenericDatumReader<GenericRecord>(SCHEMA, later)
                .read(null, org.apache.avro.io.DecoderFactory.get().binaryDecoder(own, null));
        assertThat(laterRecord).hasToString(record.toString().replace("\"flags\"", "\"later\": \"\", \"flags\""));
        assertThat(new SegmentBatchSerde(List.of(later)).deserialize("t", byAvro(later, laterRecord)))
                .isEqualTo(batch);
    }

    /** Hostile octets are an exception that is expected, and quickly. */
    @Property
    void whateverTheOctetsAre(@ForAll byte[] octets, @ForAll long seed) {
        byte[] good = serde.serialize("t", batch(random(new Random(seed)), random(new Random(seed + 1))));
        byte[] bad = Arrays.copyOf(good, SingleObject.HEADER_LENGTH + octets.length);
        System.arraycopy(octets, 0, bad, SingleObject.HEADER_LENGTH, octets.length);
        byte[] changed = good.clone();
        Random random = new Random(seed);
        changed[SingleObject.HEADER_LENGTH + random.nextInt(changed.length - SingleObject.HEADER_LENGTH)] =
                (byte) random.nextInt();
        for (byte[] each : List.of(bad, changed, Arrays.copyOf(good, random.nextInt(good.length)))) {
            try {
                serde.deserialize("t", each);
            } catch (SerializationException expected) {
                assertThat(expected).hasMessageContaining("SegmentBatch");
            }
        }
    }

    @Test
    void everyCutIsRefused() {
        byte[] bytes = serde.serialize("t", batch(random(new Random(1))));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> serde.deserialize("t", cut))
                    .as("cut to %d octets", length)
                    .isInstanceOf(SerializationException.class);
        }
    }
}
