package flowstate.schema;

/**
 * What keeps equal 4-tuples of different hosts or networks apart.
 *
 * <p>127.0.0.1:40000 to 127.0.0.1:80 exists on every host, so loopback, link-local and unspecified addresses are scoped
 * by the agent that saw them. All others carry the configured network's name, or nothing.
 */
public final class Scope {
    private Scope() {}

    /**
     * The scope of a segment's 4-tuple.
     *
     * @param address one end, 4 or 16 octets
     * @param otherAddress the other end
     * @param agent id of the agent that saw it
     * @param network name of the network, empty where addresses do not overlap
     */
    public static String of(byte[] address, byte[] otherAddress, String agent, String network) {
        return isHostLocal(address) || isHostLocal(otherAddress) ? agent : network;
    }

    /** Whether the address means something else on another host or link (RFC 6890). */
    public static boolean isHostLocal(byte[] address) {
        if (address.length == 4) {
            return isHostLocalIpv4(address, 0);
        }
        int zeros = 0;
        while (zeros < 16 && address[zeros] == 0) {
            zeros++;
        }
        boolean unspecified = zeros == 16;
        boolean loopback = zeros == 15 && address[15] == 1;
        boolean linkLocal = (address[0] & 0xff) == 0xfe && (address[1] & 0xc0) == 0x80;
        boolean mapped = zeros == 10 && address[10] == -1 && address[11] == -1;
        return unspecified || loopback || linkLocal || (mapped && isHostLocalIpv4(address, 12));
    }

    private static boolean isHostLocalIpv4(byte[] address, int at) {
        int first = address[at] & 0xff;
        int second = address[at + 1] & 0xff;
        boolean unspecified = (first | second | address[at + 2] | address[at + 3]) == 0;
        return first == 127 || unspecified || (first == 169 && second == 254);
    }
}
