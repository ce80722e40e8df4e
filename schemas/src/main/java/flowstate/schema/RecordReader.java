package flowstate.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/**
 * Reads records of a generated class whose writer had the very same schema: what its fields are is looked up once, not for
 * each record. Avro's own reader goes through a resolving decoder, field by field, also where there is nothing to
 * resolve, and takes several times as long; a test holds that both read the same. Not thread-safe.
 *
 * @param <T> a generated record class
 */
final class RecordReader<T extends SpecificRecordBase> {
    private final Part[] fields;
    private final Part whole;

    /** How a value of one schema is read. */
    private interface Part {
        @Nullable
        Object read(AvroInput in);
    }

    RecordReader(Class<T> type) {
        SpecificData model = SpecificData.getForClass(type);
        Schema schema = model.getSchema(type);
        this.fields = parts(schema, model);
        this.whole = record(schema, fields, model);
    }

    /**
     * Reads a record.
     *
     * @throws IndexOutOfBoundsException if it is cut short
     * @throws IllegalArgumentException if it is wrong
     */
    @SuppressWarnings("unchecked")
    T read(AvroInput in) {
        return (T) Objects.requireNonNull(whole.read(in));
    }

    /** Reads some fields, given by their positions in ascending order, and passes over those before them. */
    @Nullable
    Object[] read(AvroInput in, int[] positions) {
        @Nullable Object[] values = new Object[positions.length];
        int found = 0;
        for (int i = 0; found < positions.length; i++) {
            Object value = fields[i].read(in);
            if (positions[found] == i) {
                values[found++] = value;
            }
        }
        return values;
    }

    private static Part part(Schema schema, SpecificData model) {
        return switch (schema.getType()) {
            case RECORD -> record(schema, parts(schema, model), model);
            case ENUM -> symbol(schema, model);
            case ARRAY -> array(part(schema.getElementType(), model));
            case UNION -> {
                Part[] branches = schema.getTypes().stream()
                        .map(branch -> part(branch, model))
                        .toArray(Part[]::new);
                yield in -> branches[in.takeIndex(branches.length)].read(in);
            }
            case STRING -> new Text();
            case LONG -> AvroInput::takeLong;
            case INT -> AvroInput::takeInt;
            case DOUBLE -> AvroInput::takeDouble;
            case BOOLEAN -> AvroInput::takeBoolean;
            case NULL -> in -> null;
            case BYTES, FIXED, FLOAT, MAP ->
                throw new IllegalArgumentException("records on the topics have no " + schema.getType());
        };
    }

    private static Part[] parts(Schema schema, SpecificData model) {
        return schema.getFields().stream()
                .map(field -> part(field.schema(), model))
                .toArray(Part[]::new);
    }

    private static Part record(Schema schema, Part[] fields, SpecificData model) {
        return in -> {
            SpecificRecordBase record = (SpecificRecordBase) model.newRecord(null, schema);
            for (int i = 0; i < fields.length; i++) {
                record.put(i, fields[i].read(in));
            }
            return record;
        };
    }

    private static Part symbol(Schema schema, SpecificData model) {
        Object[] symbols = model.getClass(schema).getEnumConstants();
        return in -> symbols[in.takeIndex(symbols.length)];
    }

    private static Part array(Part item) {
        return in -> {
            int count = in.takeBlock();
            List<@Nullable Object> items = new ArrayList<>(count);
            for (; count > 0; count = in.takeBlock()) {
                for (int i = 0; i < count; i++) {
                    items.add(item.read(in));
                }
            }
            return items;
        };
    }

    /** A string field; many have the value that they had in the record before. */
    private static final class Text implements Part {
        private String latest = "";

        @Override
        public Object read(AvroInput in) {
            latest = in.takeString(latest);
            return latest;
        }
    }
}
