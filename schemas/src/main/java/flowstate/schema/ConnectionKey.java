package flowstate.schema;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The 4-tuple of a connection in canonical order, with its scope: both directions, from whichever agent, give the same
 * bytes and so meet in one partition.
 *
 * <p>The order is that of Community ID: the end with the lower address bytes is <em>low</em>; where the addresses are
 * equal, the end with the lower port. The encoded form is fixed: one octet with the IP version (4 or 6), the low and
 * the high address (4 or 16 octets each), the low and the high port (2 octets each, big-endian), then the scope in
 * UTF-8 up to the end. Immutable.
 */
public final class ConnectionKey {
    private final byte[] bytes;
    private final int addressLength;

    // made when first asked for, once or by several threads alike: events of a connection ask again and again
    private @Nullable String lowText;
    private @Nullable String highText;
    private @Nullable String communityId;
    private byte @Nullable [] lowEncoded;
    private byte @Nullable [] highEncoded;
    private @Nullable Named latest;

    /** The text of the id of one instance, and {@link #namesOf}. */
    private record Named(long instance, String text, byte[] names) {}

    private ConnectionKey(byte[] bytes) {
        this.bytes = bytes;
        this.addressLength = bytes[0] == 4 ? 4 : 16;
    }

    /**
     * The key of a segment between two ends, in either order.
     *
     * @param address one end's address, 4 or 16 octets
     * @param port its port, 0..65535
     * @param otherAddress the other end's address, of the same length
     * @param otherPort its port, 0..65535
     * @param scope what keeps equal 4-tuples of different networks apart; see {@link Scope}
     * @throws IllegalArgumentException if the addresses are not two of IPv4 or two of IPv6
     */
    public static ConnectionKey of(byte[] address, int port, byte[] otherAddress, int otherPort, String scope) {
        int n = address.length;
        if (n != otherAddress.length || (n != 4 && n != 16)) {
            throw new IllegalArgumentException("a connection key takes two IPv4 or two IPv6 addresses, was given " + n
                    + " and " + otherAddress.length + " octets");
        }
        boolean low = isLow(address, port, otherAddress, otherPort);
        byte[] scopeBytes = scope.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[1 + 2 * n + 4 + scopeBytes.length];
        bytes[0] = (byte) (n == 4 ? 4 : 6);
        System.arraycopy(low ? address : otherAddress, 0, bytes, 1, n);
        System.arraycopy(low ? otherAddress : address, 0, bytes, 1 + n, n);
        putPort(bytes, 1 + 2 * n, low ? port : otherPort);
        putPort(bytes, 3 + 2 * n, low ? otherPort : port);
        System.arraycopy(scopeBytes, 0, bytes, 5 + 2 * n, scopeBytes.length);
        return new ConnectionKey(bytes);
    }

    /**
     * The key whose encoded form is given.
     *
     * @throws IllegalArgumentException if {@code encoded} is not a key's encoded form
     */
    public static ConnectionKey fromBytes(byte[] encoded) {
        int n = encoded.length == 0 ? 0 : encoded[0] == 4 ? 4 : encoded[0] == 6 ? 16 : 0;
        if (n == 0 || encoded.length < 5 + 2 * n) {
            throw new IllegalArgumentException("not a connection key: " + encoded.length + " octets"
                    + (encoded.length == 0 ? "" : ", first octet " + (encoded[0] & 0xff)));
        }
        return new ConnectionKey(encoded.clone());
    }

    /** Whether the first end is the low one in canonical order. Addresses are of equal length. */
    public static boolean isLow(byte[] address, int port, byte[] otherAddress, int otherPort) {
        int order = Arrays.compareUnsigned(address, otherAddress);
        return order < 0 || (order == 0 && port <= otherPort);
    }

    private static void putPort(byte[] bytes, int at, int port) {
        bytes[at] = (byte) (port >> 8);
        bytes[at + 1] = (byte) port;
    }

