package flowstate.standalone;

import flowstate.schema.Anomaly;
import flowstate.schema.LifecycleEvent;
import java.io.IOException;

/** What arrives on one of the two outgoing topics. */
sealed interface Event {

    /** The value of a record on flowstate.lifecycle. */
    record Lifecycle(LifecycleEvent value) implements Event {
        @Override
        public String capture() {
            return value.getCapture();
        }

        @Override
        public String connectionId() {
            return value.getConnectionId();
        }

        @Override
        public long at() {
            return value.getAt();
        }

        @Override
        public void printTo(EventPrinter printer) throws IOException {
            printer.print(value);
        }
    }

    /** The value of a record on flowstate.anomalies. */
    record Found(Anomaly value) implements Event {
        @Override
        public String capture() {
            return value.getCapture();
        }

        @Override
        public String connectionId() {
            String id = value.getConnectionId();
            return id == null ? "" : id;
        }

        @Override
        public long at() {
            return value.getAt();
        }

        @Override
        public void printTo(EventPrinter printer) throws IOException {
            printer.print(value);
        }
    }

    String capture();

    /** Empty for what is about a host. */
    String connectionId();

    /** Nanoseconds since 1970, by the capture's clock. */
    long at();

    void printTo(EventPrinter printer) throws IOException;
}
