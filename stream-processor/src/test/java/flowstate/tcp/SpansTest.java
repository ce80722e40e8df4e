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
    void anIslandIsCoveredOnlyFromEndToEnd() {
        Spans spans = new Spans();
        spans.add(0, 10);
        spans.add(20, 30);
        assertThat(spans.covers(0, 10)).isTrue();
        assertThat(spans.covers(20, 30)).isTrue();
        assertThat(spans.covers(5, 25)).isFalse();
        assertThat(spans.covers(25, 31)).isFalse();
    }

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
    void coversIsTrueOnlyOfWhatWasSeen(
            @ForAll @Size(max = 12) List<@IntRange(max = 60) Integer> starts,
            @ForAll @IntRange(min = 1, max = 9) int length) {
        Spans spans = new Spans();
        BitSet seen = new BitSet();
        for (int start : starts) {
            spans.add(start, start + length);
            seen.set(start, start + length);
        }
        for (int from = 0; from < 60; from++) {
            for (int to = from + 1; to < 70; to++) {
                if (spans.covers(from, to)) {
                    assertThat(seen.get(from, to).cardinality()).isEqualTo(to - from);
                }
            }
        }
    }
}
