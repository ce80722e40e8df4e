package flowstate.query;

import com.fasterxml.jackson.core.JsonGenerator;
import flowstate.schema.Anomaly;
import flowstate.schema.LifecycleEvent;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Outgoing records as JSON: the fields of the Avro schemas under their names and in their order, so that a field added
 * there is written here.
 *
 * <p>What differs from the schema: times are RFC 3339 in UTC with nanoseconds, fields that are null are left out, and the
 * four fields of an anomaly's addresses and ports are two objects, as in a lifecycle event.
 */
public final class EventJson {
    private static final DateTimeFormatter RFC_3339 = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.nnnnnnnnn'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final long NANOSECONDS = 1_000_000_000L;

    private static final Set<String> TIMES = Set.of("at", "started_at", "time");

    /** What a lifecycle event says of the event rather than of the connection. */
    private static final Set<String> OF_THE_EVENT = Set.of("event", "final", "cause", "at", "state_before");

    private EventJson() {}

    /** Writes one object. */
    public static void write(JsonGenerator json, LifecycleEvent event) throws IOException {
        json.writeStartObject();
        writeFields(json, event, Set.of());
        json.writeEndObject();
    }

    /** Writes one object. */
    public static void write(JsonGenerator json, Anomaly anomaly) throws IOException {
        json.writeStartObject();
        for (Schema.Field field : anomaly.getSchema().getFields()) {
            switch (field.name()) {
                case "originator_address" ->
                    writeEnd(json, "originator", anomaly.getOriginatorAddress(), anomaly.getOriginatorPort());
                case "responder_address" ->
                    writeEnd(json, "responder", anomaly.getResponderAddress(), anomaly.getResponderPort());
                case "originator_port", "responder_port" -> {
                    // written with the address
                }
                default -> writeField(json, field.name(), anomaly.get(field.pos()), Set.of());
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
        writeFields(json, connection, OF_THE_EVENT);
        json.writeEndObject();
    }

    private static void writeEnd(JsonGenerator json, String name, String address, int port) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("address", address);
        json.writeNumberField("port", port);
        json.writeEndObject();
    }

    private static void writeFields(JsonGenerator json, IndexedRecord value, Set<String> without) throws IOException {
        for (Schema.Field field : value.getSchema().getFields()) {
            if (!without.contains(field.name())) {
                writeField(json, field.name(), value.get(field.pos()), without);
            }
        }
    }

    private static void writeField(JsonGenerator json, String name, @Nullable Object value, Set<String> without)
            throws IOException {
        if (value == null) {
            return;
        }
        json.writeFieldName(name);
        if (value instanceof Long time && TIMES.contains(name)) {
            json.writeString(rfc3339(time));
        } else {
            writeValue(json, value, without);
        }
    }

    private static void writeValue(JsonGenerator json, Object value, Set<String> without) throws IOException {
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
            writeFields(json, nested, without);
            json.writeEndObject();
        } else if (value instanceof Iterable<?> items) {
            json.writeStartArray();
            for (Object item : items) {
                writeValue(json, item, without);
            }
            json.writeEndArray();
        } else {
            // strings and symbols of enums
            json.writeString(value.toString());
        }
    }

    /** As in {@code 2016-03-13T02:24:03.518594000Z}. */
    private static String rfc3339(long ns) {
        return RFC_3339.format(Instant.ofEpochSecond(Math.floorDiv(ns, NANOSECONDS), Math.floorMod(ns, NANOSECONDS)));
    }
}
