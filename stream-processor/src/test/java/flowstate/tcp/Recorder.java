package flowstate.tcp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes down what the tracker tells: {@code OPENING [SYN_SENT/LISTEN]}, {@code !RETRANSMISSION}. */
public final class Recorder implements Listener {
    private final List<String> told = new ArrayList<>();
    private @Nullable Connection last;

    @Override
    public void lifecycle(
            Connection c, EventKind kind, Cause cause, long atNs, TcpState originatorBefore, TcpState responderBefore) {
        last = c;
        told.add(kind + " [" + c.originatorState() + "/" + c.responderState() + "]");
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
    }

    /** What was told since the last call, in order. */
    public List<String> take() {
        List<String> taken = List.copyOf(told);
        told.clear();
        return taken;
    }

    /** The connection that the latest lifecycle event was about. */
    public @Nullable Connection last() {
        return last;
    }
}
