package flowstate.tcp;

/**
 * What is known of one end of a connection. Each fact only grows, so that merging the same segment twice, or two
 * directions in another order, comes to the same.
 *
 * <p>Positions in its sequence space are 64-bit offsets from its base: the SYN is at 0, the first octet of data at 1.
 * Where no SYN was seen the base is set as though there had been one just before the first octet seen.
 */
public final class End {
    /** A jump that no window allows in a SYN: such a number says nothing about what was sent. */
    private static final long TOO_FAR = 1 << 20;

    boolean seen;
    boolean based;
    int base;

    boolean syn;
    boolean synAck;
    boolean bareSyn;
    /** Payload in the SYN. */
    boolean synData;
    /** The SYN-ACK acknowledged payload in the SYN. */
    boolean synDataAcked;
    /** Its SYN brought a Fast Open cookie (RFC 7413). */
    boolean fastOpenCookie;

    boolean sentData;
    /** Position after the highest octet that it sent, as far as seen. */
    long highest;
    /** Position up to which the peer has acknowledged. */
    long acked;

    boolean fin;
    long finEnd;
    /** The least that one of its FIN segments acknowledged, as a position in the peer's space; -1: no ACK. */
    long finAck;
    /**
     * The furthest that it acknowledged beyond what of the peer was seen before, or the peer's FIN, in a segment without
     * FIN, as a position in the peer's space; 0: none.
     */
    long aloneAck;
    /** Where in its own space that segment lay; the least of several. */
    long aloneAt;

    boolean rst;
    /** It carried on after its RST: somebody else sent that. */
    boolean rstRefuted;

    /** A RST of it waits for what the receiver does (RFC 5961 section 3.2). */
    boolean rstPending;
    /** The receiver of that RST went on. */
    boolean rstChallenged;

    long rstPosition;
    /** The furthest position of its RSTs: what it had sent when it reset, those that answer late segments being older. */
    long rstHighest;
    /** What the first RST with an ACK of those that count together acknowledged, as a position in the peer's space; -1: nothing. */
    long rstAck = -1;
    /** When the RST that is pending, or the first that closed, was seen. */
    long rstClock;
    /** Position after the highest octet of the peer that had been seen by then. */
    long rstPeerHighest;

    int window;
    /** The largest window that it advertised, octets. */
    long maxWindow;
    /** Position up to which the peer has ever allowed it to send; -1 where that is not known. */
    long rightEdge = -1;
    /** Position up to which it would have sent if one segment, too far ahead to be believed, were right; -1: none. */
    long doubted = -1;
    /** That segment was an acknowledgement of the peer. */
    boolean doubtedByAck;
    /** What that segment acknowledged, if it was a FIN; -1: it was none. */
    long doubtedFinAck = -1;
    /** Its newest TSval, 0..2^32-1, or -1. */
    long timestamp = -1;

    int windowScale = -1;
    int mss = -1;
    boolean sackPermitted;
    boolean timestamps;

    final Spans spans = new Spans();
    /** What was captured whole, or has been given up for missing; see {@link Gaps}. */
    final Spans delivered = new Spans();
    /** One of its segments had a checksum that is right. */
    boolean goodChecksum;

    boolean lossSuspected;
    /** Since when, by the observer's clock, its window has been closed; -1 while it is open. */
    long closedWindowClock = -1;
    /** Since when it has sent payload again without any acknowledgement of something new; -1 if it has not. */
    long repeatedClock = -1;

    /** Whether a RST of it counts. */
    boolean hasReset() {
        return rst && !rstRefuted;
    }

    /** Whether what ends at {@code stop} was sent before it reset, which a RST that has overtaken it does not change. */
    boolean isBeforeRst(long stop) {
        return !hasReset() || stop <= rstHighest;
    }

    /** The position of a sequence number: the one nearest to the highest seen. */
    long position(int number) {
        return highest + (number - (base + (int) highest));
    }

    /**
     * Sets the base from its SYN. What was inferred before, from reordered segments, moves along, and so does what
     * {@code peer} acknowledged of it; what followed from another SYN is void.
     */
    void baseFromSyn(int isn, End peer) {
        if (!based) {
            based = true;
            base = isn;
            return;
        }
        int shift = base - isn;
        base = isn;
        if (shift != 0) {
            boolean near = !syn && Math.abs(shift) < TOO_FAR;
            highest = near ? Math.max(0, highest + shift) : 0;
            acked = near ? Math.max(0, acked + shift) : 0;
            spans.shift(near ? shift : -spans.contiguous);
            delivered.shift(near ? shift : -delivered.contiguous);
            rightEdge = -1;
            doubted = -1;
            doubtedFinAck = -1;
            if (near) {
                finEnd += fin ? shift : 0;
                aloneAt += aloneAck > 0 ? shift : 0;
                peer.finAck += peer.fin && peer.finAck >= 0 ? shift : 0;
                peer.moveAloneAck(shift);
            }
        }
    }

