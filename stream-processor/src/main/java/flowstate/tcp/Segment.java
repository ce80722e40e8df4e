package flowstate.tcp;

/**
 * One observed TCP segment, as the model sees it.
 *
 * @param timeNs capture time as captured, nanoseconds since 1970, 0..2^62-1 (the year 2116); may be an outlier. What is
 *     outside is taken for the nearest of these, so that times can be subtracted and stored
 * @param clockNs the observer's clock at the segment, likewise; robust against outliers
 * @param fromLow whether the key's low end sent it
 * @param seq sequence number, 32 bits
 * @param ack acknowledgement number, 32 bits; meaningful only with {@link Flags#ACK}
 * @param flags see {@link Flags}
 * @param window window field as sent, 0..65535
 * @param payload octets of payload
 * @param wireLength octets of the IP datagram
 * @param mss MSS option, -1 if absent
 * @param windowScale window scale option as sent, -1 if absent
 * @param sackPermitted SACK-permitted option seen
 * @param timestampValue TSval 0..2^32-1, -1 if absent
 * @param timestampEcho TSecr 0..2^32-1, -1 if absent
 * @param sackBlocks number of SACK blocks, 0..4
 * @param fastOpen Fast Open cookie length, 0 for a request, -1 if absent
 * @param notes what the agent noted: any of {@link #CHECKSUM_GOOD}, {@link #CHECKSUM_BAD}, {@link #BAD_OPTIONS} and
 *     {@link #PAYLOAD_CUT}
 */
public record Segment(
        long timeNs,
        long clockNs,
        boolean fromLow,
        int seq,
        int ack,
        int flags,
        int window,
        int payload,
        int wireLength,
        int mss,
        int windowScale,
        boolean sackPermitted,
        long timestampValue,
        long timestampEcho,
        int sackBlocks,
        int fastOpen,
        int notes) {

    /** Its checksum is right. */
    public static final int CHECKSUM_GOOD = 1;

    /** Its checksum is wrong, and not left to the sender's network card. */
    public static final int CHECKSUM_BAD = 2;

    /** The length of an option contradicts its kind, or leaves the header. */
    public static final int BAD_OPTIONS = 4;

    /** The snap length cut payload off. */
    public static final int PAYLOAD_CUT = 8;

    /** A packet time this far from the clock is an outlier; merged captures go backwards by less. */
    private static final long OUTLIER_NS = 5_000_000_000L;

    private static final long LATEST_NS = Long.MAX_VALUE / 2;

    public Segment {
        timeNs = Math.max(0, Math.min(timeNs, LATEST_NS));
        clockNs = Math.max(0, Math.min(clockNs, LATEST_NS));
    }

    /** Whether any of the given flags is set. */
    public boolean has(int anyOf) {
        return (flags & anyOf) != 0;
    }

    /** Whether the agent noted any of the given. */
    public boolean noted(int anyOf) {
        return (notes & anyOf) != 0;
    }

    /** The capture time, or the clock in its place where the capture time is an outlier. */
    public long robustTimeNs() {
        return Math.abs(timeNs - clockNs) <= OUTLIER_NS ? timeNs : clockNs;
    }

    /** Sequence numbers it occupies: its payload, one for SYN, one for FIN (RFC 9293 section 3.4). */
    public int length() {
        return payload + (has(Flags.SYN) ? 1 : 0) + (has(Flags.FIN) ? 1 : 0);
    }

    /** The sequence number after its last. */
    public int end() {
        return seq + length();
    }

    /** The same at other times. */
    Segment at(long timeNs, long clockNs) {
        return with(timeNs, clockNs, flags);
    }

    /** The same, but that it closes nothing. */
    Segment withoutFin() {
        return with(timeNs, clockNs, flags & ~Flags.FIN);
    }

    private Segment with(long timeNs, long clockNs, int flags) {
        return new Segment(
                timeNs,
                clockNs,
                fromLow,
                seq,
                ack,
                flags,
                window,
                payload,
                wireLength,
                mss,
                windowScale,
                sackPermitted,
                timestampValue,
                timestampEcho,
                sackBlocks,
                fastOpen,
                notes);
    }
}
