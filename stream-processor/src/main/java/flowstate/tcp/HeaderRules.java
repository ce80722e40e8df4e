package flowstate.tcp;

/** Judges a segment by its header alone: its flags, its options, its checksum, its size. */
final class HeaderRules {
    /** The flags that say what a segment is; PSH, ECE, CWR and AE go with any of them. */
    private static final int TELLING = Flags.FIN | Flags.SYN | Flags.RST | Flags.ACK | Flags.URG;

    // spotless:off
    /** The sets of them that a sound TCP sends (RFC 9293 section 3.10; conntrack's tcp_valid_flags has the same). */
    private static final long LEGAL = 0
            | 1L << (Flags.SYN)
            | 1L << (Flags.SYN | Flags.URG)
            | 1L << (Flags.SYN | Flags.ACK)
            | 1L << (Flags.RST)
            | 1L << (Flags.RST | Flags.ACK)
            | 1L << (Flags.FIN | Flags.ACK)
            | 1L << (Flags.FIN | Flags.ACK | Flags.URG)
            | 1L << (Flags.ACK)
            | 1L << (Flags.ACK | Flags.URG);
    // spotless:on

    /** What one Ethernet frame holds; taken where the MSS is not known. */
    private static final int USUAL_MSS = 1460;

    /** A checksum that is wrong in an end's every segment says more about the capture than about the segments. */
    private static final double PERHAPS = 0.5;

    private HeaderRules() {}

    static void find(Connection c, Segment s, Findings found) {
        if ((LEGAL >>> (s.flags() & TELLING) & 1) == 0) {
            found.add(AnomalyKind.INVALID_FLAGS, () -> "no TCP sends the flags " + Flags.text(s.flags()));
        }
        int mss = c.end(!s.fromLow()).mss;
        if (s.payload() > mss && mss > 0) {
            found.add(
                    AnomalyKind.OVERSIZED_SEGMENT,
                    () -> "the " + c.role(s.fromLow()).word() + " sent " + s.payload()
                            + " octets at once, the other end takes " + mss);
        }
        if (s.noted(Segment.BAD_OPTIONS | Segment.CHECKSUM_BAD)) {
            bad(c, s, found);
        }
    }

    private static void bad(Connection c, Segment s, Findings found) {
        String sender = c.role(s.fromLow()).word();
        if (s.noted(Segment.BAD_OPTIONS)) {
            found.add(
                    AnomalyKind.BAD_OPTION,
                    () -> "the length of an option of the " + sender + " contradicts its kind or leaves the header");
        }
        if (s.noted(Segment.CHECKSUM_BAD)) {
            found.add(
                    AnomalyKind.BAD_CHECKSUM,
                    PERHAPS,
                    () -> "the checksum of the " + sender + " is wrong, as it has been so far: taken for the capture's"
                            + " fault, or the network card's");
        }
    }

    /**
     * Whether the receiver drops a segment for its checksum. An end that has not shown a right one yet is believed: then
     * the capture was rewritten, or a card fills them in later. So is a segment larger than one frame, as cards put
     * several together and leave the first one's checksum.
     */
    static boolean isDropped(Connection c, Segment s) {
        if (!s.noted(Segment.CHECKSUM_BAD) || !c.end(s.fromLow()).goodChecksum) {
            return false;
        }
        int mss = c.end(!s.fromLow()).mss;
        return s.payload() <= (mss > 0 ? mss : USUAL_MSS);
    }

    static void findDropped(Connection c, Segment s, Findings found) {
        found.add(
                AnomalyKind.BAD_CHECKSUM,
                () -> "the checksum of the " + c.role(s.fromLow()).word()
                        + " is wrong: the receiver drops the segment");
    }
}
