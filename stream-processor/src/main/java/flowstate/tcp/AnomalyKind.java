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
    /** The end in CLOSE_WAIT has sent nothing past the long threshold. */
    CLOSE_WAIT_LEAK(Severity.WARNING),
    /** A FIN outside the window. */
    FIN_OUT_OF_WINDOW(Severity.WARNING),
    /** A FIN where the end's first FIN was not. */
    FIN_SEQUENCE_MOVED(Severity.WARNING),
    /** Payload beyond the end's FIN. */
    DATA_AFTER_FIN(Severity.WARNING),
    /** A RST ended an open connection. */
    RST_TERMINATED(Severity.WARNING),
    /** A RST came after a FIN of either end. */
    RST_AFTER_FIN(Severity.INFO),
    /** A RST outside the window: the receiver must ignore it (RFC 5961 section 3). */
    RST_OUT_OF_WINDOW(Severity.WARNING),
    /** A RST in the window, but not the next number (RFC 5961 section 3.2). */
    RST_INEXACT(Severity.WARNING),
    /** Payload in a RST (RFC 9293 section 3.5.3). */
    RST_WITH_DATA(Severity.INFO),
    /** The first segment seen is a RST. */
    ORPHAN_RST(Severity.INFO),
    /** The first segment seen is a FIN. */
    ORPHAN_FIN(Severity.INFO),
    /** Somebody else than the end it seems to come from sent a RST. */
    SUSPECTED_RST_INJECTION(Severity.WARNING),
    /** New payload on a connection that is over. */
    TRAFFIC_AFTER_CLOSE(Severity.WARNING),
    /** Payload outside the window. */
    OUT_OF_WINDOW_DATA(Severity.WARNING),
    /** An acknowledgement outside the range that RFC 5961 section 5.2 accepts. */
    INVALID_ACK(Severity.WARNING),
    /** The connection's start was not captured. */
    MIDSTREAM(Severity.INFO),
    /** Only one end's segments were captured. */
    ONE_SIDED(Severity.INFO),
    /** A SYN came late and showed that the roles were guessed wrongly. */
    ROLE_FLIPPED(Severity.INFO),
    /** Payload, or a FIN, that the same agent saw before. */
    RETRANSMISSION(Severity.INFO),
    /** The same, at once after the duplicate acknowledgements that asked for it (RFC 5681 section 3.2). */
    FAST_RETRANSMISSION(Severity.INFO),
    /** Payload that had been acknowledged. */
    SPURIOUS_RETRANSMISSION(Severity.INFO),
    /** Late by no more than the path may reorder. */
    OUT_OF_ORDER(Severity.INFO),
    /** The same acknowledgement again, with nothing else. */
    DUPLICATE_ACK(Severity.INFO),
    /** What was sent between this and the segment before it was not captured, or not yet. */
    SEGMENT_GAP(Severity.INFO),
    /** It acknowledges what was not captured. */
    ACK_UNSEEN(Severity.INFO),
    /** A receiver takes nothing more for now. */
    ZERO_WINDOW(Severity.WARNING),
    /** The sender has used all of the receiver's window. */
    WINDOW_FULL(Severity.INFO),
    /** One octet into a closed window (RFC 9293 section 3.8.6.1). */
    ZERO_WINDOW_PROBE(Severity.INFO),
    /** A receiver took back room that it had offered (RFC 9293 section 3.8.6). */
    WINDOW_SHRUNK(Severity.WARNING),
    /** A closed window, or a retransmission, after which nothing went on until the report timer. */
    STALLED(Severity.WARNING),
    /** A segment that only asks whether the other end is there (RFC 9293 section 3.8.4). */
    KEEP_ALIVE(Severity.INFO),
    /** A second one, and nothing came of the other end in between. */
    KEEP_ALIVE_UNANSWERED(Severity.WARNING),
    /** A SYN or SYN-ACK with the same sequence number again. */
    SYN_RETRANSMITTED(Severity.INFO),
    /** Another SYN, with another sequence number, before the handshake was done. */
    SYN_ISN_CHANGED(Severity.INFO),
    /** Another SYN-ACK, with another sequence number. */
    SYNACK_CHANGED(Severity.WARNING),
    /** A SYN-ACK that does not acknowledge the SYN. */
    SYNACK_BAD_ACK(Severity.WARNING),
    /** A SYN-ACK to which there was no SYN. */
    SYNACK_WITHOUT_SYN(Severity.WARNING),
    /** Payload in a SYN without a Fast Open cookie. */
    SYN_WITH_DATA(Severity.INFO),
    /** Payload in a SYN under Fast Open (RFC 7413), accepted or not. */
    FAST_OPEN(Severity.INFO),
    /** A SYN with another sequence number on an open connection (RFC 5961 section 4). */
    SYN_IN_ESTABLISHED(Severity.WARNING),
    /** Both ends sent a SYN (RFC 9293 figure 7). */
    SIMULTANEOUS_OPEN(Severity.INFO),
    /** Both ends sent a FIN before either saw the other's (RFC 9293 figure 13). */
    SIMULTANEOUS_CLOSE(Severity.INFO),
    /** A new connection on a 4-tuple that the tracker still held. */
    PORT_REUSED(Severity.INFO),
    /** A new connection on a 4-tuple too early (RFC 6191). */
    PREMATURE_REUSE(Severity.WARNING),
    /** Flags that no TCP sends together. */
    INVALID_FLAGS(Severity.WARNING),
    /** An option's length contradicts its kind, or leaves the header. */
    BAD_OPTION(Severity.WARNING),
    /** A checksum is wrong, and was not left to the network card. */
    BAD_CHECKSUM(Severity.WARNING),
    /** More payload than the peer's MSS allows: a capture before the network card cuts it up, or after it joins. */
    OVERSIZED_SEGMENT(Severity.INFO),
    /** An open connection has been silent past the report timer. */
    IDLE_TIMEOUT(Severity.INFO),
    /** Two agents' clocks differ by more than a second. */
    CLOCK_SKEW(Severity.INFO),
    /** A connection is still used a day after it was opened. */
    LONG_LIVED(Severity.INFO),
    /** Segments are missing from what an agent captured. */
    CAPTURE_LOSS(Severity.WARNING),
    /** An agent captured the same packet twice. */
    DUPLICATE_CAPTURE(Severity.INFO),
    /** Half-open connections were let go of for lack of room: told of one of them. */
    EVICTED(Severity.WARNING),
    /** A port of a responder gets more attempts than it can hold half-open: told of the host, not of connections. */
    SYN_FLOOD(Severity.WARNING),
    /** An originator tries many ports, or hosts, in vain: told of the host, not of connections. */
    PORT_SCAN(Severity.WARNING);

    private static final long OF_ONE_SEGMENT = Analysis.KINDS
            | FIN_OUT_OF_WINDOW.bit()
            | FIN_SEQUENCE_MOVED.bit()
            | DATA_AFTER_FIN.bit()
            | RST_AFTER_FIN.bit()
            | RST_OUT_OF_WINDOW.bit()
            | RST_INEXACT.bit()
            | RST_WITH_DATA.bit()
            | TRAFFIC_AFTER_CLOSE.bit()
            | OUT_OF_WINDOW_DATA.bit()
            | INVALID_ACK.bit()
            | SYNACK_CHANGED.bit()
            | SYNACK_BAD_ACK.bit()
            | SYN_IN_ESTABLISHED.bit()
            | INVALID_FLAGS.bit()
            | BAD_OPTION.bit()
            | BAD_CHECKSUM.bit()
            | OVERSIZED_SEGMENT.bit();

    private final Severity severity;

    AnomalyKind(Severity severity) {
        this.severity = severity;
    }

    /** Whether it is about the capture, which is no less certain where the capture is incomplete. */
    boolean isAboutTheCapture() {
        return switch (this) {
            case CAPTURE_LOSS, CLOCK_SKEW, DUPLICATE_CAPTURE, SEGMENT_GAP, ACK_UNSEEN, ONE_SIDED -> true;
            default -> false;
        };
    }

    /**
     * Whether it is what one segment shows, so that each agent on its way finds it once. The others are told of the
     * connection, by whichever agent shows it first.
     */
    boolean isOfOneSegment() {
        return (OF_ONE_SEGMENT & bit()) != 0;
    }

    /** This kind alone as a set of kinds. */
    long bit() {
        return 1L << ordinal();
    }

    public Severity severity() {
        return severity;
    }
}
