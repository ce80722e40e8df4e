package flowstate.capture.publish;

import flowstate.schema.SegmentBatch;
import flowstate.schema.TcpSegment;
import flowstate.schema.Topics;
import java.util.List;

/** What an agent has published, read again. */
final class Batches {
    private Batches() {}

    static SegmentBatch read(byte[] batch) {
        return Topics.SEGMENTS.value().deserializer().deserialize(Topics.SEGMENTS.name(), batch);
    }

    /** The segments of all its connections. */
    static List<TcpSegment> segments(SegmentBatch batch) {
        return batch.getConnections().stream()
                .flatMap(each -> each.segments().stream())
                .toList();
    }
}
