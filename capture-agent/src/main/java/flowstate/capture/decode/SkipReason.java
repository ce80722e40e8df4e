package flowstate.capture.decode;

/** Why a packet did not become a segment. Each has a counter; read = published segments + skipped by reason. */
public enum SkipReason {
    /** The link type of the interface is not known. */
    UNKNOWN_LINK_TYPE("link type not known"),
    /** The link layer carries something else than IP: ARP, LLDP, management frames and so on. */
    NOT_IP("not IP"),
    /** IP carries something else than TCP. */
    NOT_TCP("not TCP"),
    /** A fragment of a datagram other than the first: it has no TCP header. */
    FRAGMENT("IP fragment without TCP header"),
    /** The snap length cut the headers off. */
    TRUNCATED("headers cut off by the snap length"),
    /** A header contradicts itself: a length field beyond the packet or below the minimum, a wrong version. */
    MALFORMED("malformed header");

    private final String text;

    SkipReason(String text) {
        this.text = text;
    }

    /** What a person reads in the account. */
    public String text() {
        return text;
    }
}
