package flowstate.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.util.RandomData;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

class LifecycleReaderTest {
    private final LifecycleReader reader = new LifecycleReader();

    private static LifecycleEvent random(long seed) {
        return (LifecycleEvent) new RandomData(
                        SpecificData.getForClass(LifecycleEvent.class), LifecycleEvent.getClassSchema(), 1, seed, false)
                .iterator()
                .next();
    }

    private static byte[] byAvro(LifecycleEvent event) throws IOException {
        ByteBuffer encoded =
                new BinaryMessageEncoder<LifecycleEvent>(event.getSpecificData(), event.getSchema()).encode(event);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    /** One after the other: nothing of an event is left in the next. */
    @Property
    void itReadsWhatAvroWrites(@ForAll long seed, @ForAll long other) throws IOException {
        assertThat(reader.read(byAvro(random(seed)))).isEqualTo(random(seed));
        assertThat(reader.read(byAvro(random(other)))).isEqualTo(random(other));
    }

    @Property
    void itsHeadIsThatOfTheWhole(@ForAll long seed) throws IOException {
        LifecycleEvent event = random(seed);
        assertThat(reader.head(byAvro(event)))
                .isEqualTo(new LifecycleReader.Head(
                        event.getCapture(), event.getFinal$(), event.getAt(), event.getConnectionId()));
    }

    @Test
    void everyCutIsRefused() throws IOException {
        byte[] bytes = byAvro(random(1));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> reader.read(cut))
                    .as("cut to %d octets", length)
                    .isInstanceOf(SerializationException.class);
        }
    }

    /** Hostile octets are an exception that is expected. */
    @Property
    void whateverTheOctetsAre(@ForAll long seed) throws IOException {
        byte[] changed = byAvro(random(seed));
        Random random = new Random(seed);
        changed[random.nextInt(changed.length)] = (byte) random.nextInt();
        try {
            reader.head(changed);
            reader.read(changed);
        } catch (SerializationException expected) {
            assertThat(expected).hasMessageContaining("LifecycleEvent");
        }
    }
}
