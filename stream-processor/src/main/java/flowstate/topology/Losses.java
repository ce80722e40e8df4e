package flowstate.topology;

import flowstate.tcp.Connection;
import java.util.HashMap;
import java.util.Map;

/**
 * Up to which point of their clocks agents have lost something in the sessions that go on. What was open then may lack segments: it is told so when it is
 * next looked at, for an agent that drops packets does so again and again, and may have millions of connections open. One thread.
 */
final class Losses {
    private final Map<String, Long> lostTo = new HashMap<>();

    /** Something was lost at {@code clockNs} of an agent's clock, or before; {@link ObserverProgress#NEVER} notes nothing. */
    void add(String agent, long clockNs) {
        if (clockNs != ObserverProgress.NEVER) {
            lostTo.merge(agent, clockNs, Math::max);
        }
    }

    long of(String agent) {
        return lostTo.getOrDefault(agent, ObserverProgress.NEVER);
    }

    void forget(String agent) {
        lostTo.remove(agent);
    }

    /** Tells a connection if that by whose clock it is looked at may have lost segments of it. */
    void tell(Connection connection) {
        if (!lostTo.isEmpty()) {
            tell(connection, of(connection.alarmAgent()));
        }
    }

    /** The same, where it is known up to which point that agent has lost something. */
    static void tell(Connection connection, long lostTo) {
        if (connection.startClockNs() + connection.offsetNs(connection.alarmAgent()) <= lostTo) {
            connection.suspectCaptureLoss();
        }
    }
}
