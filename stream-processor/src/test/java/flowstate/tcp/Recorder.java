package flowstate.tcp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes down what the tracker tells: {@code OPENING [SYN_SENT/LISTEN]}, {@code !RETRANSMISSION x10}. */
final class Recorder implements Listener {
    private final List<String> told = new ArrayList<>();
    private final List<Connection> ended = new ArrayList<>();
    private final List<String> details = new ArrayList<>();

    @Override
    public void lifecycle(
            Connection c, EventKind kind, Cause cause, long atNs, TcpState originatorBefore, TcpState responderBefore) {
        told.add(kind + " [" + c.originatorState() + "/" + c.responderState() + "]");
        if (kind == EventKind.ENDED) {
            ended.add(c);
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
        told.add("!" + kind + (count == 1 ? "" : " x" + count));
        details.add(kind + " " + confidence + " " + message);
    }

    /** Of every anomaly so far its kind, confidence and message. */
    List<String> details() {
        return List.copyOf(details);
    }

    /** What was told since the last call, in order. */
    List<String> take() {
        return drain(told);
    }

    /** The connections that ended since the last call, in order. */
    List<Connection> takeEnded() {
        return drain(ended);
    }

    private static <T> List<T> drain(List<T> from) {
        List<T> taken = List.copyOf(from);
        from.clear();
        return taken;
    }
}
