package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlagsTest {

    @ParameterizedTest
    @CsvSource({"0, none", "2, S", "18, S.", "17, F.", "20, R.", "24, P.", "194, SEW", "511, FSRP.UEWe"})
    void areWrittenAsTcpdumpPrintsThem(int flags, String text) {
        assertThat(Flags.text(flags)).isEqualTo(text);
        assertThat(Flags.parse(text)).isEqualTo(flags);
    }

    @Test
    void aLetterThatIsNoFlagIsRefused() {
        assertThatThrownBy(() -> Flags.parse("Sx"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no TCP flag is printed 'x': Sx");
    }
}
