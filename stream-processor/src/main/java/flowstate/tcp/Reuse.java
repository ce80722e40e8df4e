package flowstate.tcp;

/** What it means that a new connection takes the 4-tuple of one that is still held. */
final class Reuse {
    /** Twice the longest life of a segment, as systems have it (Linux: TCP_TIMEWAIT_LEN). */
    private static final long TIME_WAIT_NS = 60_000_000_000L;

    /** The old connection's end may just not have been captured. */
    private static final double END_MAY_BE_UNSEEN = 0.5;

    private Reuse() {}

    /**
     * Finds what the first segment of a new connection says.
     *
     * @param old the connection as it was
     * @param syn its SYN, or a SYN-ACK where that is all that was seen
     */
    static void find(Connection old, Segment syn, Findings found) {
        End end = old.end(syn.fromLow());
        boolean bare = !syn.has(Flags.ACK);
        boolean anotherNumber = end.syn && end.base != syn.seq();
        switch (old.phase()) {
            case OPENING -> {
                if (bare && anotherNumber) {
                    found.add(
                            AnomalyKind.SYN_ISN_CHANGED,
                            () -> "another SYN, with another initial sequence number, before the handshake was done");
                } else {
                    reused(found);
                }
            }
            case RESET, REJECTED -> reused(found);
            case CLOSED -> {
                if (bare && !mayFollow(end, syn)) {
                    found.add(
                            AnomalyKind.PREMATURE_REUSE,
                            () ->
                                    "a new connection within TIME_WAIT, with neither a later timestamp nor a higher sequence"
                                            + " number than the old one");
                } else {
                    reused(found);
                }
            }
            case ESTABLISHED, HALF_CLOSED, CLOSING -> {
                boolean recent = syn.clockNs() - old.lastClock < TIME_WAIT_NS;
                if (anotherNumber && recent) {
                    found.add(
                            AnomalyKind.PREMATURE_REUSE,
                            END_MAY_BE_UNSEEN,
                            () -> "a new connection took the ports of one that was open");
                } else {
                    reused(found);
                }
            }
        }
    }

    private static void reused(Findings found) {
        found.add(AnomalyKind.PORT_REUSED, () -> "a new connection took the ports of one that was still held");
    }

    /** RFC 6191 section 2: TIME_WAIT may be cut short by a later timestamp, or without one by a higher sequence number. */
    private static boolean mayFollow(End end, Segment syn) {
        boolean bothStamped = end.timestamp >= 0 && syn.timestampValue() >= 0;
        int later = bothStamped ? (int) (syn.timestampValue() - end.timestamp) : 0;
        return later > 0 || (later == 0 && syn.seq() - (end.base + (int) end.highest) >= 0);
    }
}
