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
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.avro.util.RandomData;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SingleObjectSerdeTest {
    private final SingleObjectSerde<Anomaly> serde = new SingleObjectSerde<>(Anomaly.class);

    /** Random, but always the same. */
    private static Anomaly anomaly() {
        Anomaly anomaly = (Anomaly)
                new RandomData(SpecificData.getForClass(Anomaly.class), Anomaly.getClassSchema(), 1, 7L, false)
                        .iterator()
                        .next();
        anomaly.setMessage("Zürich");
        anomaly.setEvidence(new Evidence(1L, "agent-ä", Role.ORIGINATOR, 0xffff_ffffL, 0L, "S.", 1460));
        return anomaly;
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

    @ParameterizedTest
    @ValueSource(classes = {Anomaly.class, LifecycleEvent.class})
    <T extends SpecificRecordBase> void avroReadsAndWritesTheSame(Class<T> type) throws IOException {
        SpecificData model = SpecificData.getForClass(type);
        Schema schema = model.getSchema(type);
        SingleObjectSerde<T> one = new SingleObjectSerde<>(type);
        for (Object random : new RandomData(model, schema, 500, 1L, false)) {
            T record = type.cast(random);
            ByteBuffer encoded = new BinaryMessageEncoder<T>(model, schema).encode(record);
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            assertThat(one.serialize("t", record)).isEqualTo(bytes);
            assertThat(one.deserialize("t", bytes)).isEqualTo(new BinaryMessageDecoder<T>(model, schema).decode(bytes));
        }
    }
}
