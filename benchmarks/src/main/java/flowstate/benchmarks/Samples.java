package flowstate.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Values of one measure, a round each. */
record Samples(List<Double> values) {
    static <T> Samples of(List<T> rounds, ToDoubleFunction<T> measure) {
        List<Double> values = new ArrayList<>();
        rounds.forEach(round -> values.add(measure.applyAsDouble(round)));
        return new Samples(values);
    }

    private List<Double> sorted() {
        return values.stream().sorted().toList();
    }

    /** NaN if there are none. */
    double median() {
        List<Double> sorted = sorted();
        int n = sorted.size();
        return n == 0 ? Double.NaN : (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
    }

    /** Least and greatest value. */
    String spread() {
        List<Double> sorted = sorted();
        return sorted.size() < 2
                ? "one round"
                : Text.number(sorted.get(0)) + " to " + Text.number(sorted.get(sorted.size() - 1));
    }
}
