package flowstate.tcp;

/**
 * Tells what was found odd: counts it within the connection, and passes on the 1st, 10th, 100th and so on of each kind,
 * with no more confidence than the capture deserves.
 */
final class Anomalies {
    /** Segments are missing from the capture: what seems wrong may only be unseen. */
    private static final double WITH_LOSS = 0.5;

    /** The capture shows one end only of an established connection. */
    private static final double ONE_SIDED = 0.6;

    private Anomalies() {}

    /** Tells what {@code s} has shown: what another agent has counted as often already is the same on its way past both. */
    static void tell(Connection c, Segment s, Observer observer, Findings found, Listener listener) {
        if (found.isEmpty()) {
            return;
        }
        boolean several = c.observers.size() > 1;
        for (Findings.Finding f : found.all()) {
            if (several && f.kind().isOfOneSegment() && observer.odd.add(f.kind()) <= c.anomalies.of(f.kind())) {
                continue;
            }
            long count = c.anomalies.add(f.kind());
            if (Logarithm.isMark(count)) {
                double confidence = Math.min(f.confidence(), confidence(c, f.kind()));
                listener.anomaly(
                        c,
                        f.kind(),
                        count,
                        confidence,
                        s.robustTimeNs(),
                        s,
                        f.sentence().get());
            }
        }
    }

    /** Tells what a timer has shown: each time. */
    static void tellAt(Connection c, AnomalyKind kind, long atNs, Listener listener, String message) {
        tellAt(c, kind, 1, atNs, listener, message);
    }

    /** The same, with no more than some confidence. */
    static void tellAt(Connection c, AnomalyKind kind, double most, long atNs, Listener listener, String message) {
        listener.anomaly(c, kind, c.anomalies.add(kind), Math.min(most, confidence(c, kind)), atNs, null, message);
    }

    private static double confidence(Connection c, AnomalyKind kind) {
        if (kind.isAboutTheCapture()) {
            return 1;
        }
        boolean oneSided = !c.low.seen || !c.high.seen;
        if (c.captureLossSuspected()) {
            return WITH_LOSS;
        }
        return oneSided && c.wasEstablished ? ONE_SIDED : 1;
    }
}
