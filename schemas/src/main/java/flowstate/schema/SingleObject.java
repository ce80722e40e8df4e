package flowstate.schema;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.errors.SerializationException;

/**
 * A schema's header in Avro's single-object encoding, and what is known of its other versions: the octets C3 01, then the
 * schema's CRC-64-AVRO fingerprint (8 octets, little-endian).
 *
 * <p>The header is checked here: Avro's own BinaryMessageEncoder and -Decoder cost 1.0 and 1.4 microseconds a record, many
 * times the body's own cost. Records that another version wrote are resolved by Avro, which is slow and rare. Immutable.
 */
final class SingleObject {
    static final int HEADER_LENGTH = 10;

    /** Folder of each release's schemas, one version a line in its file {@code versions}. */
    private static final String RELEASES = "released/";

    private final Schema schema;
    private final byte[] header;
    /** By fingerprint: the schema's other versions. */
    private final Map<Long, Schema> others = new HashMap<>();

    SingleObject(Schema schema, Collection<Schema> otherVersions) {
        this.schema = schema;
        long own = SchemaNormalization.parsingFingerprint64(schema);
        this.header = new byte[HEADER_LENGTH];
        header[0] = (byte) 0xc3;
        header[1] = 1;
        for (int i = 0; i < Long.BYTES; i++) {
            header[2 + i] = (byte) (own >>> 8 * i);
        }
        for (Schema version : otherVersions) {
            others.put(SchemaNormalization.parsingFingerprint64(version), version);
        }
        others.remove(own);
    }

    /** All released versions of a schema, from the class path. */
    static List<Schema> released(Schema schema) {
        return text(RELEASES + "versions")
                .lines()
                .map(version -> text(RELEASES + version + "/" + schema.getName() + ".avsc"))
                .map(json -> new Schema.Parser().parse(json))
                .toList();
    }

    /** Empty where classes are run without their resources: then no other versions are known. */
    private static String text(String resource) {
        try (InputStream in = SingleObject.class.getResourceAsStream(resource)) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Schema schema() {
        return schema;
    }

    /** The caller must not change it. */
    byte[] header() {
        return header;
    }

    /**
     * The record in the schema's own form: the same octets, unless another version wrote them.
     *
     * @throws SerializationException if no known version of the schema wrote it, or it cannot be resolved
     */
    byte[] own(String topic, byte[] bytes) {
        for (int i = 0; i < HEADER_LENGTH; i++) {
            if (i >= bytes.length || bytes[i] != header[i]) {
                return resolved(topic, bytes, i);
            }
        }
        return bytes;
    }

    private byte[] resolved(String topic, byte[] bytes, int differs) {
        if (bytes.length < HEADER_LENGTH) {
            throw new SerializationException("not a " + schema.getName() + " on " + topic + ": " + bytes.length
                    + " octets are fewer than a single-object header has");
        }
        Schema writer = differs < 2 ? null : others.get(fingerprint(bytes));
        if (writer == null) {
            throw new SerializationException("not a " + schema.getName() + " of a known version on " + topic
                    + ": octet " + differs + " of the single-object header is " + (bytes[differs] & 0xff)
                    + ", expected " + (header[differs] & 0xff));
        }
        try {
            GenericRecord record = new GenericDatumReader<GenericRecord>(writer, schema)
                    .read(
                            null,
                            DecoderFactory.get()
                                    .binaryDecoder(bytes, HEADER_LENGTH, bytes.length - HEADER_LENGTH, null));
            ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 64);
            out.write(header);
            BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
            new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
            encoder.flush();
            return out.toByteArray();
        } catch (IOException | RuntimeException e) {
            throw new SerializationException(
                    "cannot read a " + schema.getName() + " of another version, of " + bytes.length + " octets on "
                            + topic,
                    e);
        }
    }

    private static long fingerprint(byte[] bytes) {
        long fingerprint = 0;
        for (int i = Long.BYTES - 1; i >= 0; i--) {
            fingerprint = fingerprint << 8 | (bytes[2 + i] & 0xff);
        }
        return fingerprint;
    }
}
