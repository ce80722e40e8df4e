package flowstate.capture.publish;

import static flowstate.capture.publish.BatcherTest.START;
import static flowstate.capture.publish.BatcherTest.config;
import static flowstate.capture.publish.BatcherTest.segment;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import flowstate.capture.decode.DecodedSegment;
import flowstate.schema.ConnectionKey;
import flowstate.schema.SegmentBatch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What only a live capture has: own traffic, packets that were dropped, a clock ahead of the kernel's buffer. */
class LiveBatcherTest {
    private final List<SegmentBatch> sent = new ArrayList<>();

    private Batcher batcher(int segments, Exclusion exclusion, long watermarkLagNs) {
        return new Batcher(
                config(segments, 50, 100),
                "eth0",
                START,
                1,
                (partition, batch, count) -> sent.add(Batches.read(batch)),
                exclusion,
                watermarkLagNs);
    }

    /** What a test says, and how often it was looked. */
    private static final class Scripted implements Exclusion {
        private final Set<Integer> excludedPorts = new HashSet<>();
        private final Set<Integer> foundByNextLook = new HashSet<>();
        private int version;
        private long looks;

        @Override
        public int version() {
            return version;
        }

        @Override
        public long looks() {
            return looks;
        }

        @Override
        public void look(boolean atOnce) {
            if (atOnce) {
                looks++;
                if (excludedPorts.addAll(foundByNextLook)) {
                    version++;
                }
            }
        }

        @Override
        public boolean excludes(ConnectionKey connection) {
            return excludedPorts.contains(connection.lowPort()) || excludedPorts.contains(connection.highPort());
        }
    }

    @Test
    void nothingOfAConnectionLeavesBeforeItIsKnownNotToBeExcluded() throws PublishException {
        Scripted exclusion = new Scripted();
        Batcher batcher = batcher(16, exclusion, 0);
        batcher.advance(START);
        DecodedSegment own = segment(0, false);
        DecodedSegment other = segment(2, false);
        exclusion.foundByNextLook.add(own.sourcePort);

        batcher.add(own, START);
        batcher.add(other, START);
        batcher.advance(START + 60_000_000);
        batcher.add(own, START + 60_000_000);
        batcher.finish();

        assertThat(sent.stream()
                        .mapToInt(batch -> Batches.segments(batch).size())
                        .sum())
                .isEqualTo(1);
        assertThat(batcher.ownSegments()).isEqualTo(2);
        assertThat(batcher.openSegments()).isZero();
        assertThat(batcher.takenSegments()).isEqualTo(3);
    }

    @Test
    void tenTimesASecondAllThatIsThereLeavesTogetherAndThenItMayGo() throws PublishException {
        List<Long> pausedAfter = new ArrayList<>();
        BatchSink sink = new BatchSink() {
            @Override
            public void accept(int partition, byte[] batch, int segments) {
                sent.add(Batches.read(batch));
            }

            @Override
            public void pause() {
                pausedAfter.add((long) sent.size());
            }
        };
        Batcher batcher =
                new Batcher(BatcherTest.config(Batching.LIVE), "eth0", START, 1, sink, Exclusion.NOTHING, 100_000_000);
        batcher.advance(START);
        for (int i = 0; i < 9; i++) {
            batcher.advance(START + i * 10_000_000L);
            batcher.add(segment(2 * (i % 3), false), START + i * 10_000_000L);
        }
        assertThat(batcher.nsToSweep()).isEqualTo(20_000_000);
        batcher.advance(START + 99_999_999);
        assertThat(sent).isEmpty();
        batcher.advance(START + 100_000_000);
        assertThat(sent)
                .singleElement()
                .satisfies(batch -> assertThat(Batches.segments(batch)).hasSize(9));
        assertThat(pausedAfter).containsExactly(1L);
    }

    @Test
    void aConnectionThatTurnsOutToBeExcludedIsNotPublishedAnyMore() throws PublishException {
        Scripted exclusion = new Scripted();
        Batcher batcher = batcher(1, exclusion, 0);
        batcher.advance(START);
        DecodedSegment segment = segment(0, false);
        batcher.add(segment, START);
        batcher.advance(START + 10_000_000);
        assertThat(sent).hasSize(1);

        exclusion.excludedPorts.add(segment.destinationPort);
        exclusion.version++;
        batcher.add(segment, START);
        batcher.advance(START + 20_000_000);

        assertThat(sent).hasSize(1);
        assertThat(batcher.ownSegments()).isEqualTo(1);
    }

    @Test
    void whatWasDroppedIsToldOnceToEachPartitionAndWhatNobodyCountedIsAGap() throws PublishException {
        Batcher batcher = batcher(1, Exclusion.NOTHING, 100_000_000);
        batcher.advance(START);
        batcher.add(segment(0, false), START);
        batcher.dropped(7);
        batcher.advance(START + 1_000_000_000L);
        batcher.dropped(9);
        batcher.advance(START + 2_000_000_000L);
        batcher.advance(START + 3_000_000_000L);
        batcher.skipNumbers();
        batcher.finish();

        assertThat(sent.stream()
                        .skip(1)
                        .map(batch -> requireNonNull(batch.getProgress()).dropped()))
                .containsExactly(7L, 2L, 0L, 0L);
        assertThat(sent.stream().map(SegmentBatch::getSequence)).containsExactly(0L, 1L, 2L, 3L, 5L);
        assertThat(requireNonNull(sent.get(1).getProgress()).watermark()).isEqualTo(START + 900_000_000L);
    }
}
