package flowstate.tcp;

import org.jspecify.annotations.Nullable;

/** What is odd about the way a connection took with one segment, from one phase to another. */
final class Turns {
    static final String ONE_SIDED = "only one end's segments were captured";

    private static final int ENOUGH_OF_ONE = 5;

    private Turns() {}

    static void find(Connection c, Segment s, Observer observer, @Nullable Phase before, Phase phase, Findings found) {
        if (before == null) {
            first(s, found);
        } else if (before.isOver() && phase.isOver()) {
            late(c, s, observer, before, found);
        }
        Openings.findUnasked(c, s, found);
        if (c.wasEstablished && !c.end(!s.fromLow()).seen && isOneSided(c, s, observer)) {
            found.add(AnomalyKind.ONE_SIDED, () -> ONE_SIDED);
        }
        if (phase == before) {
            return;
        }
        // captured out of order, they may show as crossed only when both are acknowledged
        boolean closes = phase == Phase.CLOSED && before != Phase.CLOSING;
        if (phase == Phase.CLOSING || (closes && c.teardown() == Teardown.SIMULTANEOUS)) {
            found.add(AnomalyKind.SIMULTANEOUS_CLOSE, () -> "both ends sent a FIN before either saw the other's");
        } else if (phase == Phase.REJECTED) {
            found.add(AnomalyKind.CONNECTION_REJECTED, () -> "the SYN was answered with a RST");
        } else if (phase == Phase.RESET && before != null && !c.low.fin && !c.high.fin) {
            found.add(AnomalyKind.RST_TERMINATED, () -> terminated(c, s.fromLow()));
        }
    }

    /** Whether the states took a step that needs segments which were not captured. */
    static void noteSkipped(Connection c, TcpState lowBefore, TcpState highBefore, boolean first) {
        if (first) {
            // the responder was listening, and the originator had nothing, before anything was seen
            End originator = c.originator();
            c.unseenSegments = !originator.bareSyn;
            return;
        }
        c.unseenSegments |= !lowBefore.leadsTo(c.lowState) || !highBefore.leadsTo(c.highState);
    }

    /** Who reset a connection, and at what cost. */
    static String terminated(Connection c, boolean byLow) {
        return "the " + c.role(byLow).word() + " reset the connection; unacknowledged octets: originator "
                + c.originator().unacknowledged() + ", responder "
                + c.responder().unacknowledged();
    }

    private static void first(Segment s, Findings found) {
        if (s.has(Flags.RST)) {
            found.add(AnomalyKind.ORPHAN_RST, () -> "a RST is the first that was seen of these ports");
        } else if (s.has(Flags.SYN)) {
            return;
        } else if (s.has(Flags.FIN)) {
            found.add(AnomalyKind.ORPHAN_FIN, () -> "a FIN is the first that was seen of these ports");
        } else {
            found.add(AnomalyKind.MIDSTREAM, () -> "the first segment seen is not a SYN");
        }
    }

    /** What comes when all is over: copies and what was on its way are nothing; new data is. */
    private static void late(Connection c, Segment s, Observer observer, Phase before, Findings found) {
        if (s.payload() == 0 || s.has(Flags.SYN | Flags.RST)) {
            return;
        }
        End end = c.end(s.fromLow());
        boolean odd = before == Phase.CLOSED
                ? end.position(s.end()) > end.finEnd
                : observer.inStep() && s.clockNs() - c.overClock > Resets.IN_FLIGHT_NS;
        if (odd) {
            found.add(
                    AnomalyKind.TRAFFIC_AFTER_CLOSE,
                    () -> "the " + c.role(s.fromLow()).word() + " sent " + s.payload()
                            + " octets on a connection that is over");
        }
    }

    /** Enough was seen of one end that the other's first segment cannot just be late in the capture. */
    private static boolean isOneSided(Connection c, Segment s, Observer observer) {
        boolean enough =
                (s.has(Flags.FIN) && c.end(s.fromLow()).syn) || observer.tally(s.fromLow()).segments >= ENOUGH_OF_ONE;
        return enough && c.anomalies.of(AnomalyKind.ONE_SIDED) == 0;
    }
}
