package flowstate.capture.decode;

/**
 * The fields of one TCP segment, as decoded; one instance is filled again for each packet. Not thread-safe.
 *
 * <p>Numbers are unsigned in the width of their header field unless said otherwise; sequence and acknowledgement numbers
 * keep their 32 bits in an {@code int}.
 */
public final class DecodedSegment {
    /** The most SACK blocks that fit into a TCP header's 40 octets of options (RFC 2018 section 3). */
    public static final int MAX_SACK_BLOCKS = 4;

    /** Values of {@link #checksum}. */
    public static final int CHECKSUM_UNKNOWN = 0;

    public static final int CHECKSUM_GOOD = 1;
    public static final int CHECKSUM_BAD = 2;
    public static final int CHECKSUM_OFFLOADED = 3;

    /** 4 or 16: how many octets of {@link #source} and {@link #destination} count. */
    public int addressLength;

    public final byte[] source = new byte[16];
    public final byte[] destination = new byte[16];
    public int sourcePort;
    public int destinationPort;

    public int sequence;
    public int acknowledgement;

    /** Nine flag bits as in the header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128, AE 256. */
    public int flags;

    /** Window field as sent, not scaled. */
    public int window;

    /**
     * Octets of payload by the IP header's length; what the snap length cut off counts, what is in other fragments does
     * not.
     */
    public int payloadLength;

    /** Whether the snap length cut payload off. */
    public boolean payloadCut;

    /**
     * What the TCP checksum says: bad also where the IPv4 header's is; offloaded where the sending host left it to its
     * network card, as its own captures show; unknown where it was not verified, or not all that it covers was captured.
     */
    public int checksum;

    /**
     * Octets of the IP datagram with its header, by its length field; where that is 0 (segmentation offload), all that
     * was sent. Of a tunnelled segment, the innermost datagram.
     */
    public int wireLength;

    /** IPv4 time to live or IPv6 hop limit. */
    public int ttl;

    /** IPv4 identification; -1 for IPv6. */
    public int ipId;

    /** DSCP and ECN, 0..255. */
    public int trafficClass;

    /** Innermost VLAN id, or -1. */
    public int vlanId;

    /** MSS option, or -1. */
    public int mss;

    /** Window scale option as sent, or -1. */
    public int windowScale;

    public boolean sackPermitted;

    /** TSval, 0..2^32-1, or -1. */
    public long timestampValue;

    /** TSecr, 0..2^32-1, or -1. */
    public long timestampEcho;

    /** Left and right edges in turn; only the first {@code 2 * sackBlockCount} count. */
    public final int[] sackEdges = new int[2 * MAX_SACK_BLOCKS];

    public int sackBlockCount;

    /** Fast Open cookie length in octets, 0 for a request, -1 if the option is absent. */
    public int fastOpen;

    /** How many IP headers it has around its own: 0 unless it came through a tunnel. */
    public int outerHeaders;

    /** They; only to be asked where there are any. */
    public final OuterHeaders outer = new OuterHeaders();

    /** Whether an option's length contradicts its kind or leaves the header. */
    public boolean badOptions;
}
