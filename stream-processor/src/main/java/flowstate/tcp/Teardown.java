package flowstate.tcp;

/** How a connection closed. */
public enum Teardown {
    NONE,
    /** FIN, ACK, FIN, ACK. */
    FOUR_SEGMENTS,
    /** The second FIN rides on the acknowledgement of the first. */
    THREE_SEGMENTS,
    /** The FINs crossed. */
    SIMULTANEOUS,
    RESET,
    RESET_AFTER_FIN,
    /** A timer gave up. */
    TIMEOUT
}
