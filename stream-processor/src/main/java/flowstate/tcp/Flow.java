package flowstate.tcp;

/**
 * What one agent saw of one direction, as far as {@link Analysis} compares the next segment with it. Sequence numbers are
 * as sent, times are capture times in nanoseconds since 1970.
 */
final class Flow {
    /** {@link #next} and {@link #unbroken} mean something. */
    static final int BEGAN = 1;
    /** {@link #acked} means something. */
    static final int ACKED = 1 << 1;
    /** {@link #window} means something. */
    static final int WINDOW = 1 << 2;
    /** {@link #window} is a SYN's, which is never scaled (RFC 7323 section 2.2). */
    static final int UNSCALED = 1 << 3;
    /** {@link #rightEdge} means something. */
    static final int OFFERED = 1 << 4;
    /** Its latest segment was a keep-alive. */
    static final int KEPT_ALIVE = 1 << 5;
    /** Its latest segment was a zero window probe. */
    static final int PROBED = 1 << 6;
    /** It has sent a keep-alive, and nothing of the other direction has come since. */
    static final int AWAITS_ANSWER = 1 << 7;
    /** That something of it is missing was told, and it has acknowledged nothing else since. */
    static final int MISSING_TOLD = 1 << 8;
    /** A SYN without ACK was seen. */
    static final int SYN = 1 << 9;
    /** A SYN-ACK was seen. */
    static final int SYN_ACK = 1 << 10;
    /** The latest offer was less than one before. */
    static final int SHRINKS = 1 << 11;

    int has;

    /** The number after the highest that was sent. */
    int next;
    /** When that was sent. */
    long nextNs;
    /** The number after the last that was sent without a gap: no more can be acknowledged by right. */
    int unbroken;
    /** The latest acknowledgement number. */
    int acked;
    /** When the latest segment was sent. */
    long latestNs;
    /** The latest window field. */
    int window;
    /** How often {@link #acked} was repeated without any news. */
    int duplicates;
    /** The furthest number of the other direction that it offered to take. */
    int rightEdge;

    boolean has(int bit) {
        return (has & bit) != 0;
    }

    void set(int bit, boolean on) {
        has = on ? has | bit : has & ~bit;
    }
}
