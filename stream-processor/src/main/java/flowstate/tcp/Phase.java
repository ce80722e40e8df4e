package flowstate.tcp;

/** How far a connection as a whole has come; derived from both ends. Each has an event of the same name. */
enum Phase {
    OPENING(EventKind.OPENING),
    ESTABLISHED(EventKind.ESTABLISHED),
    HALF_CLOSED(EventKind.HALF_CLOSED),
    CLOSING(EventKind.CLOSING),
    CLOSED(EventKind.CLOSED),
    RESET(EventKind.RESET),
    REJECTED(EventKind.REJECTED);

    final EventKind event;

    Phase(EventKind event) {
        this.event = event;
    }

    /** Nothing more is expected: only stragglers come. */
    boolean isOver() {
        return this == CLOSED || this == RESET || this == REJECTED;
    }

    static Phase of(End originator, End responder, TcpState originatorState, TcpState responderState) {
        if (originator.hasReset() || responder.hasReset()) {
            boolean refused = responder.hasReset() && originator.syn && !responder.syn && !originator.fin;
            return refused && !originator.hasReset() && !responder.sentData ? REJECTED : RESET;
        }
        if (originator.fin && responder.fin) {
            if (originator.finAcked() && responder.finAcked()) {
                return CLOSED;
            }
            boolean crossed = !originator.finCovers(responder) && !responder.finCovers(originator);
            return crossed ? CLOSING : HALF_CLOSED;
        }
        if (originator.fin || responder.fin) {
            return HALF_CLOSED;
        }
        boolean established = originatorState == TcpState.ESTABLISHED && responderState == TcpState.ESTABLISHED;
        return established ? ESTABLISHED : OPENING;
    }
}
