package flowstate.tcp;

/** Why a connection is over, or why the tracker let go of it. */
public enum EndReason {
    FIN,
    RST_ORIGINATOR,
    RST_RESPONDER,
    REJECTED,
    ATTEMPT_TIMEOUT,
    HANDSHAKE_TIMEOUT,
    HALF_CLOSED_TIMEOUT,
    IDLE_TIMEOUT,
    /** A new connection took its 4-tuple while it was open. */
    REUSED,
    /** Half-open, and let go of for lack of room. */
    EVICTED,
    CAPTURE_ENDED,
    OBSERVER_LOST
}
