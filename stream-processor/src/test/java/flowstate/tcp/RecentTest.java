package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecentTest {

    @Test
    void theLatestThirtyTwoAreKept() {
        Recent recent = new Recent();
        for (long i = 1; i <= 33; i++) {
            recent.add(i, 100 + i);
        }
        assertThat(recent.timeOf(1)).as("too long ago").isEqualTo(Long.MIN_VALUE);
        assertThat(recent.timeOf(2)).isEqualTo(102);
        assertThat(recent.timeOf(33)).isEqualTo(133);
        assertThat(recent.timeOf(34)).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void segmentsThatDifferInAnythingButTimeHaveDifferentPrints() {
        Set<Long> prints = new HashSet<>();
        List<String> different = List.of(
                "C > S  .   1:1(0)  ack 1",
                "S > C  .   1:1(0)  ack 1",
                "C > S  .   2:2(0)  ack 1",
                "C > S  .   1:1(0)  ack 2",
                "C > S  P.  1:1(0)  ack 1",
                "C > S  .   1:2(1)  ack 1",
                "C > S  .   1:1(0)  ack 1  win 1",
                "C > S  .   1:1(0)  ack 1  <TS val 1 ecr 1>",
                "C > S  .   1:1(0)  ack 1  <TS val 2 ecr 1>");
        different.forEach(line -> prints.add(Recent.print(Talk.segment("+0 " + line))));
        assertThat(prints).hasSameSizeAs(different).doesNotContain(0L);
        different.forEach(line -> assertThat(prints).contains(Recent.print(Talk.segment("+9 " + line + "  @b"))));
    }
}
