package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.schema.ConnectionKey;
import flowstate.schema.ConnectionSegments;
import flowstate.schema.EventKind;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.SegmentBatch;
import flowstate.schema.TcpSegment;
import flowstate.schema.Topics;
import flowstate.tcp.Flags;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnreadableRecordsTest {
    private static final byte[] KEY = ConnectionKey.of(
                    new byte[] {10, 0, 0, 1}, 40000, new byte[] {10, 0, 0, 2}, 80, "")
            .toBytes();

    @TempDir
    private Path stateDir;

    private static ConnectionSegments syn(byte[] key) {
        TcpSegment syn = new TcpSegment();
        syn.setTime(Pipe.START_NS);
        syn.setFromLow(true);
        syn.setFlags(Flags.SYN);
        syn.setWireLength(60);
        return new ConnectionSegments(key, Pipe.START_NS, null, List.of(syn));
    }

    private static byte[] batch(ConnectionSegments... connections) {
        SegmentBatch batch = new SegmentBatch();
        batch.setAgent("a");
        batch.setSession(1);
        batch.setClock(Pipe.START_NS);
        batch.setConnections(List.of(connections));
        return Topics.SEGMENTS.value().serializer().serialize(Topics.SEGMENTS.name(), batch);
    }

    /** Each as a whole, however late in it that shows: the agent's next batch finds all as if there had been none. */
    @Test
    void whatIsNoBatchIsCountedAndSkippedAsAWhole() {
        byte[] good = batch(syn(KEY));
        byte[] cut = Arrays.copyOf(good, good.length - 1);
        byte[] otherKey = batch(syn(KEY), syn(new byte[] {5}));
        DrivenTopology topology = DrivenTopology.start("unreadable", TrackerSettings.DEFAULT, stateDir);
        try (TopologyTestDriver driver = topology.driver()) {
            TestInputTopic<byte[], byte[]> segments = driver.createInputTopic(
                    Topics.SEGMENTS.name(), new ByteArraySerializer(), new ByteArraySerializer());
            long before = UnreadableRecords.count();
            for (byte[] each : List.of(new byte[0], new byte[] {1, 2, 3}, cut, otherKey)) {
                segments.pipeInput(each);
            }
            assertThat(UnreadableRecords.count() - before).isEqualTo(4);
            assertThat(topology.lifecycle().isEmpty()).isTrue();

            segments.pipeInput(good);
            assertThat(topology.lifecycle().readValuesToList())
                    .extracting(LifecycleEvent::getEvent)
                    .containsExactly(EventKind.OPENING);
        }
    }
}
