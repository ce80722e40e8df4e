package flowstate.standalone;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code replay --format json} printed of one capture, in order.
 *
 * @param lifecycle objects with an {@code event}
 * @param anomalies objects with an {@code anomaly}
 */
record PrintedEvents(List<JsonNode> lifecycle, List<JsonNode> anomalies) {
    static final PrintedEvents NONE = new PrintedEvents(List.of(), List.of());

    private static final ObjectMapper JSON = new ObjectMapper();

    /** By capture. Throws if a line is neither. */
    static Map<String, PrintedEvents> read(String lines) throws JsonProcessingException {
        Map<String, PrintedEvents> all = new LinkedHashMap<>();
        for (String line : lines.lines().toList()) {
            JsonNode event = JSON.readTree(line);
            PrintedEvents ofCapture = all.computeIfAbsent(
                    event.required("capture").textValue(),
                    name -> new PrintedEvents(new ArrayList<>(), new ArrayList<>()));
            if (event.has("anomaly")) {
                ofCapture.anomalies.add(event);
            } else {
                event.required("event");
                ofCapture.lifecycle.add(event);
            }
        }
        return all;
    }

    /** The settled records. */
    List<JsonNode> settled() {
        return lifecycle.stream()
                .filter(event -> event.required("final").booleanValue())
                .toList();
    }

    /** As traces write them: lifecycle events, then anomalies, each in order. */
    List<String> rendered() {
        List<String> said = new ArrayList<>();
        for (JsonNode event : lifecycle) {
            said.add(event.required("event").textValue() + " ["
                    + event.required("originator").required("state").textValue() + "/"
                    + event.required("responder").required("state").textValue() + "]");
        }
        for (JsonNode anomaly : anomalies) {
            long count = anomaly.required("count").longValue();
            said.add("!" + anomaly.required("anomaly").textValue() + (count == 1 ? "" : " x" + count));
        }
        return said;
    }

    /** The fields of each settled record by name, those of its ends as {@code originator.bytes}. */
    List<Map<String, String>> verdicts() {
        List<Map<String, String>> verdicts = new ArrayList<>();
        for (JsonNode event : settled()) {
            Map<String, String> fields = new LinkedHashMap<>();
            add(fields, "", event);
            verdicts.add(fields);
        }
        return verdicts;
    }

    private static void add(Map<String, String> fields, String prefix, JsonNode object) {
        object.properties().forEach(field -> {
            if (field.getValue().isObject()) {
                add(fields, field.getKey() + ".", field.getValue());
            } else {
                fields.put(prefix + field.getKey(), field.getValue().asText());
            }
        });
    }
}
