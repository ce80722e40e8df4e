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
    void anAcknowledgementTellsHowMuchWasNotSeen() {
        Spans spans = new Spans();
        spans.add(0, 10);
        spans.add(20, 30);
        assertThat(spans.acknowledged(40)).isEqualTo(20);
        assertThat(spans.acknowledged(40)).isZero();
    }

    @Property
    void anAcknowledgementOfAllTellsWhatIsMissingOfIt(
            @ForAll @Size(max = 4) List<@IntRange(max = 60) Integer> starts,
            @ForAll @IntRange(min = 1, max = 9) int length) {
        Spans spans = new Spans();
        BitSet seen = new BitSet();
        for (int start : starts) {
            spans.add(start, start + length);
            seen.set(start, start + length);
        }
        assertThat(spans.acknowledged(70)).isEqualTo(70 - seen.cardinality());
    }
}
