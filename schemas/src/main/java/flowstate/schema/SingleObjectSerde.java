package flowstate.schema;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.Function;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
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
 * <p>What a released version of the schema wrote is read, too. Buffers and coders are reused per thread; instances may be
 * shared between threads.
 *
 * @param <T> a generated record class
 */
@NullUnmarked
public final class SingleObjectSerde<T extends SpecificRecordBase> implements Serde<T>, Serializer<T>, Deserializer<T> {
    static {
        // Avro resolves classes by name, since 1.12.2 only those that the program trusts: the generated ones
        // (AVRO-4189)
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> type.getPackageName().equals(SingleObjectSerde.class.getPackageName())));
    }

    private final Class<T> type;
    private final SingleObject form;
    private final SpecificDatumWriter<T> writer;
    private final ThreadLocal<Buffers> buffers = ThreadLocal.withInitial(Buffers::new);

    private final class Buffers {
        final RecordReader<T> reader = new RecordReader<>(type);
        final AvroOutput out = new AvroOutput(4096);
        final AvroInput in = new AvroInput();
    }

    /** A serde for the generated class whose schema is given by its {@code getClassSchema()}. */
    public SingleObjectSerde(Class<T> type) {
        this(type, SingleObject.released(SpecificData.getForClass(type).getSchema(type)));
    }

    SingleObjectSerde(Class<T> type, Collection<Schema> otherVersions) {
        this.type = type;
        SpecificData model = SpecificData.getForClass(type);
        model.setCustomCoders(true);
        Schema schema = model.getSchema(type);
        this.form = new SingleObject(schema, otherVersions);
        this.writer = new SpecificDatumWriter<>(schema, model);
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
        begin(mine.out);
        try {
            writer.write(value, mine.out);
        } catch (IOException | AvroRuntimeException e) {
            throw new SerializationException("cannot write a " + form.schema().getName() + " for " + topic, e);
        }
        return mine.out.toBytes();
    }

    /**
     * Reads a record.
     *
     * @throws SerializationException if no known version of the schema wrote it, or it is cut short
     */
    @Override
    public T deserialize(String topic, byte[] bytes) {
        if (bytes == null) {
            return null;
        }
        return read(topic, bytes, mine -> mine.reader.read(mine.in));
    }

    private <R> R read(String topic, byte[] bytes, Function<Buffers, R> body) {
        Buffers mine = buffers.get();
        open(topic, bytes, mine.in);
        try {
            return body.apply(mine);
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new SerializationException(
                    "cannot read a " + form.schema().getName() + " of " + bytes.length + " octets on " + topic, e);
        }
    }

    /** Begins a record that is written by hand: empties the buffer, and writes the header. */
    public void begin(AvroOutput out) {
        out.clear();
        out.writeRaw(form.header());
    }

    /**
     * Begins with a record that is read by hand: sets the reader to where the body begins, in the schema's own form.
     *
     * @throws SerializationException if no known version of the schema wrote it
     */
    public void open(String topic, byte[] bytes, AvroInput in) {
        byte[] own = form.own(topic, bytes);
        in.reset(own, SingleObject.HEADER_LENGTH, own.length);
    }

    /**
     * Reads some fields of records.
     *
     * @param names in the schema's order
     */
    public Excerpt excerpt(String... names) {
        return new Excerpt(Arrays.stream(names)
                .mapToInt(name -> form.schema().getField(name).pos())
                .toArray());
    }

    /** Some fields of a record, which are had at less cost than all of it. Thread-safe. */
    public final class Excerpt {
        private final int[] positions;

        private Excerpt(int[] positions) {
            this.positions = positions;
        }

        /**
         * The fields' values.
         *
         * @throws SerializationException as {@link #deserialize}, as far as it is read
         */
        public Object[] read(String topic, byte[] bytes) {
            return SingleObjectSerde.this.read(topic, bytes, mine -> mine.reader.read(mine.in, positions));
        }
    }

    @Override
    public void close() {}

    @Override
    public void configure(java.util.Map<String, ?> configs, boolean isKey) {}
}
