package flowstate.schema;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.NullUnmarked;

/**
 * A record as Avro's single-object encoding: the octets C3 01, the schema's CRC-64-AVRO fingerprint (8 octets,
 * little-endian), then the body, so that no registry is needed and any reader can tell which schema wrote it.
 *
 * <p>The ten header octets are written and checked here: Avro's own BinaryMessageEncoder and -Decoder cost 1.0 and 1.4
 * microseconds a record, many times the body's own cost. Buffers and coders are reused per thread; instances may be
 * shared between threads.
 *
 * @param <T> a generated record class
 */
@NullUnmarked
public final class SingleObjectSerde<T extends SpecificRecordBase> implements Serde<T>, Serializer<T>, Deserializer<T> {
    private static final int HEADER_LENGTH = 10;

    static {
        // Avro resolves classes by name, since 1.12.2 only those that the program trusts: the generated ones
        // (AVRO-4189)
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> type.getPackageName().equals(SingleObjectSerde.class.getPackageName())));
    }

    private final Schema schema;
    private final byte[] header;
    private final SpecificDatumWriter<T> writer;
    private final SpecificDatumReader<T> reader;
    private final ThreadLocal<Buffers> buffers = ThreadLocal.withInitial(Buffers::new);

    private static final class Buffers {
        final ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
        BinaryEncoder encoder;
        BinaryDecoder decoder;
    }

    /** A serde for the generated class whose schema is given by its {@code getClassSchema()}. */
    public SingleObjectSerde(Class<T> type) {
        SpecificData model = SpecificData.getForClass(type);
        model.setCustomCoders(true);
        // Avro's "fast" reader sets fields one by one through lambdas, and passes the generated coders by
        model.setFastReaderEnabled(false);
        this.schema = model.getSchema(type);
        this.header = header(schema);
        this.writer = new SpecificDatumWriter<>(schema, model);
        this.reader = new SpecificDatumReader<>(schema, schema, model);
    }

    private static byte[] header(Schema schema) {
        long fingerprint = SchemaNormalization.parsingFingerprint64(schema);
        byte[] header = new byte[HEADER_LENGTH];
        header[0] = (byte) 0xc3;
        header[1] = 1;
        for (int i = 0; i < 8; i++) {
            header[2 + i] = (byte) (fingerprint >>> (8 * i));
        }
        return header;
    }

    @Override
    public Serializer<T> serializer() {
        return this;
    }

    @Override
    public Deserializer<T> deserializer() {
        return this;
    }

    @Override
    public byte[] serialize(String topic, T value) {
        if (value == null) {
            return null;
        }
        Buffers mine = buffers.get();
        mine.out.reset();
        mine.out.write(header, 0, HEADER_LENGTH);
        mine.encoder = EncoderFactory.get().binaryEncoder(mine.out, mine.encoder);
        try {
            writer.write(value, mine.encoder);
            mine.encoder.flush();
        } catch (IOException | AvroRuntimeException e) {
            throw new SerializationException("cannot write a " + schema.getName() + " for " + topic, e);
        }
        return mine.out.toByteArray();
    }

    /**
     * Reads a record.
     *
     * @throws SerializationException if the bytes do not have this schema's header, or are cut short
     */
    @Override
    public T deserialize(String topic, byte[] bytes) {
        if (bytes == null) {
            return null;
        }
        if (bytes.length < HEADER_LENGTH) {
            throw new SerializationException("not a " + schema.getName() + " on " + topic + ": " + bytes.length
                    + " octets are fewer than a single-object header has");
        }
        for (int i = 0; i < HEADER_LENGTH; i++) {
            if (bytes[i] != header[i]) {
                throw new SerializationException("not a " + schema.getName() + " of a known version on " + topic
                        + ": octet " + i + " of the single-object header is " + (bytes[i] & 0xff) + ", expected "
                        + (header[i] & 0xff));
            }
        }
        Buffers mine = buffers.get();
        mine.decoder =
                DecoderFactory.get().binaryDecoder(bytes, HEADER_LENGTH, bytes.length - HEADER_LENGTH, mine.decoder);
        try {
            return reader.read(null, mine.decoder);
        } catch (IOException | RuntimeException e) {
            throw new SerializationException(
                    "cannot read a " + schema.getName() + " of " + bytes.length + " octets on " + topic, e);
        }
    }

    @Override
    public void close() {}

    @Override
    public void configure(java.util.Map<String, ?> configs, boolean isKey) {}
}
