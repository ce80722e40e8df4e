package flowstate.capture.decode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Where decoding stands in a packet, and how much of the packet lies ahead: {@link #captured} octets that can be read,
 * {@link #wire} octets that were sent. A reader checks {@code captured} before it reads.
 */
final class Cursor {
    // for so few octets, much faster than a bulk get
    private static final VarHandle INT_OF_OCTETS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG_OF_OCTETS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private int at;

    /** Octets that can be read from here; at most {@link #wire}. */
    int captured;

    /** Octets of the packet from here, by the innermost length field so far. */
    int wire;

    /** Whether the octets ahead are the first fragment of a datagram: lengths inside may exceed {@link #wire}. */
    boolean firstFragment;

    /** Whether lengths and addresses are the headers' own, as the sender's checksum has them. */
    boolean checkable;

    /** Whether the innermost IPv4 header fails its own checksum. */
    boolean badIpHeader;

    /** Whether a UDP port alone said that a tunnel begins: then nonsense ahead only means that it does not. */
    boolean guessedTunnel;

    /** Innermost VLAN id so far, or -1. */
    int vlanId;

    /** IP headers passed. */
    int ipHeaders;

    /** What the last one of them leads to, where that is another, and by which identifier. */
    TunnelKind tunnel = TunnelKind.IP;

    long tunnelId;

    @Nullable
    SkipReason reason;

    void start(ByteBuffer packetBuffer, int offset, int capturedLength, int originalLength) {
        buffer = packetBuffer;
        at = offset;
        captured = capturedLength;
        wire = Math.max(capturedLength, originalLength);
        firstFragment = false;
        checkable = true;
        badIpHeader = false;
        guessedTunnel = false;
        vlanId = -1;
        ipHeaders = 0;
        reason = null;
    }

    /** Notes what leads from one IP header to the next. */
    void tunnel(TunnelKind kind, long id) {
        tunnel = kind;
        tunnelId = id;
    }

    int u8(int index) {
        return buffer.get(at + index) & 0xff;
    }

    int u16(int index) {
        return buffer.getShort(at + index) & 0xffff;
    }

    /** Little-endian. */
    int u16le(int index) {
        return Short.reverseBytes(buffer.getShort(at + index)) & 0xffff;
    }

    int i32(int index) {
        return buffer.getInt(at + index);
    }

    long u32(int index) {
        return buffer.getInt(at + index) & 0xffff_ffffL;
    }

    void copy4(int index, byte[] into) {
        INT_OF_OCTETS.set(into, 0, buffer.getInt(at + index));
    }

    void copy16(int index, byte[] into) {
        LONG_OF_OCTETS.set(into, 0, buffer.getLong(at + index));
        LONG_OF_OCTETS.set(into, 8, buffer.getLong(at + index + 8));
    }

    static int i32(byte[] octets, int index) {
        return (int) INT_OF_OCTETS.get(octets, index);
    }

    /** The ones' complement sum of the next octets, see {@link Checksum}; at most {@link #captured}. */
    long sum(int octets) {
        return Checksum.sum(buffer, at, octets);
    }

    /** Moves on; at most by {@link #captured}. */
    void skip(int octets) {
        at += octets;
        captured -= octets;
        wire -= octets;
    }

    /** Ends the packet {@code octets} from here: what follows is padding or a trailer. */
    void endAfter(int octets) {
        wire = octets;
        captured = Math.min(captured, octets);
    }

    Layer stop(SkipReason why) {
        reason = why;
        return Layer.NONE;
    }

    /** Says why {@code octets} cannot be read from here: not captured, in another fragment, or never there. */
    Layer stopWithout(int octets) {
        if (octets <= wire) {
            return stop(SkipReason.TRUNCATED);
        }
        return stop(firstFragment ? SkipReason.FRAGMENT : SkipReason.MALFORMED);
    }
}
