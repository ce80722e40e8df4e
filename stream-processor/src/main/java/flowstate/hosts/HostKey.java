package flowstate.hosts;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Which host is watched, and for what.
 *
 * @param watch for what
 * @param group what keeps captures apart that are not to be seen together: 0, or a session
 * @param address 4 or 16 octets
 * @param port the responder's port; 0 for a scan, which goes to many
 * @param scope as of the connections
 */
public record HostKey(Watch watch, long group, byte[] address, int port, String scope) {
    /** What a host is watched for. */
    public enum Watch {
        /** A port of a responder gets more SYNs than it can hold half-open (RFC 4987). */
        SYN_FLOOD,
        /** An originator tries many ports, or many hosts, in vain. */
        PORT_SCAN
    }

    private static final Watch[] WATCHES = Watch.values();

    /** The octets of the group come first, so that a group is a range. */
    public byte[] toBytes() {
        byte[] utf8 = scope.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + 4 + address.length + utf8.length)
                .putLong(group)
                .put((byte) watch.ordinal())
                .put((byte) address.length)
                .put(address)
                .putShort((short) port)
                .put(utf8)
                .array();
    }

    /**
     * The key that {@link #toBytes} wrote.
     *
     * @throws IllegalArgumentException if it did not
     */
    public static HostKey fromBytes(byte[] bytes) {
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            long group = in.getLong();
            Watch watch = WATCHES[in.get()];
            byte[] address = new byte[in.get()];
            in.get(address);
            int port = in.getShort() & 0xffff;
            byte[] utf8 = new byte[in.remaining()];
            in.get(utf8);
            return new HostKey(watch, group, address, port, new String(utf8, StandardCharsets.UTF_8));
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("not a host's key: " + bytes.length + " octets", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HostKey key && Arrays.equals(toBytes(), key.toBytes());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(toBytes());
    }
}
