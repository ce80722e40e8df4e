package flowstate.capture.publish;

import flowstate.schema.Progress;
import flowstate.schema.SegmentBatch;
import flowstate.schema.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives batches that were made before any broker had said how many partitions there are ({@link Outgoing#UNROUTED})
 * their partition and their number on it. Until then a session counts all its batches in one line.
 *
 * <p>The same batches in the same order are given the same numbers, so that a spool that is sent once more after a restart
 * is known for what it is. Where the first batches of a session are missing, nobody knows which numbers they had: then its
 * numbers go on at the batch's place in the line, which is beyond all of them, and shows as the loss that it is. Not
 * thread-safe.
 */
final class Routing {
    private final int partitions;
    private final Map<Session, Line> lines = new HashMap<>();

    private record Session(String observer, long number) {}

    /** One session's batches. */
    private final class Line {
        private long expected;
        private final long[] numbers = new long[partitions];
        private final long[] droppedTold = new long[partitions];
        private long dropped;

        /** Loss between two batches is a number left out, wherever there were any. */
        void arrivedAt(long place) {
            if (place > expected) {
                boolean first = expected == 0;
                for (int partition = 0; partition < partitions; partition++) {
                    numbers[partition] = first ? place : numbers[partition] + (numbers[partition] > 0 ? 1 : 0);
                }
            }
            expected = place + 1;
        }
    }

    /** @param partitions of the segments topic */
    Routing(int partitions) {
        this.partitions = partitions;
    }

    /** What a batch becomes: one record; of progress one for each partition that it concerns. */
    List<Outgoing> route(Outgoing unrouted) {
        SegmentBatch batch = read(unrouted);
        Line line = lines.computeIfAbsent(new Session(batch.getAgent(), batch.getSession()), session -> new Line());
        line.arrivedAt(batch.getSequence());
        byte[] key = unrouted.key;
        List<Outgoing> routed = new ArrayList<>(1);
        if (key != null) {
            int partition = Batcher.partition(key, partitions);
            routed.add(written(partition, unrouted, batch, line));
        } else {
            tell(batch, unrouted, line, routed);
        }
        if (!routed.isEmpty()) {
            routed.get(routed.size() - 1).number = unrouted.number;
        }
        return routed;
    }

    private void tell(SegmentBatch batch, Outgoing unrouted, Line line, List<Outgoing> routed) {
        Progress progress = batch.getProgress();
        if (progress == null) {
            return;
        }
        line.dropped += progress.dropped();
        for (int partition = 0; partition < partitions; partition++) {
            if (progress.endOfCapture() || line.numbers[partition] > 0) {
                batch.setProgress(new Progress(
                        progress.watermark(), line.dropped - line.droppedTold[partition], progress.endOfCapture()));
                line.droppedTold[partition] = line.dropped;
                routed.add(written(partition, unrouted, batch, line));
            }
        }
    }

    private static Outgoing written(int partition, Outgoing unrouted, SegmentBatch batch, Line line) {
        batch.setSequence(line.numbers[partition]++);
        byte[] value = Topics.SEGMENTS.value().serializer().serialize(Topics.SEGMENTS.name(), batch);
        return new Outgoing(partition, unrouted.key, value, unrouted.segments);
    }

    private static SegmentBatch read(Outgoing record) {
        return Topics.SEGMENTS.value().deserializer().deserialize(Topics.SEGMENTS.name(), record.value);
    }
}
