package flowstate.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

class AvroInputTest {
    private static AvroInput input(byte[] octets) {
        AvroInput in = new AvroInput();
        in.reset(octets, 0, octets.length);
        return in;
    }

    @Property
    void avroWritesTheSame(
            @ForAll int number,
            @ForAll long large,
            @ForAll double real,
            @ForAll float small,
            @ForAll boolean flag,
            @ForAll String text,
            @ForAll byte[] octets)
            throws IOException {
        ByteArrayOutputStream byAvro = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(byAvro, null);
        AvroOutput out = new AvroOutput(1);
        for (var each : java.util.List.of(encoder, out)) {
            each.writeInt(number);
            each.writeLong(large);
            each.writeDouble(real);
            each.writeFloat(small);
            each.writeBoolean(flag);
            each.writeString(text);
            each.writeBytes(octets);
            each.flush();
        }
        assertThat(out.toBytes()).isEqualTo(byAvro.toByteArray());

        AvroInput in = input(out.toBytes());
        assertThat(in.takeInt()).isEqualTo(number);
        assertThat(in.takeLong()).isEqualTo(large);
        assertThat(in.takeDouble()).isEqualTo(real);
    }

    @Property
    void aStringIsThatOfTheOctetsWhateverItIsTakenFor(@ForAll String text, @ForAll String perhaps) {
        AvroOutput out = new AvroOutput(1);
        out.writeString(text);
        String expected = new String(
                text.getBytes(java.nio.charset.StandardCharsets.UTF_8), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(input(out.toBytes()).takeString(perhaps)).isEqualTo(expected);
        assertThat(input(out.toBytes()).takeString(text)).isEqualTo(expected);
    }

    @Test
    void wrongNumbersAreRefused() {
        assertThatThrownBy(() -> input(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1})
                        .takeLong())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> input(new byte[] {-1, -1, -1, -1, -1, 1}).takeInt())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> input(new byte[] {5}).takeString("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> input(new byte[] {4}).takeIndex(2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> input(new byte[] {126}).takeBlock()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> input(new byte[] {-1}).takeLong()).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> input(new byte[] {8, 65}).takeString(""))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
