package flowstate.tcp;

/** What is odd about the SYNs of a connection, and which of them count. */
final class Openings {
    /** Loss explains it as well: the SYN may just not have been captured. */
    private static final double SYN_MAY_BE_UNSEEN = 0.5;

    private Openings() {}

    /**
     * Whether a SYN or SYN-ACK tells anything about its sender. To be asked before it is merged.
     *
     * @param end the sender
     * @param peer the other
     */
    static boolean counts(Connection c, Segment s, End end, End peer, Findings found) {
        if (!s.has(Flags.ACK)) {
            if (s.payload() > 0 && s.fastOpen() <= 0 && !end.bareSyn) {
                found.add(
                        AnomalyKind.SYN_WITH_DATA,
                        () -> "the SYN carries " + s.payload() + " octets, and no Fast Open cookie");
            }
            return true;
        }
        if (peer.bareSyn) {
            long acknowledged = peer.position(s.ack());
            if (acknowledged < 1 || acknowledged > peer.highest) {
                found.add(
                        AnomalyKind.SYNACK_BAD_ACK,
                        () -> "the SYN-ACK acknowledges " + acknowledged + " where 1 is expected, relative to the SYN");
                return false;
            }
        }
        if (end.synAck && end.base != s.seq()) {
            boolean taken = end.acked >= 1;
            found.add(
                    AnomalyKind.SYNACK_CHANGED,
                    () -> "another SYN-ACK, with another initial sequence number; the first "
                            + (taken ? "was acknowledged and holds" : "was not acknowledged"));
            return !taken;
        }
        return true;
    }

    /**
     * What the first SYN-ACK says about the SYN of {@code end}, whichever of them was captured first.
     *
     * @param position what it acknowledges
     */
    static void answered(long position, End end, Findings found) {
        if (!end.synData) {
            return;
        }
        long acknowledged = position - 1;
        end.synDataAcked = acknowledged > 0;
        if (end.fastOpenCookie || end.synDataAcked) {
            found.add(
                    AnomalyKind.FAST_OPEN,
                    () -> acknowledged > 0
                            ? "the responder has accepted " + acknowledged + " octets in the SYN"
                            : "the responder has not accepted the data in the SYN: the handshake goes on as usual");
        }
    }

    /** A SYN-ACK to which no SYN was seen: told once the other end has answered with anything but a SYN. */
    static void findUnasked(Connection c, Segment s, Findings found) {
        End end = c.end(s.fromLow());
        End peer = c.end(!s.fromLow());
        boolean unasked = peer.synAck && !peer.bareSyn && !end.syn && !s.has(Flags.SYN);
        if (!unasked || c.anomalies.of(AnomalyKind.SYNACK_WITHOUT_SYN) > 0) {
            return;
        }
        boolean denied = s.has(Flags.RST);
        found.add(
                AnomalyKind.SYNACK_WITHOUT_SYN,
                denied ? 1 : SYN_MAY_BE_UNSEEN,
                () -> denied
                        ? "a SYN-ACK came without a SYN, and the end that it went to denies it with a RST"
                        : "a SYN-ACK was seen without its SYN");
    }
}
