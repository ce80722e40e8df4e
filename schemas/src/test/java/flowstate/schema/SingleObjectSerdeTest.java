package flowstate.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SingleObjectSerdeTest {
    private final SingleObjectSerde<Anomaly> serde = new SingleObjectSerde<>(Anomaly.class);

    private static Anomaly anomaly() {
        return new Anomaly(
                "eth0",
                AnomalyKind.HALF_CLOSED,
                Severity.WARNING,
                0.5,
                -1L,
                1_700_000_000_000_000_001L,
                "id",
                "1:x",
                "2001:db8::1",
                65535,
                "10.0.0.1",
                80,
                "Zürich",
                new Evidence(1L, "agent-ä", Role.ORIGINATOR, 0xffff_ffffL, 0L, "S.", 1460));
    }

    /** The reference: Avro's own implementation of its single-object encoding. */
    private static byte[] byAvro(Anomaly anomaly) throws IOException {
        ByteBuffer encoded =
                new BinaryMessageEncoder<Anomaly>(anomaly.getSpecificData(), anomaly.getSchema()).encode(anomaly);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    @Test
    void itWritesWhatAvrosOwnEncoderWrites() throws IOException {
        assertThat(serde.serialize("t", anomaly())).isEqualTo(byAvro(anomaly()));
    }

    @Test
    void avrosOwnDecoderReadsIt() throws IOException {
        BinaryMessageDecoder<Anomaly> decoder =
                new BinaryMessageDecoder<>(anomaly().getSpecificData(), Anomaly.getClassSchema());
        assertThat(decoder.decode(serde.serialize("t", anomaly()))).isEqualTo(anomaly());
    }

    @Test
    void itReadsWhatAvrosOwnEncoderWrites() throws IOException {
        assertThat(serde.deserialize("t", byAvro(anomaly()))).isEqualTo(anomaly());
    }

    @Test
    void theHeaderIsTheMarkerAndTheFingerprintLittleEndian() throws Exception {
        byte[] header = Arrays.copyOf(serde.serialize("t", anomaly()), 10);
        byte[] fingerprint = SchemaNormalization.parsingFingerprint("CRC-64-AVRO", Anomaly.getClassSchema());
        assertThat(HexFormat.of().formatHex(header))
                .isEqualTo("c301" + HexFormat.of().formatHex(fingerprint));
    }

    @Test
    void aSmallRecordAfterALargeOneHasNothingOfIt() {
        Anomaly large = anomaly();
        large.setMessage("more ".repeat(2_500));
        byte[] small = serde.serialize("t", anomaly());
        assertThat(serde.serialize("t", large)).hasSizeGreaterThan(10_000);
        assertThat(serde.serialize("t", anomaly())).isEqualTo(small);
        assertThat(serde.deserialize("t", serde.serialize("t", large))).isEqualTo(large);
        assertThat(serde.deserialize("t", small)).isEqualTo(anomaly());
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
                .hasMessageStartingWith("not a Anomaly ")
                .hasMessageContaining("segments");
    }

    @Test
    void anotherRecordTypeIsRefused() {
        byte[] bytes = serde.serialize("t", anomaly());
        assertThatThrownBy(() -> new SingleObjectSerde<>(LifecycleEvent.class).deserialize("t", bytes))
                .isInstanceOf(SerializationException.class)
                .hasMessageStartingWith("not a LifecycleEvent of a known version");
    }

    @Test
    void everyCutIsRefused() {
        byte[] bytes = serde.serialize("t", anomaly());
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> serde.deserialize("t", cut))
                    .as("cut to %d octets", length)
                    .isInstanceOf(SerializationException.class);
        }
        assertThat(serde.deserialize("t", bytes)).as("after failures").isEqualTo(anomaly());
    }

    @Test
    void whatAnotherVersionWroteIsResolved() throws IOException {
        Schema older = new Schema.Parser()
                .parse(Anomaly.getClassSchema()
                        .toString()
                        // without evidence, and with a field that is gone
                        .replaceFirst(",\\{\"name\":\"evidence\".*", ",{\"name\":\"gone\",\"type\":\"string\"}]}"));
        Anomaly anomaly = anomaly();
        GenericRecordBuilder record = new GenericRecordBuilder(older).set("gone", "x");
        for (Schema.Field field : older.getFields()) {
            if (!field.name().equals("gone")) {
                record.set(field, anomaly.get(field.name()));
            }
        }
        ByteBuffer encoded = new BinaryMessageEncoder<Object>(anomaly.getSpecificData(), older).encode(record.build());
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);

        anomaly.setEvidence(null);
        assertThat(new SingleObjectSerde<>(Anomaly.class, List.of(older)).deserialize("t", bytes))
                .isEqualTo(anomaly);
        assertThatThrownBy(() -> serde.deserialize("t", bytes))
                .isInstanceOf(SerializationException.class)
                .hasMessageStartingWith("not a Anomaly of a known version");
    }
}
