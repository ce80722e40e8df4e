package flowstate.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.errors.SerializationException;

/** One batch after the other into the same objects; that a batch is read as Avro has it, {@link SegmentBatchSerdeTest} shows. */
class SegmentBatchReaderTest {
    private final SegmentBatchSerde serde = new SegmentBatchSerde();

    private static SegmentBatch read(SegmentBatchReader reader) {
        SegmentBatch batch = new SegmentBatch();
        batch.setAgent(reader.agent());
        batch.setSession(reader.session());
        batch.setInterface(reader.captureInterface());
        batch.setSequence(reader.sequence());
        batch.setClock(reader.clock());
        batch.setProgress(reader.progress());
        List<ConnectionSegments> connections = new ArrayList<>();
        for (int i = 0; i < reader.connections(); i++) {
            connections.add(new ConnectionSegments(
                    Arrays.copyOfRange(reader.octets(), reader.keyStart(i), reader.keyEnd(i)),
                    reader.clock(i),
                    reader.tunnel(i),
                    reader.segments().subList(reader.first(i), reader.end(i))));
        }
        batch.setConnections(connections);
        return batch;
    }

    /** Nothing of a batch, not even of one that broke off, is left in the next. */
    @Property(tries = 200)
    void eachBatchIsReadAsThoughItWereTheFirst(@ForAll long seed) {
        Random random = new Random(seed);
        SegmentBatchReader reader = new SegmentBatchReader();
        for (int i = 0; i < 10; i++) {
            SegmentBatch batch = SegmentBatchSerdeTest.random(random, random.nextInt(200));
            byte[] octets = serde.serialize("t", batch);
            if (random.nextInt(3) == 0) {
                byte[] cut = Arrays.copyOf(octets, random.nextInt(octets.length));
                assertThatThrownBy(() -> reader.read("t", cut)).isInstanceOf(SerializationException.class);
                assertThat(reader.connections()).isZero();
                assertThat(reader.progress()).isNull();
            }
            reader.read("t", octets);
            assertThat(read(reader)).isEqualTo(batch);
        }
    }
}
