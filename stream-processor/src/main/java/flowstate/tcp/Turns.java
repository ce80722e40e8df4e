package flowstate.tcp;

import org.jspecify.annotations.Nullable;

/** What is odd about the way a connection took with one segment, from one phase to another. */
final class Turns {
    private Turns() {}

    static void find(Connection c, Segment s, @Nullable Phase before, Phase phase, Findings found) {
        if (before == null && !s.has(Flags.SYN | Flags.RST)) {
            found.add(AnomalyKind.MIDSTREAM, () -> "the first segment seen is not a SYN");
        }
        if (phase == before) {
            return;
        }
        String sender = c.role(s.fromLow()).word();
        boolean afterFin = c.low.fin || c.high.fin;
        if (phase == Phase.CLOSING) {
            found.add(AnomalyKind.SIMULTANEOUS_CLOSE, () -> "both ends sent a FIN before either saw the other's");
        } else if (phase == Phase.REJECTED) {
            found.add(AnomalyKind.CONNECTION_REJECTED, () -> "the SYN was answered with a RST");
        } else if (phase == Phase.RESET && before != null && !afterFin) {
            found.add(
                    AnomalyKind.RST_TERMINATED,
                    () -> "the " + sender + " reset the connection; unacknowledged octets: originator "
                            + c.originator().unacknowledged() + ", responder "
                            + c.responder().unacknowledged());
        }
    }
}
