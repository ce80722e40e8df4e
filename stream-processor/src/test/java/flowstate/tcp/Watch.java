package flowstate.tcp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A tracker that watches one 4-tuple, and the verdicts on the connections that it let go of. */
final class Watch implements Listener {
    private static final long DAY_NS = 86_400_000_000_000L;

    private final Tracker tracker;
    private final int lowPort;
    private final int highPort;
    private final List<Verdict> verdicts = new ArrayList<>();
    private final SortedMap<AnomalyKind, Long> anomalies = new TreeMap<>();
    private final List<String> told = new ArrayList<>();
    private final Map<String, Long> clocks = new LinkedHashMap<>();
    private @Nullable Connection connection;

    /** What happens to the connection between two segments; nothing unless set. */
    UnaryOperator<Connection> between = c -> c;

    Watch(Timers timers, int lowPort, int highPort) {
        this.tracker = new Tracker(timers);
        this.lowPort = lowPort;
        this.highPort = highPort;
    }

    /** An agent sees a segment; as much time as has passed for it has passed for the others. */
    void segment(Segment s, String agent) {
        long passedNs = Math.max(0, s.clockNs() - clocks.getOrDefault(agent, s.clockNs()));
        clocks.replaceAll((other, clockNs) -> other.equals(agent) ? s.clockNs() : clockNs + passedNs);
        clocks.putIfAbsent(agent, s.clockNs());
        clocks.forEach(this::progress);
        if (connection != null) {
            connection = between.apply(connection);
        }
        connection = tracker.onSegment(connection, lowPort, highPort, s, agent, "capture", this);
    }

    private void progress(String agent, long clockNs) {
        if (connection != null) {
            connection = tracker.onClock(connection, clockNs, agent, this);
        }
    }

    /** Lets time pass until the tracker has let go, or for three days of it. */
    void await() {
        for (int day = 0; day < 3; day++) {
            clocks.replaceAll((agent, clockNs) -> clockNs + DAY_NS);
            clocks.forEach(this::progress);
        }
    }

    /** The capture ends. */
    void end() {
        if (connection != null) {
            tracker.end(connection, EndReason.CAPTURE_ENDED, Cause.END_OF_CAPTURE, connection.lastNs, this);
            connection = null;
        }
    }

    List<Verdict> verdicts() {
        return verdicts;
    }

    @Nullable
    Connection connection() {
        return connection;
    }

    /** All that was told, a word each. */
    String told() {
        return String.join(" ", told);
    }

    /** How often something was told. */
    int count() {
        return told.size();
    }

    @Override
    public void lifecycle(
            Connection c, EventKind kind, Cause cause, long atNs, TcpState originatorBefore, TcpState responderBefore) {
        told.add(kind.name());
        if (kind == EventKind.ENDED) {
            verdicts.add(Verdict.of(c, anomalies));
            anomalies.clear();
        }
    }

    @Override
    public void anomaly(
            Connection c,
            AnomalyKind kind,
            long count,
            double confidence,
            long atNs,
            @Nullable Segment evidence,
            String message) {
        told.add("!" + kind);
        anomalies.merge(kind, count, Math::max);
    }
}
