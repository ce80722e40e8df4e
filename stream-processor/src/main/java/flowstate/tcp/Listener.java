package flowstate.tcp;

import org.jspecify.annotations.Nullable;

/**
 * Is told what happened to a connection, at the moment when the connection's summary says so: what it wants to keep it
 * must copy before it returns.
 */
public interface Listener {

    /**
     * Something happened.
     *
     * @param connection as it is after the event
     * @param kind what happened
     * @param cause what made the tracker say so
     * @param atNs when, nanoseconds since 1970
     * @param originatorBefore the originator's state after the previous event, CLOSE at first
     * @param responderBefore the responder's state after the previous event, CLOSE at first
     */
    void lifecycle(
            Connection connection,
            EventKind kind,
            Cause cause,
            long atNs,
            TcpState originatorBefore,
            TcpState responderBefore);

    /**
     * Something odd was seen.
     *
     * @param connection as it is after what was seen
     * @param kind what was found
     * @param count how many times within this connection, this one included; of {@link AnomalyKind#EVICTED} how many
     *     connections in a row
     * @param confidence above 0 and up to 1
     * @param atNs when, nanoseconds since 1970
     * @param evidence the segment that showed it, which may be another when this returns; null for a timer
     * @param message one sentence for a person
     */
    void anomaly(
            Connection connection,
            AnomalyKind kind,
            long count,
            double confidence,
            long atNs,
            @Nullable Segment evidence,
            String message);
}
