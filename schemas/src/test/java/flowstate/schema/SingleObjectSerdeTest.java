package flowstate.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SingleObjectSerdeTest {
    private final SingleObjectSerde<SegmentBatch> serde = new SingleObjectSerde<>(SegmentBatch.class);

    private static SegmentBatch batch() {
        TcpSegment segment = new TcpSegment(
                1_700_000_000_000_000_001L,
                true,
                0xffff_ffffL,
                1L,
                0x12,
                65535,
                1460,
                1500,
                64,
                -1,
                3,
                -1,
                1460,
                7,
                true,
                0xffff_fffeL,
                0L,
                List.of(1L, 2L, 0xffff_ffffL, 4L),
                -1,
                77,
                1,
                true,
                false);
        return new SegmentBatch(
                "agent-ä",
                5L,
                "eth0",
                7L,
                1_700_000_000_000_000_002L,
                List.of(segment, segment),
                new Progress(1L, 2L, true));
    }

    /** The reference: Avro's own implementation of its single-object encoding. */
    private static byte[] byAvro(SegmentBatch batch) throws IOException {
        ByteBuffer encoded =
                new BinaryMessageEncoder<SegmentBatch>(batch.getSpecificData(), batch.getSchema()).encode(batch);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    @Test
    void itWritesWhatAvrosOwnEncoderWrites() throws IOException {
        assertThat(serde.serialize("t", batch())).isEqualTo(byAvro(batch()));
    }

    @Test
    void avrosOwnDecoderReadsIt() throws IOException {
        BinaryMessageDecoder<SegmentBatch> decoder =
                new BinaryMessageDecoder<>(batch().getSpecificData(), SegmentBatch.getClassSchema());
        assertThat(decoder.decode(serde.serialize("t", batch()))).isEqualTo(batch());
    }

    @Test
    void itReadsWhatAvrosOwnEncoderWrites() throws IOException {
        assertThat(serde.deserialize("t", byAvro(batch()))).isEqualTo(batch());
    }

    @Test
    void theHeaderIsTheMarkerAndTheFingerprintLittleEndian() throws Exception {
        byte[] header = Arrays.copyOf(serde.serialize("t", batch()), 10);
        byte[] fingerprint = SchemaNormalization.parsingFingerprint("CRC-64-AVRO", SegmentBatch.getClassSchema());
        assertThat(HexFormat.of().formatHex(header))
                .isEqualTo("c301" + HexFormat.of().formatHex(fingerprint));
    }

    @Test
    void aSmallRecordAfterALargeOneHasNothingOfIt() {
        SegmentBatch large = batch();
        large.setSegments(Collections.nCopies(500, batch().getSegments().get(0)));
        byte[] small = serde.serialize("t", batch());
        assertThat(serde.serialize("t", large)).hasSizeGreaterThan(10_000);
        assertThat(serde.serialize("t", batch())).isEqualTo(small);
        assertThat(serde.deserialize("t", serde.serialize("t", large))).isEqualTo(large);
        assertThat(serde.deserialize("t", small)).isEqualTo(batch());
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
    void anotherRecordTypeIsRefused() {
        byte[] bytes = serde.serialize("t", batch());
        assertThatThrownBy(() -> new SingleObjectSerde<>(Anomaly.class).deserialize("t", bytes))
                .isInstanceOf(SerializationException.class)
                .hasMessageStartingWith("not a Anomaly of a known version");
    }

    @Test
    void everyCutIsRefused() {
        byte[] bytes = serde.serialize("t", batch());
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> serde.deserialize("t", cut))
                    .as("cut to %d octets", length)
                    .isInstanceOf(SerializationException.class);
        }
        assertThat(serde.deserialize("t", bytes)).as("after failures").isEqualTo(batch());
    }
}
