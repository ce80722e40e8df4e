package flowstate.capture.source;

import java.nio.ByteBuffer;

/**
 * One captured packet, still undecoded: a window into a buffer that the source owns.
 *
 * <p>One instance is filled again for each packet; its content is valid until the next call of
 * {@link PacketSource#next}. Not thread-safe.
 */
public final class RawPacket {
    /** Holds the packet's octets; big-endian, whatever the file's order. Only absolute reads. */
    public ByteBuffer buffer = ByteBuffer.allocate(0);

    /** Where in {@link #buffer} the packet starts. */
    public int offset;

    /** Octets of the packet that were captured. */
    public int capturedLength;

    /** Octets of the packet on the wire; at least {@link #capturedLength}, unless the file lies. */
    public int originalLength;

    /** What the first octets mean: a LINKTYPE_ value of the tcpdump group's registry, as in the file. */
    public int linkType;

    /** Capture time as captured, nanoseconds since 1970. It may be an outlier. */
    public long timeNs;

    /**
     * How far capture time has come with this packet, nanoseconds since 1970: a low watermark of packet times that no
     * single outlier moves and that never goes back.
     */
    public long clockNs;

    /**
     * Whether this is no packet: only the clock has gone on, and nothing else here is of use. Live sources give out such
     * a tick where there is no packet; files never do.
     */
    public boolean tick;
}
