package flowstate.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * What one segment was found to show, kept until the lifecycle event that it causes has been told. To report a new kind,
 * {@link #add} it where the facts are merged or analysed: {@link Anomalies} counts it, and tells the 1st, 10th, 100th and
 * so on of the connection.
 *
 * <p>One instance a tracker, emptied for each segment: where nothing is odd, nothing is allocated.
 */
final class Findings {
    /**
     * One of them.
     *
     * @param confidence above 0 and up to 1; {@link Anomalies} lowers it where segments are missing
     * @param sentence one sentence for a person, made only if it is told
     */
    record Finding(AnomalyKind kind, double confidence, Supplier<String> sentence) {}

    private final List<Finding> all = new ArrayList<>();

    /** Adds what is certain, as far as the capture is complete. */
    void add(AnomalyKind kind, Supplier<String> sentence) {
        add(kind, 1, sentence);
    }

    void add(AnomalyKind kind, double confidence, Supplier<String> sentence) {
        all.add(new Finding(kind, confidence, sentence));
    }

    boolean has(AnomalyKind kind) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).kind() == kind) {
                return true;
            }
        }
        return false;
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    List<Finding> all() {
        return all;
    }

    void clear() {
        if (!all.isEmpty()) {
            all.clear();
        }
    }
}
