package flowstate.octets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compared with Avro's own encoder. */
class VarintTest {
    @ParameterizedTest
    @MethodSource("numbers")
    void octetsAreAvros(long number) throws IOException {
        byte[] expected = avro(number);
        byte[] written = new byte[20];
        int end = Varint.put(written, 3, number);

        assertThat(Arrays.copyOfRange(written, 3, end)).isEqualTo(expected);
        assertThat(Varint.length(number)).isEqualTo(expected.length);
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void isReadWhateverFollows(long number) throws IOException {
        byte[] octets = avro(number);
        for (int behind : new int[] {0, 1, 9}) {
            for (int filling : new int[] {0, -1}) {
                byte[] all = new byte[2 + octets.length + behind];
                Arrays.fill(all, (byte) filling);
                System.arraycopy(octets, 0, all, 2, octets.length);

                int length = Varint.lengthAt(all, 2, 2 + octets.length);
                assertThat(length).isEqualTo(octets.length);
                assertThat(Varint.valueAt(all, 2, length)).isEqualTo(number);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("numbers")
    @DisplayName("A number that the end of its record cuts short is none, even if there are octets behind it")
    void cutShort(long number) throws IOException {
        byte[] octets = Arrays.copyOf(avro(number), 20);
        for (int end = 0; end < Varint.length(number); end++) {
            int tooSoon = end;
            assertThatThrownBy(() -> Varint.lengthAt(octets, 0, tooSoon)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void numberWithoutEndIsRefused() {
        byte[] octets = new byte[16];
        Arrays.fill(octets, (byte) -1);
        assertThatThrownBy(() -> Varint.lengthAt(octets, 0, 16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a number must end within 10 octets");
    }

    /** Each length's least and greatest, either sign, and some of each length at random. */
    static LongStream numbers() {
        Random random = new Random(7);
        return LongStream.concat(
                LongStream.of(0, Long.MIN_VALUE, Long.MAX_VALUE),
                LongStream.range(0, 63)
                        .flatMap(bit -> LongStream.of(
                                1L << bit, -(1L << bit), (1L << bit) - 1, -(1L << bit) - 1, random.nextLong() >> bit)));
    }

    private static byte[] avro(long number) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        encoder.writeLong(number);
        encoder.flush();
        return out.toByteArray();
    }
}
