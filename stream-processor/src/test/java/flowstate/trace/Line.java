package flowstate.trace;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One line of a trace: when, what happens, and what the tracker is to say of it.
 *
 * @param atNs nanoseconds since the start of the trace, by the agent's clock; never less than the line's before
 * @param step what happens
 * @param expected what the tracker is to say, in order; empty asserts silence
 * @param comment why that is expected; empty if there is no comment
 */
public record Line(long atNs, Step step, List<Expectation> expected, String comment) {

    public Line {
        expected = List.copyOf(expected);
    }

    /** What happens on a line. */
    public sealed interface Step permits Observed, Timer, End {}

    /** An agent sees a segment. */
    public record Observed(TraceSegment segment) implements Step {
        @Override
        public String toString() {
            return segment.toString();
        }
    }

    /** No segment: the agent's clock has come this far. */
    public record Timer() implements Step {
        @Override
        public String toString() {
            return "timer";
        }
    }

    /** The capture ends. */
    public record End() implements Step {
        @Override
        public String toString() {
            return "end";
        }
    }

    /** Only the state of both ends is asserted, and that there is no event. */
    boolean silent() {
        return expected.stream().allMatch(Expectation::stateOnly);
    }

    /** The line in canonical form, its time relative to that of the line before. */
    String text(long beforeNs) {
        return situation(beforeNs) + expectedText() + (comment.isEmpty() ? "" : "  // " + comment);
    }

    String situation(long beforeNs) {
        return "+" + seconds(atNs - beforeNs) + " " + step;
    }

    String expectedText() {
        return expectedText(expected);
    }

    static String expectedText(List<Expectation> events) {
        return events.isEmpty()
                ? ""
                : events.stream().map(Expectation::toString).collect(Collectors.joining(", ", "  => ", ""));
    }

    /** At least milliseconds, and no more digits than needed. */
    static String seconds(long ns) {
        BigDecimal seconds = BigDecimal.valueOf(ns, 9).stripTrailingZeros();
        return (seconds.scale() < 3 ? seconds.setScale(3) : seconds).toPlainString();
    }
}
