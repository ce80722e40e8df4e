package flowstate.query;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import flowstate.schema.AgentView;
import flowstate.schema.Anomaly;
import flowstate.schema.EndpointSummary;
import flowstate.schema.Evidence;
import flowstate.schema.LifecycleEvent;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Outgoing records as JSON: the fields of the Avro schemas under their names and in their order, so that a field added
 * there is written here.
 *
 * <p>What differs from the schema: times are RFC 3339 in UTC with nanoseconds, fields that are null are left out, and the
 * four fields of an anomaly's addresses and ports are two objects, as in a lifecycle event, or one, or none.
 */
public final class EventJson {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final long NANOSECONDS = 1_000_000_000L;
    private static final int FRACTION_DIGITS = 9;
    private static final double EXACT_UP_TO = 4e6;

    private static final Set<String> TIMES = Set.of("at", "started_at", "began_at", "time");

    /** What a lifecycle event says of the event rather than of the connection. */
    private static final Set<String> OF_THE_EVENT = Set.of("event", "final", "cause", "at", "state_before");

    private static final Map<Schema, Field[]> FIELDS = new IdentityHashMap<>();

    static {
        for (Schema schema : List.of(
                LifecycleEvent.getClassSchema(),
                EndpointSummary.getClassSchema(),
                AgentView.getClassSchema(),
                Anomaly.getClassSchema(),
                Evidence.getClassSchema())) {
            FIELDS.put(schema, schema.getFields().stream().map(Field::of).toArray(Field[]::new));
        }
    }

    /** The latest second that was formatted: events come many to a second. Racing threads only format once more. */
    private static volatile Second latest = Second.of(0);

    private record Second(long second, String text) {
        static Second of(long second) {
            return new Second(second, SECONDS.format(Instant.ofEpochSecond(second)));
        }
    }

    /** What is to be known of a schema's field, looked up once. */
    private record Field(String name, SerializedString written, int position, boolean isTime, boolean isOfTheEvent) {
        static Field of(Schema.Field field) {
            String name = field.name();
            return new Field(
                    name, new SerializedString(name), field.pos(), TIMES.contains(name), OF_THE_EVENT.contains(name));
        }
    }

    private EventJson() {}

    /** Writes one object. */
    public static void write(JsonGenerator json, LifecycleEvent event) throws IOException {
        json.writeStartObject();
        writeFields(json, event, true);
        json.writeEndObject();
    }

    /** Writes one object. */
    public static void write(JsonGenerator json, Anomaly anomaly) throws IOException {
        json.writeStartObject();
        for (Field field : fields(anomaly)) {
            switch (field.name) {
                case "originator_address" ->
                    writeEnd(json, "originator", anomaly.getOriginatorAddress(), anomaly.getOriginatorPort());
                case "responder_address" ->
                    writeEnd(json, "responder", anomaly.getResponderAddress(), anomaly.getResponderPort());
                case "originator_port", "responder_port" -> {
                    // written with the address
                }
                default -> writeField(json, field, anomaly.get(field.position), true);
            }
        }
        json.writeEndObject();
    }

    /**
     * Writes one object with what is known of a live connection: a lifecycle event without what belongs to the event, but
     * with {@code as_of}, the event's time, and the instance that answers.
     */
    static void writeLive(JsonGenerator json, LifecycleEvent connection, HostPort instance) throws IOException {
        json.writeStartObject();
        json.writeStringField("instance", instance.toString());
        json.writeStringField("as_of", rfc3339(connection.getAt()));
        writeFields(json, connection, false);
        json.writeEndObject();
    }

    private static Field[] fields(IndexedRecord value) {
        Field[] fields = FIELDS.get(value.getSchema());
        if (fields == null) {
            throw new IllegalArgumentException(
                    "no outgoing record: " + value.getSchema().getFullName());
        }
        return fields;
    }

    private static void writeEnd(JsonGenerator json, String name, @Nullable String address, @Nullable Integer port)
            throws IOException {
        if (address == null && port == null) {
            return;
        }
        json.writeObjectFieldStart(name);
        if (address != null) {
            json.writeStringField("address", address);
        }
        if (port != null) {
            json.writeNumberField("port", port);
        }
        json.writeEndObject();
    }

    private static void writeFields(JsonGenerator json, IndexedRecord value, boolean ofTheEvent) throws IOException {
        for (Field field : fields(value)) {
            if (ofTheEvent || !field.isOfTheEvent) {
                writeField(json, field, value.get(field.position), ofTheEvent);
            }
        }
    }

    private static void writeField(JsonGenerator json, Field field, @Nullable Object value, boolean ofTheEvent)
            throws IOException {
        if (value == null) {
            return;
        }
        json.writeFieldName(field.written);
        if (field.isTime && value instanceof Long time) {
            json.writeString(rfc3339(time));
        } else {
            writeValue(json, value, ofTheEvent);
        }
    }

    private static void writeValue(JsonGenerator json, Object value, boolean ofTheEvent) throws IOException {
        if (value instanceof String text) {
            json.writeString(text);
        } else if (value instanceof Long number) {
            json.writeNumber(number);
        } else if (value instanceof Integer number) {
            json.writeNumber(number);
        } else if (value instanceof Double number) {
            json.writeNumber(decimal(number));
        } else if (value instanceof Boolean flag) {
            json.writeBoolean(flag);
        } else if (value instanceof Enum<?> symbol) {
            json.writeString(symbol.name());
        } else if (value instanceof IndexedRecord nested) {
            json.writeStartObject();
            writeFields(json, nested, ofTheEvent);
            json.writeEndObject();
        } else if (value instanceof Iterable<?> items) {
            json.writeStartArray();
            for (Object item : items) {
                writeValue(json, item, ofTheEvent);
            }
            json.writeEndArray();
        } else {
            throw new IllegalArgumentException("nothing that a schema has: " + value.getClass());
        }
    }

    /** To nine places, which is all that times have, and never in powers of ten. */
    private static String decimal(double number) {
        if (!(Math.abs(number) < EXACT_UP_TO)) {
            return Double.toString(number);
        }
        long billionths = Math.round(number * NANOSECONDS);
        long whole = billionths / NANOSECONDS;
        long rest = Math.abs(billionths % NANOSECONDS);
        StringBuilder text = new StringBuilder(24);
        if (billionths < 0 && whole == 0) {
            text.append('-');
        }
        text.append(whole).append('.');
        String fraction = Long.toString(rest);
        text.append("0".repeat(FRACTION_DIGITS - fraction.length())).append(fraction);
        int end = text.length();
        while (text.charAt(end - 1) == '0' && text.charAt(end - 2) != '.') {
            end--;
        }
        return text.substring(0, end);
    }

    /** As in {@code 2016-03-13T02:24:03.518594000Z}. */
    private static String rfc3339(long ns) {
        long second = Math.floorDiv(ns, NANOSECONDS);
        Second formatted = latest;
        if (formatted.second != second) {
            formatted = Second.of(second);
            latest = formatted;
        }
        String fraction = Long.toString(Math.floorMod(ns, NANOSECONDS));
        return formatted.text + "." + "0".repeat(FRACTION_DIGITS - fraction.length()) + fraction + "Z";
    }
}
