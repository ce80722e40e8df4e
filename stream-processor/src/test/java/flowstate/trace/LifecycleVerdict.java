package flowstate.trace;

import flowstate.schema.Anomaly;
import flowstate.schema.LifecycleEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/** Renders the records of the topics as traces write them. */
public final class LifecycleVerdict {
    private LifecycleVerdict() {}

    /** A lifecycle event: {@code OPENING [SYN_SENT/LISTEN]}. */
    public static String rendered(LifecycleEvent event) {
        return event.getEvent() + " [" + event.getOriginator().getState() + "/"
                + event.getResponder().getState() + "]";
    }

    /** An anomaly: {@code !RETRANSMISSION x10}. */
    public static String rendered(Anomaly anomaly) {
        return "!" + anomaly.getAnomaly() + (anomaly.getCount() == 1 ? "" : " x" + anomaly.getCount());
    }

    /** The fields of a settled record by name, those of its ends as {@code originator.bytes}; null ones are left out. */
    public static Map<String, String> of(LifecycleEvent event) {
        Map<String, String> fields = new LinkedHashMap<>();
        add(fields, "", event);
        return fields;
    }

    private static void add(Map<String, String> fields, String prefix, SpecificRecord record) {
        for (Schema.Field field : record.getSchema().getFields()) {
            Object value = record.get(field.pos());
            if (value instanceof SpecificRecord nested) {
                add(fields, field.name() + ".", nested);
            } else if (value != null) {
                fields.put(prefix + field.name(), value.toString());
            }
        }
    }
}
