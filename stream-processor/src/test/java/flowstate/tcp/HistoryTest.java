package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Zeek's letters, as base/protocols/conn/main.zeek explains them. The originator is the low end. */
class HistoryTest {
    private final History history = new History();

    private void segment(boolean fromLow, int flags, int payload, long position) {
        Segment s = new Segment(1, 1, fromLow, 1, 1, flags, 100, payload, 40, -1, -1, false, -1, -1, 0, -1, 0);
        history.segment(s, position, fromLow);
    }

    private String letters() {
        return history.letters.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "S, 0, S", "S., 0, H", "., 0, A", "P., 1, D", "F., 0, F", "F., 9, F", "R, 0, R", "R., 9, R",
        "FR, 0, I", "FR., 5, I", "SF, 0, Q", "SR, 0, Q", "SFR, 0, I", "none, 0, ''", "none, 1, D", "P, 0, ''"
    })
    void aSegmentIsOneLetter(String flags, int payload, String letter) {
        segment(true, Flags.parse(flags), payload, 5);
        segment(false, Flags.parse(flags), payload, 5);
        segment(true, Flags.parse(flags), payload, 5);
        assertThat(letters()).isEqualTo(letter + letter.toLowerCase(java.util.Locale.ROOT));
    }

    @ParameterizedTest
    @CsvSource({"S, SSs", "S., HHh", "F., FFf", "R, RRr", "., Aa", "P., Aa", "FR, Ii", "SF, Qq"})
    void openingAndClosingComeAgainWithAnotherNumber(String flags, String letters) {
        segment(true, Flags.parse(flags), 0, 5);
        segment(true, Flags.parse(flags), 0, 6);
        segment(true, Flags.parse(flags), 0, 6);
        segment(false, Flags.parse(flags), 0, 6);
        assertThat(letters()).isEqualTo(letters);
    }

    @Test
    void aFinIsKnownByItsEnd() {
        segment(true, Flags.FIN | Flags.ACK, 0, 15);
        segment(true, Flags.FIN | Flags.ACK, 10, 5);
        assertThat(letters()).isEqualTo("F");
        segment(true, Flags.FIN | Flags.ACK, 10, 6);
        assertThat(letters()).isEqualTo("FF");
    }

    @Test
    void aSynInPlaceOfTheFirstIsAnother() {
        segment(true, Flags.SYN, 0, 0);
        segment(false, Flags.SYN, 0, 0);
        history.synMoves(true);
        segment(true, Flags.SYN, 0, 0);
        segment(false, Flags.SYN, 0, 0);
        assertThat(letters()).isEqualTo("SsS");
    }

    @Test
    void whatComesOftenIsToldAtPowersOfTenOfEachDirection() {
        repeated(history::zeroWindow, "WWw");
        repeated(history::retransmission, "TTt");
        repeated(history::badChecksum, "CCc");
        repeated((fromLow, fromOriginator) -> history.gaps(1, fromLow, fromOriginator), "GGg");
    }

    private void repeated(BiConsumer<Boolean, Boolean> happens, String letters) {
        history.letters.setLength(0);
        for (int i = 0; i < 10; i++) {
            happens.accept(true, true);
        }
        happens.accept(false, false);
        assertThat(letters()).isEqualTo(letters);
    }

    @Test
    void severalGapsAtOnceCountEach() {
        history.gaps(0, true, true);
        assertThat(letters()).isEmpty();
        history.gaps(9, true, true);
        assertThat(letters()).isEqualTo("G");
        history.gaps(1, true, true);
        assertThat(letters()).isEqualTo("GG");
    }

    @Test
    void whatAHostileOneAddsIsLeftOut() {
        for (int i = 0; i < 100; i++) {
            segment(true, Flags.RST, 0, 10 + i);
        }
        assertThat(letters()).isEqualTo("R".repeat(64));
    }

    @Test
    void rolesThatWereGuessedWronglyAreMarked() {
        segment(true, Flags.ACK, 0, 1);
        history.flipped();
        history.segment(new Segment(1, 1, true, 1, 1, Flags.RST, 0, 0, 40, -1, -1, false, -1, -1, 0, -1, 0), 1, false);
        assertThat(letters()).isEqualTo("A^r");
    }
}
