package flowstate.capture.publish;

import flowstate.capture.publish.Connections.Connection;
import flowstate.schema.CollectedSegments;
import flowstate.schema.Progress;
import flowstate.schema.SegmentBatchWriter;
import org.jspecify.annotations.Nullable;

/** What a session has for one partition: the batch that is being filled, and what the next one's number is. Not thread-safe. */
final class PartitionBatch {
    /** A batch of so many octets leaves: what a record costs is little then for each segment, and brokers take it. */
    private static final int FULL_OCTETS = 32 << 10;

    private final int partition;
    private final SegmentBatchWriter writer = new SegmentBatchWriter();
    private long nextSequence;

    /** What had been dropped when progress was last told. */
    private long droppedTold;

    PartitionBatch(int partition) {
        this.partition = partition;
        writer.begin(0);
    }

    boolean isEmpty() {
        return writer.connections() == 0;
    }

    boolean isFull() {
        return writer.octets() >= FULL_OCTETS;
    }

    /** Whether anything of the session is for this partition. */
    boolean isUsed() {
        return nextSequence > 0 || !isEmpty();
    }

    int segments() {
        return writer.segments();
    }

    void add(Connection connection, long clockNs, CollectedSegments segments) {
        if (isEmpty()) {
            writer.begin(clockNs);
        }
        writer.add(connection.key, clockNs, connection.tunnelled ? connection.tunnel : null, segments);
    }

    /** Leaves a number out. */
    void skipNumber() {
        nextSequence++;
    }

    /** The batch and, after what is in it, this progress; the next one is begun. */
    void leave(PublisherConfig config, long session, String capture, @Nullable Progress progress, BatchSink sink)
            throws PublishException {
        if (isEmpty() && progress != null) {
            writer.begin(progress.watermark());
        }
        int segments = writer.segments();
        byte[] batch = writer.finish(config.observer(), session, capture, nextSequence++, progress);
        writer.begin(0);
        sink.accept(partition, batch, segments);
    }

    /** Progress up to a watermark. */
    Progress progress(long watermarkNs, long dropped, boolean end) {
        Progress progress = new Progress(watermarkNs, dropped - droppedTold, end);
        droppedTold = dropped;
        return progress;
    }
}
