package flowstate.tcp;

import org.jspecify.annotations.Nullable;

/** What the tracker tells is of no interest; extended where some of it is. */
public class Unheard implements Listener {
    @Override
    public void lifecycle(
            Connection c, EventKind kind, Cause cause, long atNs, TcpState originatorBefore, TcpState responderBefore) {
        // not asked for
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
        // not asked for
    }
}
