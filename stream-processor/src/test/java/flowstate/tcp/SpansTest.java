package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SpansTest {

    @Test
    void fillingTheGapJoinsTheIslands() {
        Spans spans = new Spans();
        spans.add(0, 10);
        spans.add(20, 30);
        spans.add(10, 20);
        assertThat(spans.contiguous).isEqualTo(30);
        assertThat(spans.islands).isZero();
    }

    @Test
    void whereOneGapIsFilledTheNextStays() {
        Spans spans = new Spans();
        spans.add(0, 10);
        spans.add(20, 30);
        spans.add(40, 50);
        spans.add(60, 70);
        spans.add(10, 20);
        assertThat(spans.contiguous).isEqualTo(30);
        assertThat(spans.islands).isEqualTo(2);
        assertThat(spans.gapsBefore(70)).isEqualTo(2);
        assertThat(spans.acknowledged(55)).isEqualTo(15);
        assertThat(spans.acknowledged(70)).isEqualTo(5);
    }

    @Test
    void anAcknowledgementTellsHowMuchWasNotSeen() {
        Spans spans = new Spans();
        spans.add(0, 10);
        spans.add(20, 30);
        assertThat(spans.acknowledged(40)).isEqualTo(20);
        assertThat(spans.acknowledged(40)).isZero();
    }

    @Property
    void anAcknowledgementOfAllTellsWhatIsMissingOfIt(
            @ForAll @Size(max = 12) List<@IntRange(max = 60) Integer> starts,
            @ForAll @IntRange(min = 1, max = 9) int length) {
        Spans spans = new Spans();
        BitSet seen = new BitSet();
        for (int start : starts) {
            spans.add(start, start + length);
            seen.set(start, start + length);
        }
        assertThat(spans.acknowledged(70)).isEqualTo(70 - seen.cardinality());
    }

    @Test
    void whatTouchesIsOneIsland() {
        Spans spans = new Spans();
        spans.add(20, 30);
        spans.add(30, 40);
        assertThat(spans.islands).isEqualTo(1);
        spans.add(10, 20);
        assertThat(spans.islands).isEqualTo(1);
        assertThat(spans.from[0]).isEqualTo(10);
        assertThat(spans.to[0]).isEqualTo(40);
        spans.add(42, 50);
        assertThat(spans.islands).as("one octet is missing").isEqualTo(2);
    }

    @Test
    void theTwoFurthestIslandsAreTakenForOneWhereThereAreTooMany() {
        Spans spans = new Spans();
        for (int start = 320; start > 0; start -= 10) {
            spans.add(start, start + 5);
        }
        assertThat(spans.islands).isEqualTo(Spans.MAX_ISLANDS);
        assertThat(spans.from[0]).isEqualTo(10);
        assertThat(spans.from[30]).isEqualTo(310);
        assertThat(spans.to[29]).isEqualTo(305);
        assertThat(spans.to[30]).isEqualTo(325);
        assertThat(spans.acknowledged(325))
                .as("a gap is hidden, none is made up")
                .isEqualTo(10 + 30 * 5);
    }

    @Test
    void whatWasAcknowledgedIsMissedOnce() {
        Spans spans = new Spans();
        spans.add(0, 10);
        spans.add(20, 30);
        assertThat(spans.acknowledged(20)).isEqualTo(10);
        assertThat(spans.contiguous).as("what was seen behind it follows on").isEqualTo(30);
        assertThat(spans.islands).isZero();
        assertThat(spans.acknowledged(29)).isZero();
        assertThat(spans.contiguous)
                .as("an older acknowledgement takes nothing back")
                .isEqualTo(30);
    }

    @Test
    void eachStretchThatIsMissingIsAGap() {
        Spans spans = new Spans();
        spans.add(0, 10);
        spans.add(20, 30);
        spans.add(40, 50);
        assertThat(spans.gapsBefore(10)).isZero();
        assertThat(spans.gapsBefore(11)).isEqualTo(1);
        assertThat(spans.gapsBefore(20)).isEqualTo(1);
        assertThat(spans.gapsBefore(21)).isEqualTo(1);
        assertThat(spans.gapsBefore(30)).isEqualTo(1);
        assertThat(spans.gapsBefore(31)).isEqualTo(2);
        assertThat(spans.gapsBefore(50)).isEqualTo(2);
        assertThat(spans.gapsBefore(51)).isEqualTo(3);
    }

    @Test
    void aBaseThatWasKnownWronglyMovesWhatWasSeenInARow() {
        Spans spans = new Spans();
        spans.add(0, 10);
        spans.add(20, 30);
        spans.shift(5);
        assertThat(spans.contiguous).isEqualTo(15);
        assertThat(spans.islands).isZero();
        spans.shift(-20);
        assertThat(spans.contiguous).as("nothing lies before the SYN").isZero();
    }

    @Test
    void aCopyIsEqualUntilOneOfThemGrows() {
        Spans spans = new Spans();
        spans.add(0, 10);
        spans.add(20, 30);
        Spans copy = new Spans();
        assertThat(copy.equalTo(spans)).isFalse();
        copy.set(spans);
        assertThat(copy.equalTo(spans)).isTrue();
        copy.add(30, 31);
        assertThat(copy.equalTo(spans)).isFalse();
        copy.set(spans);
        copy.add(19, 20);
        assertThat(copy.equalTo(spans)).isFalse();
        copy.set(spans);
        copy.add(40, 50);
        assertThat(copy.equalTo(spans)).isFalse();
        copy.set(spans);
        copy.add(10, 11);
        assertThat(copy.equalTo(spans)).isFalse();
    }

    @Test
    void aSegmentWithoutLengthDoesNotCutAGapInTwo() {
        Spans spans = new Spans();
        spans.add(0, 10);
        spans.add(20, 20);
        spans.add(30, 40);
        assertThat(spans.islands).isEqualTo(1);
        assertThat(spans.gapsBefore(30)).isEqualTo(1);
    }
}
