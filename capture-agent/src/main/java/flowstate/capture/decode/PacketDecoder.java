package flowstate.capture.decode;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decodes packets into segments: through the link layer, IP and tunnels to the innermost TCP header. Whatever the
 * octets are, it ends with a segment or a reason. Allocates nothing. Not thread-safe.
 *
 * <p>Fragments are not put together: the first one is a segment with the payload that it holds, later ones are skipped.
 * A segment whose options were cut off by the snap length has those that are complete.
 */
public final class PacketDecoder {
    /** How many IP headers a packet may have, one within the other. */
    public static final int MAX_IP_HEADERS = 8;

    private final Cursor cursor = new Cursor();
    private final LinkLayer links = new LinkLayer(cursor);
    private final InternetLayer internet = new InternetLayer(cursor, links);
    private final UdpTunnels udpTunnels = new UdpTunnels(cursor, links);
    private final TcpHeader tcp;

    /** A decoder that verifies checksums, or does not. */
    public PacketDecoder(Checksums checksums) {
        this.tcp = new TcpHeader(cursor, checksums == Checksums.verify);
    }

    /**
     * Decodes one packet.
     *
     * @param linkType LINKTYPE_ value of the packet's first header
     * @param buffer holds the packet; big-endian
     * @param offset where the packet starts
     * @param capturedLength octets that were captured, at least 0
     * @param originalLength octets that were sent; taken as {@code capturedLength} if it is less
     * @param into is filled if the packet is a TCP segment; else its content is undefined
     * @return null if {@code into} holds a segment, else why not
     * @throws IndexOutOfBoundsException if the packet does not lie within the buffer
     */
    public @Nullable SkipReason decode(
            int linkType, ByteBuffer buffer, int offset, int capturedLength, int originalLength, DecodedSegment into) {
        Objects.checkFromIndexSize(offset, capturedLength, buffer.limit());
        cursor.start(buffer, offset, capturedLength, originalLength);
        Layer layer = links.first(linkType);
        while (layer != Layer.NONE) {
            layer = switch (layer) {
                case ETHERNET -> links.ethernet();
                case ETHERTYPE -> links.etherType();
                case LLC -> links.llc();
                case PPP -> links.ppp();
                case PPPOE -> links.pppoe();
                case IP -> internet.byVersion();
                case IPV4 -> internet.version4(into);
                case IPV6 -> internet.version6(into);
                case GRE -> internet.gre();
                case UDP -> udpTunnels.udp();
                case TCP -> tcp.read(into);
                case NONE -> Layer.NONE;
            };
        }
        SkipReason reason = cursor.reason;
        if (reason == SkipReason.NOT_IP && cursor.ipHeaders > 0) {
            return SkipReason.NOT_TCP; // the tunnel carries something else
        }
        if (reason == SkipReason.MALFORMED && cursor.guessedTunnel) {
            return SkipReason.NOT_TCP; // there was no tunnel
        }
        return reason;
    }
}
