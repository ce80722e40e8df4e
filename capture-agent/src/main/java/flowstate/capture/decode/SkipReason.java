package flowstate.capture.decode;

/** Why a packet did not become a segment. Each has a counter; read = published segments + skipped by reason. */
public enum SkipReason {
    /** The link type of the interface is not known. */
    UNKNOWN_LINK_TYPE("link type not known"),
    /** The link layer carries something else than IP: ARP, LLDP, management or encrypted frames and so on. */
    NOT_IP("not IP"),
    /** IP carries something else than TCP. */
    NOT_TCP("not TCP"),
    /** A fragment without TCP header: not the first of its datagram, or too short to hold the header. */
    FRAGMENT("IP fragment without TCP header"),
    /** The snap length cut the headers off. */
    TRUNCATED("headers cut off by the snap length"),
    /** A header contradicts itself: a length field beyond the packet or below the minimum, a wrong version. */
    MALFORMED("malformed header"),
    /** IP within IP within IP, deeper than {@link PacketDecoder#MAX_IP_HEADERS}. */
    NESTED_TOO_DEEPLY("too many tunnels inside each other");

    private final String text;

    SkipReason(String text) {
        this.text = text;
    }

    /** What a person reads in the account. */
    public String text() {
        return text;
    }
}
