package flowstate.capture.publish;

import flowstate.schema.ConnectionSegments;
import flowstate.schema.Progress;
import flowstate.schema.SegmentBatch;
import flowstate.schema.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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

        /** What a partition is told; null if nothing of the session was ever for it and it goes on. */
        @Nullable
        Progress told(Progress progress, int partition, boolean isUsedNow) {
            if (!progress.endOfCapture() && numbers[partition] == 0 && !isUsedNow) {
                return null;
            }
            long untold = dropped - droppedTold[partition];
            droppedTold[partition] = dropped;
            return new Progress(progress.watermark(), untold, progress.endOfCapture());
        }
    }

    /** @param partitions of the segments topic */
    Routing(int partitions) {
        this.partitions = partitions;
    }

    /** What a batch becomes: one for each partition that it has connections of, or tells progress to. */
    List<Outgoing> route(Outgoing unrouted) {
        SegmentBatch batch = read(unrouted);
        Line line = lines.computeIfAbsent(new Session(batch.getAgent(), batch.getSession()), session -> new Line());
        line.arrivedAt(batch.getSequence());
        Map<Integer, List<ConnectionSegments>> byPartition = batch.getConnections().stream()
                .collect(Collectors.groupingBy(each -> Batcher.partition(each.key(), partitions)));
        Progress progress = batch.getProgress();
        line.dropped += progress == null ? 0 : progress.dropped();
        List<Outgoing> routed = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            List<ConnectionSegments> connections = byPartition.getOrDefault(partition, List.of());
            Progress told = progress == null ? null : line.told(progress, partition, !connections.isEmpty());
            if (told != null || !connections.isEmpty()) {
                batch.setConnections(connections);
                batch.setProgress(told);
                batch.setSequence(line.numbers[partition]++);
                routed.add(written(partition, batch));
            }
        }
        if (!routed.isEmpty()) {
            routed.get(routed.size() - 1).number = unrouted.number;
        }
        return routed;
    }

    private static Outgoing written(int partition, SegmentBatch batch) {
        byte[] value = Topics.SEGMENTS.value().serializer().serialize(Topics.SEGMENTS.name(), batch);
        int segments = batch.getConnections().stream()
                .mapToInt(each -> each.segments().size())
                .sum();
        return new Outgoing(partition, value, segments);
    }

    private static SegmentBatch read(Outgoing record) {
        return Topics.SEGMENTS.value().deserializer().deserialize(Topics.SEGMENTS.name(), record.value);
    }
}
