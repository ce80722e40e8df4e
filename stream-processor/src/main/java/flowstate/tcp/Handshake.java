package flowstate.tcp;

/** How a connection began. */
public enum Handshake {
    /** It has not been established, as far as was seen. */
    NONE,
    THREE_WAY,
    /** RFC 9293 figure 7. */
    SIMULTANEOUS_OPEN,
    /** Data in the SYN that the SYN-ACK acknowledged (RFC 7413). */
    FAST_OPEN,
    /** No SYN was seen. */
    MIDSTREAM,
    /** A SYN was seen, and then only segments of one end. */
    ONE_SIDED
}
