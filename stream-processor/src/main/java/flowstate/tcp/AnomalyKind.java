package flowstate.tcp;

/** What an operator may want to look at; docs/anomalies.md says what each usually means. */
public enum AnomalyKind {
    /** A SYN is unanswered when the report timer fires. */
    ATTEMPT_TIMEOUT(Severity.WARNING),
    /** A SYN was answered with a RST that acknowledges it. */
    CONNECTION_REJECTED(Severity.WARNING),
    /** A SYN-ACK is not acknowledged when the report timer fires. */
    HALF_OPEN(Severity.WARNING),
    /** One end has closed, the other stays open past the timer. */
    HALF_CLOSED(Severity.WARNING),
    /** A FIN is not acknowledged when the report timer fires. */
    FIN_UNACKED(Severity.WARNING),
    /** A RST ended an open connection. */
    RST_TERMINATED(Severity.WARNING),
    /** A RST came after a FIN of either end. */
    RST_AFTER_FIN(Severity.INFO),
    /** A RST outside the window: the receiver must ignore it (RFC 5961 section 3). */
    RST_OUT_OF_WINDOW(Severity.WARNING),
    /** The connection's start was not captured. */
    MIDSTREAM(Severity.INFO),
    /** Payload, or a FIN, that the end had sent before. */
    RETRANSMISSION(Severity.INFO),
    /** A SYN or SYN-ACK with the same sequence number again. */
    SYN_RETRANSMITTED(Severity.INFO),
    /** Both ends sent a SYN (RFC 9293 figure 7). */
    SIMULTANEOUS_OPEN(Severity.INFO),
    /** Both ends sent a FIN before either saw the other's (RFC 9293 figure 13). */
    SIMULTANEOUS_CLOSE(Severity.INFO),
    /** A new connection on a 4-tuple that the tracker still held. */
    PORT_REUSED(Severity.INFO),
    /** An open connection has been silent past the report timer. */
    IDLE_TIMEOUT(Severity.INFO),
    /** A RST that did not come from the end that it names: an agent nearer that end never saw it. */
    SUSPECTED_RST_INJECTION(Severity.WARNING),
    /** Two agents' clocks differ by more than a second. */
    CLOCK_SKEW(Severity.INFO),
    /** A connection is still used a day after it was opened. */
    LONG_LIVED(Severity.INFO),
    /** Segments are missing from what an agent captured. */
    CAPTURE_LOSS(Severity.WARNING),
    /** A half-open connection was let go of for lack of room. */
    EVICTED(Severity.WARNING),
    /** A port of a responder gets more attempts than it can hold half-open: told of the host, not of connections. */
    SYN_FLOOD(Severity.WARNING),
    /** An originator tries many ports, or hosts, in vain: told of the host, not of connections. */
    PORT_SCAN(Severity.WARNING);

    private final Severity severity;

    AnomalyKind(Severity severity) {
        this.severity = severity;
    }

    /** Whether it is about the capture, which is no less certain where the capture is incomplete. */
    boolean isAboutTheCapture() {
        return this == CAPTURE_LOSS || this == CLOCK_SKEW;
    }

    public Severity severity() {
        return severity;
    }
}
