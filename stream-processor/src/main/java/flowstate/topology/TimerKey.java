package flowstate.topology;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.utils.Bytes;

/**
 * The key of a timer: the agent by whose clock it runs, when it is due, the connection. In the store's order a range is
 * what is due by one agent's clock.
 *
 * <p>The agent's length in 2 octets and its UTF-8, the time in 8 octets with its sign bit flipped (so that unsigned order
 * is the order of time), then the connection key's bytes.
 *
 * @param agent whose clock
 * @param dueNs when, nanoseconds since 1970
 * @param connection the connection key's bytes
 */
record TimerKey(String agent, long dueNs, byte[] connection) {

    Bytes toBytes() {
        return Bytes.wrap(bytes(agent, dueNs, connection));
    }

    /** The first key of an agent that is due at a time or later. */
    static Bytes from(String agent, long dueNs) {
        return Bytes.wrap(bytes(agent, dueNs, new byte[0]));
    }

    static TimerKey parse(Bytes key) {
        ByteBuffer in = ByteBuffer.wrap(key.get());
        byte[] agent = new byte[in.getShort() & 0xffff];
        in.get(agent);
        long dueNs = in.getLong() ^ Long.MIN_VALUE;
        byte[] connection = new byte[in.remaining()];
        in.get(connection);
        return new TimerKey(new String(agent, StandardCharsets.UTF_8), dueNs, connection);
    }

    private static byte[] bytes(String agent, long dueNs, byte[] connection) {
        byte[] name = agent.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + name.length + 8 + connection.length)
                .putShort((short) name.length)
                .put(name)
                .putLong(dueNs ^ Long.MIN_VALUE)
                .put(connection)
                .array();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TimerKey key
                && agent.equals(key.agent)
                && dueNs == key.dueNs
                && Arrays.equals(connection, key.connection);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(dueNs) + Arrays.hashCode(connection);
    }

    @Override
    public String toString() {
        return agent + "@" + dueNs;
    }
}
