package flowstate.tcp;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One observed TCP segment, as the model sees it.
 *
 * <p>Mutable, for the hot path: whoever feeds a {@link Tracker} may fill in the same one for each. The model changes none,
 * and keeps none beyond the step that it is given: only a {@link #kept} copy.
 */
public final class Segment {
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

    private long timeNs;
    private long clockNs;
    private boolean fromLow;
    private int seq;
    private int ack;
    private int flags;
    private int window;
    private int payload;
    private int wireLength;
    private int mss;
    private int windowScale;
    private boolean sackPermitted;
    private long timestampValue;
    private long timestampEcho;
    private int sackBlocks;
    private int fastOpen;
    private int notes;

    /** One that is to be filled in by {@link #set}. */
    public Segment() {}

    /** A segment; see {@link #set}. */
    public Segment(
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
        set(
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

    /**
     * Makes it another segment.
     *
     * @param timeNs capture time as captured, nanoseconds since 1970, 0..2^62-1 (the year 2116); may be an outlier. What is outside is taken for the nearest of these, so that times can be subtracted and stored
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
     * @param notes what the agent noted: any of {@link #CHECKSUM_GOOD}, {@link #CHECKSUM_BAD}, {@link #BAD_OPTIONS} and {@link #PAYLOAD_CUT}
     */
    public void set(
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
        this.timeNs = Math.max(0, Math.min(timeNs, LATEST_NS));
        this.clockNs = Math.max(0, Math.min(clockNs, LATEST_NS));
        this.fromLow = fromLow;
        this.seq = seq;
        this.ack = ack;
        this.flags = flags;
        this.window = window;
        this.payload = payload;
        this.wireLength = wireLength;
        this.mss = mss;
        this.windowScale = windowScale;
        this.sackPermitted = sackPermitted;
        this.timestampValue = timestampValue;
        this.timestampEcho = timestampEcho;
        this.sackBlocks = sackBlocks;
        this.fastOpen = fastOpen;
        this.notes = notes;
    }

    public long timeNs() {
        return timeNs;
    }

    public long clockNs() {
        return clockNs;
    }

    public boolean fromLow() {
        return fromLow;
    }

    public int seq() {
        return seq;
    }

    public int ack() {
        return ack;
    }

    public int flags() {
        return flags;
    }

    public int window() {
        return window;
    }

    public int payload() {
        return payload;
    }

    public int wireLength() {
        return wireLength;
    }

    public int mss() {
        return mss;
    }

    public int windowScale() {
        return windowScale;
    }

    public boolean sackPermitted() {
        return sackPermitted;
    }

    public long timestampValue() {
        return timestampValue;
    }

    public long timestampEcho() {
        return timestampEcho;
    }

    public int sackBlocks() {
        return sackBlocks;
    }

    public int fastOpen() {
        return fastOpen;
    }

    public int notes() {
        return notes;
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

    /** The same, which stays as it is whatever becomes of this one. */
    Segment kept() {
        return at(timeNs, clockNs);
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

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Segment s
                && timeNs == s.timeNs
                && clockNs == s.clockNs
                && fromLow == s.fromLow
                && seq == s.seq
                && ack == s.ack
                && flags == s.flags
                && window == s.window
                && payload == s.payload
                && wireLength == s.wireLength
                && mss == s.mss
                && windowScale == s.windowScale
                && sackPermitted == s.sackPermitted
                && timestampValue == s.timestampValue
                && timestampEcho == s.timestampEcho
                && sackBlocks == s.sackBlocks
                && fastOpen == s.fastOpen
                && notes == s.notes;
    }

    @Override
    public int hashCode() {
        return Objects.hash(timeNs, fromLow, seq, ack, flags, payload);
    }

    @Override
    public String toString() {
        return (fromLow ? "low" : "high") + " at " + timeNs + " seq " + Integer.toUnsignedString(seq) + " ack "
                + Integer.toUnsignedString(ack) + " flags " + flags + " window " + window + " payload " + payload;
    }
}
