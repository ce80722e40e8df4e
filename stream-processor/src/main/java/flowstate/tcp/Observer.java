package flowstate.tcp;

import org.jspecify.annotations.Nullable;

/**
 * What one agent saw of a connection. Counters are kept per agent: a segment that two agents saw is no retransmission.
 * So are the times of the handshake: a round trip is measured by one clock.
 */
public final class Observer {
    /** What one agent saw of one direction. */
    static final class Tally {
        long segments;
        long wireBytes;
        long retransmittedSegments;
        long retransmittedBytes;
        long zeroWindows;
        /** Position after the highest octet that this agent saw. */
        long highest;

        boolean began;

        /** It saw a RST, and the latest one's number. */
        boolean rst;

        int rstSeq;
    }

    final String agent;
    final Tally low = new Tally();
    final Tally high = new Tally();
    final Flow lowFlow = new Flow();
    final Flow highFlow = new Flow();
    /** What it has shown of the kinds {@link AnomalyKind#isOfOneSegment}; counted from when there are several agents. */
    final AnomalyCounts odd = new AnomalyCounts();

    /** When it saw the latest SYN without ACK, until {@link #handshakeNs} is known; -1: none. */
    long latestSynNs = -1;
    /** From that to the first acknowledgement that is none of a SYN-ACK; not above 0: not known. */
    long handshakeNs = -1;

    /** When it saw the SYN and the SYN-ACK; -1: not yet, -2: no longer to be trusted. */
    long synNs = -1;

    long synAckNs = -1;
    /** It saw the originator acknowledge something. */
    boolean answered;

    long synToSynAckNs = -1;
    long synAckToAckNs = -1;

    /** How it compares with the first agent; null for that one. */
    @Nullable
    Lag lag;

    /** What it saw last; null while it is the only one. */
    @Nullable
    Recent recent;

    Observer(String agent) {
        this.agent = agent;
    }

    public String agent() {
        return agent;
    }

    Tally tally(boolean fromLow) {
        return fromLow ? low : high;
    }

    Flow flow(boolean fromLow) {
        return fromLow ? lowFlow : highFlow;
    }

    void timeHandshake(Segment s) {
        if (handshakeNs > 0) {
            return;
        }
        if (s.has(Flags.SYN)) {
            latestSynNs = s.has(Flags.ACK) ? latestSynNs : s.robustTimeNs();
        } else if (s.has(Flags.ACK) && latestSynNs >= 0) {
            handshakeNs = s.robustTimeNs() - latestSynNs;
        }
    }

    /** Segments of the key's low or high end that it saw. */
    public long segments(boolean ofLow) {
        return tally(ofLow).segments;
    }

    /** By how much later than the first agent it sees what an end sent, at least; null where that is not known. */
    public @Nullable Long laterByNs(boolean fromLow) {
        return lag == null || lag.of(fromLow).count == 0 ? null : lag.of(fromLow).least;
    }

    /** How long a segment and its answer take between the first agent and this one; -1 where that is not known. */
    public long roundTripNs() {
        return lag == null ? -1 : lag.roundTripNs();
    }

    /** How far its clock is ahead of the first agent's; null where that is not known. */
    public @Nullable Long clockOffsetNs() {
        return lag == null || !lag.known() ? null : lag.offsetNs();
    }

    /** How far its clock is ahead of the first agent's, 0 where that is not known. */
    long offsetNs() {
        return lag == null ? 0 : lag.offsetNs();
    }

    /** Whether its times say what came first: those of one segment alone may be of a SYN and of its repetition. */
    boolean isComparable() {
        return lag == null || lag.offsetNs() == 0 || !lag.restsOnOne();
    }

    /** Whether its times can be told in the first agent's. */
    boolean inStep() {
        return lag == null || lag.known();
    }
}
