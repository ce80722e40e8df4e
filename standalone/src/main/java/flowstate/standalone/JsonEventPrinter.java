package flowstate.standalone;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import flowstate.schema.Anomaly;
import flowstate.schema.LifecycleEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object a line, with the fields of the Avro schemas under their names and in their order, so that a field
 * added there is printed here.
 *
 * <p>What differs from the schema: times are RFC 3339 in UTC with nanoseconds, fields that are null are left out, and
 * the four fields of an anomaly's addresses and ports are two objects, as in a lifecycle event.
 */
final class JsonEventPrinter implements EventPrinter {
    private static final Set<String> TIMES = Set.of("at", "started_at", "time");

    private final JsonGenerator json;

    JsonEventPrinter(Writer out) {
        try {
            json = new JsonFactory()
                    .createGenerator(out)
                    .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                    .setPrettyPrinter(new MinimalPrettyPrinter(""));
        } catch (IOException e) {
            throw new UncheckedIOException("a JSON generator on a writer opens nothing", e);
        }
    }

    @Override
    public void print(LifecycleEvent event) throws IOException {
        json.writeStartObject();
        writeFields(event);
        endLine();
    }

    @Override
    public void print(Anomaly anomaly) throws IOException {
        json.writeStartObject();
        for (Schema.Field field : anomaly.getSchema().getFields()) {
            switch (field.name()) {
                case "originator_address" ->
                    writeEnd("originator", anomaly.getOriginatorAddress(), anomaly.getOriginatorPort());
                case "responder_address" ->
                    writeEnd("responder", anomaly.getResponderAddress(), anomaly.getResponderPort());
                case "originator_port", "responder_port" -> {
                    // written with the address
                }
                default -> writeField(field.name(), anomaly.get(field.pos()));
            }
        }
        endLine();
    }

    private void writeEnd(String name, String address, int port) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("address", address);
        json.writeNumberField("port", port);
        json.writeEndObject();
    }

    private void endLine() throws IOException {
        json.writeEndObject();
        json.writeRaw('\n');
    }

    private void writeFields(IndexedRecord value) throws IOException {
        for (Schema.Field field : value.getSchema().getFields()) {
            writeField(field.name(), value.get(field.pos()));
        }
    }

    private void writeField(String name, @Nullable Object value) throws IOException {
        if (value == null) {
            return;
        }
        json.writeFieldName(name);
        if (value instanceof Long time && TIMES.contains(name)) {
            json.writeString(Timestamp.rfc3339(time));
        } else {
            writeValue(value);
        }
    }

    private void writeValue(Object value) throws IOException {
        if (value instanceof Long number) {
            json.writeNumber(number);
        } else if (value instanceof Integer number) {
            json.writeNumber(number);
        } else if (value instanceof Double number) {
            json.writeNumber(number);
        } else if (value instanceof Boolean flag) {
            json.writeBoolean(flag);
        } else if (value instanceof IndexedRecord nested) {
            json.writeStartObject();
            writeFields(nested);
            json.writeEndObject();
        } else if (value instanceof Iterable<?> items) {
            json.writeStartArray();
            for (Object item : items) {
                writeValue(item);
            }
            json.writeEndArray();
        } else {
            // strings and symbols of enums
            json.writeString(value.toString());
        }
    }

    @Override
    public void flush() throws IOException {
        json.flush();
    }
}
