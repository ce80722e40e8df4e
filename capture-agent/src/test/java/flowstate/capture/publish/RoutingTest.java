package flowstate.capture.publish;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.schema.ConnectionSegments;
import flowstate.schema.Progress;
import flowstate.schema.SegmentBatch;
import flowstate.schema.TcpSegment;
import flowstate.schema.Topics;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RoutingTest {
    private static final int PARTITIONS = 3;

    private final Routing routing = new Routing(PARTITIONS);

    private static Outgoing unrouted(long session, long place, List<Integer> keys, @Nullable Progress progress) {
        SegmentBatch batch = new SegmentBatch();
        batch.setAgent("a");
        batch.setSession(session);
        batch.setInterface("eth0");
        batch.setSequence(place);
        batch.setConnections(keys.stream()
                .map(key -> new ConnectionSegments(new byte[] {key.byteValue()}, 0, null, List.of(new TcpSegment())))
                .toList());
        batch.setProgress(progress);
        byte[] value = Topics.SEGMENTS.value().serializer().serialize("t", batch);
        return new Outgoing(Outgoing.UNROUTED, value, keys.size());
    }

    /** What becomes of a batch: {@code partition number}, of progress with what was dropped. */
    private List<String> route(long session, long place, Integer... keys) {
        return routing.route(unrouted(session, place, List.of(keys), null)).stream()
                .map(RoutingTest::text)
                .toList();
    }

    private List<String> progress(long place, long dropped, boolean end) {
        return routing.route(unrouted(1, place, List.of(), new Progress(0, dropped, end))).stream()
                .map(RoutingTest::text)
                .toList();
    }

    private static String text(Outgoing record) {
        SegmentBatch batch = Topics.SEGMENTS.value().deserializer().deserialize("t", record.value);
        Progress progress = batch.getProgress();
        return record.partition + " " + batch.getSequence() + (progress == null ? "" : " " + progress.dropped());
    }

    /** Kafka's own partitioner is what {@link Batcher#partition} is tested against. */
    private static int partition(int key) {
        return Batcher.partition(new byte[] {(byte) key}, PARTITIONS);
    }

    private static int keyOn(int partition) {
        int key = 0;
        while (partition(key) != partition) {
            key++;
        }
        return key;
    }

    @Test
    void eachPartitionCountsByItselfAndEachSession() {
        assertThat(route(1, 0, keyOn(0))).containsExactly("0 0");
        assertThat(route(1, 1, keyOn(2))).containsExactly("2 0");
        assertThat(route(1, 2, keyOn(0))).containsExactly("0 1");
        assertThat(route(2, 0, keyOn(0))).containsExactly("0 0");
    }

    @Test
    void progressGoesToEachPartitionInUseWithAllThatWasDroppedAndTheEndToAll() {
        route(1, 0, keyOn(1));
        assertThat(progress(1, 5, false)).containsExactly("1 1 5");
        route(1, 2, keyOn(0));
        assertThat(progress(3, 2, false)).containsExactly("0 1 7", "1 2 2");
        assertThat(progress(4, 0, true)).containsExactly("0 2 0", "1 3 0", "2 0 7");
    }

    @Test
    void connectionsOfSeveralPartitionsPartEachInOrder() {
        int zero = keyOn(0);
        int two = keyOn(2);
        Outgoing unrouted = unrouted(1, 0, List.of(two, zero, two), new Progress(5, 3, false));
        unrouted.number = 7;
        List<Outgoing> routed = routing.route(unrouted);

        // what of it the spool forgets last stands for all of it
        assertThat(routed.stream().map(each -> each.number)).containsExactly(Outgoing.NOT_SPOOLED, 7L);
        assertThat(routed.stream().map(each -> each.segments)).containsExactly(1, 2);
        assertThat(routed.stream().map(RoutingTest::text)).containsExactly("0 0 3", "2 0 3");
        assertThat(keys(routed.get(0))).containsExactly(zero);
        assertThat(keys(routed.get(1))).containsExactly(two, two);
    }

    private static List<Integer> keys(Outgoing record) {
        return Topics.SEGMENTS.value().deserializer().deserialize("t", record.value).getConnections().stream()
                .map(each -> (int) each.key()[0])
                .toList();
    }

    @Test
    void whatIsMissingInTheLineIsANumberLeftOutOnEachPartitionInUse() {
        route(1, 0, keyOn(0));
        assertThat(route(1, 7, keyOn(0))).containsExactly("0 2");
        assertThat(route(1, 8, keyOn(1))).containsExactly("1 0");
        assertThat(route(1, 11, keyOn(1))).containsExactly("1 2");
    }

    @Test
    void aLineWhoseBeginningIsGoneGoesOnBeyondAnyNumberThatItMayHaveHad() {
        assertThat(route(1, 40, keyOn(0))).containsExactly("0 40");
        assertThat(route(1, 41, keyOn(1))).containsExactly("1 40");
        assertThat(route(1, 42, keyOn(0))).containsExactly("0 41");
    }
}