    /**
     * Sets the base so that {@code number} is the first octet of data. If what the peer acknowledged was all that was
     * known, that moves along; what it acknowledged before the capture began does not count.
     */
    void baseFromFirst(int number) {
        long shift = based ? base - (number - 1) : 0;
        based = true;
        base = number - 1;
        highest = 1;
        acked = Math.abs(shift) < TOO_FAR ? Math.max(1, acked + shift) : 1;
        rightEdge = -1;
        spans.contiguous = 1;
        delivered.contiguous = 1;
    }

    /** Grows {@link #highest} by a segment without RST. */
    void sent(long start, Segment s) {
        long end = start + s.length();
        if (s.has(Flags.SYN) && Math.abs(end - highest) > TOO_FAR) {
            return;
        }
        if (end > highest && isBeforeRst(end)) {
            highest = end;
        }
        spans.add(start, end);
    }

    /** Payload octets by sequence number, retransmissions once; 0 for an end of which nothing was seen. */
    public long bytes() {
        if (!seen) {
            return 0;
        }
        long octets = Math.max(highest, acked) - 1 - (fin ? 1 : 0);
        return Math.max(0, octets);
    }

    public boolean finAcked() {
        return fin && acked >= finEnd;
    }

    /** Whether it has reset, and not only after both had closed: its RST shows that it did not have the peer's FIN. */
    boolean hasAborted(End peer) {
        return hasReset() && !(fin && peer.fin && (rstAck < 0 || rstAck >= peer.finEnd));
    }

    /** Whether its FIN acknowledged that of {@code peer}: then it closed second. */
    boolean finCovers(End peer) {
        return fin && peer.fin && finAck >= peer.finEnd;
    }

    /** Whether a segment of it has an older timestamp than one that was seen before: it was sent before that, and overtaken. */
    boolean stampedBefore(Segment s) {
        return isStampedAs(s) && stampedAhead(s) < 0;
    }

    /** Whether both a segment of it and one that was seen before have a timestamp (RFC 7323 section 3). */
    boolean isStampedAs(Segment s) {
        return timestamp >= 0 && s.timestampValue() >= 0;
    }

    /** By how much a segment's timestamp is ahead of the latest, modulo 2^32; only where both are. */
    int stampedAhead(Segment s) {
        return (int) (s.timestampValue() - timestamp);
    }

    private void moveAloneAck(int shift) {
        aloneAck = aloneAck > 0 ? Math.max(0, aloneAck + shift) : 0;
        aloneAt = aloneAck > 0 ? aloneAt : 0;
    }

    /** Notes an acknowledgement without FIN. */
    void acknowledgedAlone(long acknowledged, long position) {
        aloneAt = acknowledged == aloneAck ? Math.min(aloneAt, position) : acknowledged > aloneAck ? position : aloneAt;
        aloneAck = Math.max(aloneAck, acknowledged);
    }

    /** Whether it acknowledged the FIN of {@code peer} before it sent its own. */
    boolean acknowledgedBeforeFin(End peer) {
        return fin && peer.fin && aloneAck >= peer.finEnd && aloneAt < finEnd;
    }

    /** Octets that it sent and that the peer has not acknowledged, SYN and FIN counted. */
    public long unacknowledged() {
        return Math.max(0, highest - acked);
    }

    public boolean seen() {
        return seen;
    }

    /** Whether its SYN or SYN-ACK was seen. */
    public boolean synSeen() {
        return syn;
    }

    /** Its initial sequence number, 0..2^32-1, or -1 where its SYN was not seen. */
    public long initialSequence() {
        return syn ? Integer.toUnsignedLong(base) : -1;
    }

    /** MSS option of its SYN, octets, or -1. */
    public int mss() {
        return mss;
    }

    /** Window scale of its SYN, or -1. */
    public int windowScale() {
        return windowScale;
    }

    public boolean sackPermitted() {
        return sackPermitted;
    }

    public boolean timestamps() {
        return timestamps;
    }
}
