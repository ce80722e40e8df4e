package flowstate.capture.decode;

import flowstate.schema.ConnectionKey;
import java.util.Arrays;
import java.util.Locale;

/**
 * The IP headers around a tunnelled segment and what leads from each to the next, outermost first; {@link
 * DecodedSegment#outerHeaders} says how many there are. One instance is filled again for each packet. Not thread-safe.
 */
public final class OuterHeaders {
    /** A tunnel without an identifier. */
    static final long NO_ID = -1;

    /** The most octets that {@link #write} writes: kind, identifier, length and two addresses of each. */
    public static final int MOST_OCTETS = (PacketDecoder.MAX_IP_HEADERS - 1) * (1 + Long.BYTES + 1 + 2 * 16);

    private static final TunnelKind[] KINDS = TunnelKind.values();

    private final byte[] octets = new byte[MOST_OCTETS];
    private int length;

    /** Takes the addresses of an outer header, which are those of the segment until the inner one is read. */
    void add(int index, TunnelKind kind, long id, DecodedSegment outer) {
        int at = index == 0 ? 0 : length;
        octets[at++] = (byte) kind.ordinal();
        for (int shift = 56; shift >= 0; shift -= 8) {
            octets[at++] = (byte) (id >>> shift);
        }
        octets[at++] = (byte) outer.addressLength;
        System.arraycopy(outer.source, 0, octets, at, outer.addressLength);
        System.arraycopy(outer.destination, 0, octets, at + outer.addressLength, outer.addressLength);
        length = at + 2 * outer.addressLength;
    }

    /**
     * Writes all that is known, so that it can be compared.
     *
     * @param into has room for {@link #MOST_OCTETS}
     * @param reversed whether sources and destinations change places, as for a segment of the other direction
     * @return how many octets were written
     */
    public int write(byte[] into, boolean reversed) {
        System.arraycopy(octets, 0, into, 0, length);
        for (int at = 0; reversed && at < length; ) {
            int addresses = at + 1 + Long.BYTES + 1;
            int size = octets[addresses - 1];
            System.arraycopy(octets, addresses, into, addresses + size, size);
            System.arraycopy(octets, addresses + size, into, addresses, size);
            at = addresses + 2 * size;
        }
        return length;
    }

    /**
     * What {@link #write} wrote in words, as {@code vxlan 42 10.0.0.1>10.0.0.2, gre 192.0.2.1>192.0.2.2}.
     *
     * @param innermostLength octets of an address of the segment itself
     */
    public static String text(byte[] written, int length, int innermostLength) {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < length; ) {
            TunnelKind kind = KINDS[written[at++]];
            long id = 0;
            for (int i = 0; i < Long.BYTES; i++) {
                id = id << 8 | written[at++] & 0xff;
            }
            int size = written[at++];
            int next = at + 2 * size;
            int innerSize = next < length ? written[next + 1 + Long.BYTES] : innermostLength;
            text.append(text.length() == 0 ? "" : ", ");
            text.append(
                    kind == TunnelKind.IP
                            ? ipInIp(innerSize, size)
                            : kind.name().toLowerCase(Locale.ROOT));
            if (id != NO_ID) {
                text.append(' ').append(id);
            }
            text.append(' ').append(ConnectionKey.addressText(Arrays.copyOfRange(written, at, at + size)));
            text.append('>').append(ConnectionKey.addressText(Arrays.copyOfRange(written, at + size, next)));
            at = next;
        }
        return text.toString();
    }

    private static String ipInIp(int innerSize, int outerSize) {
        return (innerSize == 4 ? "4" : "6") + "in" + (outerSize == 4 ? "4" : "6");
    }
}
