package flowstate.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@link SegmentBatch} in Avro's single-object encoding, as it is made: connections are written as they come, and what is
 * before them in the record when it is known. Not thread-safe; meant to be reused.
 */
public final class SegmentBatchWriter {
    private static final byte[] HEADER = new SingleObject(SegmentBatch.getClassSchema(), List.of()).header();

    private final AvroOutput body = new AvroOutput(1024);
    private final AvroOutput out = new AvroOutput(1024);
    private final CollectedSegments collected = new CollectedSegments();
    private long clockNs;
    private long previousClockNs;
    private int connections;
    private int segments;

    /** Begins a batch, forgetting what was written. */
    public void begin(long batchClockNs) {
        body.clear();
        clockNs = batchClockNs;
        previousClockNs = batchClockNs;
        connections = 0;
        segments = 0;
    }

    /** Adds segments of one connection. */
    void add(ConnectionSegments some) {
        collected.clear();
        for (TcpSegment segment : some.segments()) {
            collected.add(segment);
        }
        add(some.key(), some.clock(), some.tunnel(), collected);
    }

    /** Adds segments of one connection; what each argument is, {@link ConnectionSegments} tells. */
    public void add(byte[] key, long connectionClockNs, @Nullable String tunnel, CollectedSegments some) {
        body.writeBytes(key, 0, key.length);
        body.writeLong(connectionClockNs - previousClockNs);
        previousClockNs = connectionClockNs;
        writeOptional(tunnel);
        some.writeTo(body, connectionClockNs);
        connections++;
        segments += some.size();
    }

    private void writeOptional(@Nullable String text) {
        body.writeInt(text == null ? 0 : 1);
        if (text != null) {
            body.writeString(text);
        }
    }

    /** Octets that the connections in it have. */
    public int octets() {
        return body.length();
    }

    public int connections() {
        return connections;
    }

    public int segments() {
        return segments;
    }

    /** The whole batch; what its fields mean, the schema tells. */
    public byte[] finish(
            String agent, long session, String captureInterface, long sequence, @Nullable Progress progress) {
        out.clear();
        out.writeRaw(HEADER);
        out.writeString(agent);
        out.writeLong(session);
        out.writeString(captureInterface);
        out.writeLong(sequence);
        out.writeLong(clockNs);
        if (connections > 0) {
            out.writeInt(connections);
            out.write(body);
        }
        out.writeInt(0);
        out.writeInt(progress == null ? 0 : 1);
        if (progress != null) {
            out.writeLong(progress.watermark());
            out.writeLong(progress.dropped());
            out.writeBoolean(progress.endOfCapture());
        }
        return out.toBytes();
    }
}
