package flowstate.tcp;

/** Which parts of a conversation were seen: the bits of Wireshark's {@code tcp.completeness} (User's Guide, "TCP Analysis"). */
final class Completeness {
    private static final int SYN = 1;
    private static final int SYN_ACK = 2;
    private static final int ACK = 4;
    private static final int DATA = 8;
    private static final int FIN = 16;
    private static final int RST = 32;

    private Completeness() {}

    /** What one segment adds. Wireshark takes a SYN-ACK for nothing else, and an acknowledgement with payload for data. */
    static int of(Segment s) {
        boolean acknowledges = s.has(Flags.ACK);
        if (s.has(Flags.SYN)) {
            return acknowledges ? SYN_ACK : SYN | (s.payload() > 0 ? DATA : 0);
        }
        return (s.payload() > 0 ? DATA : acknowledges ? ACK : 0)
                | (acknowledges && s.has(Flags.FIN) ? FIN : 0)
                | (s.has(Flags.RST) ? RST : 0);
    }
}