    private int port(int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }

    /** The encoded form; the caller's own copy. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    public byte[] lowAddress() {
        return Arrays.copyOfRange(bytes, 1, 1 + addressLength);
    }

    public byte[] highAddress() {
        return Arrays.copyOfRange(bytes, 1 + addressLength, 1 + 2 * addressLength);
    }

    /** The low end's address as {@link #addressText} says it. */
    public String lowAddressText() {
        String text = lowText;
        if (text == null) {
            text = addressText(lowAddress());
            lowText = text;
        }
        return text;
    }

    /** The high end's address as {@link #addressText} says it. */
    public String highAddressText() {
        String text = highText;
        if (text == null) {
            text = addressText(highAddress());
            highText = text;
        }
        return text;
    }

    /** See {@link CommunityId}. */
    public String communityId() {
        String text = communityId;
        if (text == null) {
            text = CommunityId.of(this);
            communityId = text;
        }
        return text;
    }

    /** The text of {@link ConnectionId} of an instance. */
    public String idOf(long instance) {
        return named(instance).text;
    }

    /** The id of an instance, the Community ID and the scope as Avro writes these three strings; not to be changed. */
    public byte[] namesOf(long instance) {
        return named(instance).names;
    }

    private Named named(long instance) {
        Named named = latest;
        if (named == null || named.instance != instance) {
            String text = new ConnectionId(this, instance).toString();
            named = new Named(instance, text, AvroOutput.strings(text, communityId(), scope()));
            latest = named;
        }
        return named;
    }

    /** An end's address, as {@link #addressText} says it, as Avro writes that string; not to be changed. */
    public byte[] encodedAddress(boolean ofLow) {
        byte[] encoded = ofLow ? lowEncoded : highEncoded;
        if (encoded == null) {
            encoded = AvroOutput.strings(ofLow ? lowAddressText() : highAddressText());
            if (ofLow) {
                lowEncoded = encoded;
            } else {
                highEncoded = encoded;
            }
        }
        return encoded;
    }

    /** Whether this is the key whose encoded form is given. */
    public boolean isOf(byte[] encoded) {
        return Arrays.equals(bytes, encoded);
    }

    public int lowPort() {
        return port(1 + 2 * addressLength);
    }

    public int highPort() {
        return port(3 + 2 * addressLength);
    }

    /** Empty, a network's name, or an agent's id; see {@link Scope}. */
    public String scope() {
        int at = 5 + 2 * addressLength;
        return at == bytes.length ? "" : new String(bytes, at, bytes.length - at, StandardCharsets.UTF_8);
    }

    /** An address as text: dotted for IPv4, RFC 5952 for IPv6. */
    public static String addressText(byte[] address) {
        if (address.length == 4) {
            return (address[0] & 0xff) + "." + (address[1] & 0xff) + "." + (address[2] & 0xff) + "."
                    + (address[3] & 0xff);
        }
        return ipv6Text(address);
    }

    /** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as {@code ::}. */
    private static String ipv6Text(byte[] address) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (address[2 * i] & 0xff) << 8 | (address[2 * i + 1] & 0xff);
        }
        int runStart = -1;
        int runLength = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > runLength) {
                runStart = i;
                runLength = end - i;
            }
            i = Math.max(i, end - 1);
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == runStart) {
                text.append("::");
                i += runLength - 1;
            } else {
                if (i > 0 && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConnectionKey key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** For logs and error messages: {@code 10.0.0.1:40000 <> 10.0.0.2:80} and the scope where there is one. */
    @Override
    public String toString() {
        String scope = scope();
        return endText(lowAddress(), lowPort()) + " <> " + endText(highAddress(), highPort())
                + (scope.isEmpty() ? "" : " (" + scope + ")");
    }

    private static String endText(byte[] address, int port) {
        return address.length == 4 ? addressText(address) + ":" + port : "[" + addressText(address) + "]:" + port;
    }
}
