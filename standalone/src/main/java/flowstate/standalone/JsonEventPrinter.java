package flowstate.standalone;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import flowstate.query.EventJson;
import flowstate.schema.Anomaly;
import flowstate.schema.LifecycleEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;

/** One JSON object a line, as {@link EventJson} has it. */
final class JsonEventPrinter implements EventPrinter {
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
        EventJson.write(json, event);
        json.writeRaw('\n');
    }

    @Override
    public void print(Anomaly anomaly) throws IOException {
        EventJson.write(json, anomaly);
        json.writeRaw('\n');
    }

    @Override
    public void flush() throws IOException {
        json.flush();
    }
}
