package flowstate.standalone;

import flowstate.schema.Anomaly;
import flowstate.schema.LifecycleReader;
import flowstate.schema.SingleObjectSerde;
import flowstate.schema.Topics;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What arrives on one of the two outgoing topics. Thousands are held until they are in order: so each has its octets and
 * what puts it in order, and makes a record of them, which is some seven times as large, only when it is asked.
 */
sealed interface Event {

    /** The value of a record on flowstate.lifecycle. */
    record Lifecycle(byte[] octets, String capture, String connectionId, long at, boolean last) implements Event {
        private static final ThreadLocal<LifecycleReader> READER = ThreadLocal.withInitial(LifecycleReader::new);

        /** The event in a record's value. */
        static Lifecycle of(byte[] octets) {
            LifecycleReader.Head head = READER.get().head(octets);
            return new Lifecycle(octets, head.capture(), head.connectionId(), head.at(), head.last());
        }

        @Override
        public void printTo(EventPrinter printer) throws IOException {
            printer.print(READER.get().read(octets));
        }
    }

    /** The value of a record on flowstate.anomalies. */
    record Found(byte[] octets, String capture, String connectionId, long at) implements Event {
        private static final SingleObjectSerde<Anomaly> SERDE = new SingleObjectSerde<>(Anomaly.class);
        private static final SingleObjectSerde<Anomaly>.Excerpt HEAD = SERDE.excerpt("capture", "at", "connection_id");

        /** The anomaly in a record's value. */
        static Found of(byte[] octets) {
            @Nullable Object[] head = HEAD.read(Topics.ANOMALIES.name(), octets);
            return new Found(octets, (String) head[0], head[2] == null ? "" : (String) head[2], (long) head[1]);
        }

        @Override
        public void printTo(EventPrinter printer) throws IOException {
            printer.print(SERDE.deserialize(Topics.ANOMALIES.name(), octets));
        }
    }

    String capture();

    /** Empty for what is about a host. */
    String connectionId();

    /** Nanoseconds since 1970, by the capture's clock. */
    long at();

    void printTo(EventPrinter printer) throws IOException;
}
