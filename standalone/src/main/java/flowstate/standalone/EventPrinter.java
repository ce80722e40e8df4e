package flowstate.standalone;

import flowstate.schema.Anomaly;
import flowstate.schema.LifecycleEvent;
import java.io.IOException;

/** Writes events, one a line, in the order in which it is given them. Not thread-safe. */
public interface EventPrinter {
    /** Prints an event, which may be used for another afterwards. */
    void print(LifecycleEvent event) throws IOException;

    void print(Anomaly anomaly) throws IOException;

    /** Passes on what it holds back, so that a reader sees it now. */
    void flush() throws IOException;
}
