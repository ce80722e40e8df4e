package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OctetsTest {
    private final Octets octets = new Octets();

    @ParameterizedTest
    @CsvSource({"0, 1", "63, 1", "-64, 1", "64, 2", "-65, 2", "8191, 2", "8192, 3", "9223372036854775807, 10"})
    void aSmallNumberOfEitherSignTakesFewOctets(long number, int length) {
        octets.put(number);
        assertThat(octets.position()).isEqualTo(length);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "-1, 1", "1, 2", "-64, 127"})
    void theSignIsTheLowestBit(long number, int octet) {
        octets.put(number);
        assertThat(octets.copy()).containsExactly(octet);
    }

    @Test
    void anythingComesBackHoweverMuchThereIs() {
        String text = "caf\u00e9 ".repeat(200);
        String ascii = "SYN ".repeat(2_000);
        String late = ascii + text;
        for (int shift = 0; shift < 64; shift++) {
            octets.put(1L << shift);
            octets.put(-1L << shift);
        }
        octets.putText(text);
        octets.putText(ascii);
        octets.putText(new StringBuilder(late));
        for (int i = 0; i < 2000; i++) {
            octets.put(i);
        }
        byte[] written = octets.copy();

        Octets read = new Octets();
        read.load(written);
        for (int shift = 0; shift < 64; shift++) {
            assertThat(read.take()).isEqualTo(1L << shift);
            assertThat(read.take()).isEqualTo(-1L << shift);
        }
        assertThat(read.takeText()).isEqualTo(text);
        assertThat(read.takeText()).isEqualTo(ascii);
        assertThat(read.takeText()).isEqualTo(late);
        for (int i = 0; i < 2000; i++) {
            assertThat(read.takeInt()).isEqualTo(i);
        }
        assertThat(read.position()).isEqualTo(written.length);
    }

    @Test
    void aNameIsTheSameObjectEachTime() {
        List<String> names = List.of("tap", "pat", "Zürich.pcap", "", "eth0", "eth1");
        for (int i = 0; i < 3; i++) {
            names.forEach(octets::putText);
        }
        octets.load(octets.copy());
        List<String> read = new ArrayList<>();
        for (int i = 0; i < 3 * names.size(); i++) {
            read.add(octets.takeName());
        }

        assertThat(read.subList(0, names.size())).isEqualTo(names);
        assertThat(read.subList(names.size(), 2 * names.size())).isEqualTo(names);
        assertThat(read.get(names.size() + 2)).isSameAs(read.get(2));
        assertThat(read.get(2 * names.size() + 4)).isSameAs(read.get(4));
    }

    @Test
    void whatWasReadIsNotWrittenOver() {
        byte[] encoded = {2, 4, 6};
        octets.load(encoded);
        assertThat(octets.takeInt()).isEqualTo(1);
        octets.clear();
        octets.put(50);
        assertThat(octets.copy()).containsExactly(100);
        assertThat(encoded).containsExactly(2, 4, 6);
    }

    @Test
    void isUsedAgain() {
        octets.put(1000);
        octets.clear();
        octets.put(7);
        assertThat(octets.copy()).containsExactly(14);
    }
}
