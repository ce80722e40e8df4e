package flowstate.capture.source;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes a pcapng file block by block; the caller sees to it that interfaces are described before their packets come.
 * Format: draft-ietf-opsawg-pcapng. Not thread-safe.
 */
public final class PcapngWriter implements AutoCloseable {
    private final OutputStream out;
    private ByteOrder order;

    /** Writes the first section header. */
    public PcapngWriter(OutputStream out, ByteOrder order) throws IOException {
        this.out = out;
        this.order = order;
        section(order);
    }

    /** Starts another section: its interfaces count from 0 again. */
    public PcapngWriter section(ByteOrder sectionOrder) throws IOException {
        order = sectionOrder;
        return block(
                0x0a0d0d0a,
                body(16).putInt(0x1a2b3c4d)
                        .putShort((short) 1)
                        .putShort((short) 0)
                        .putLong(-1));
    }

    /** Describes the next interface, with microseconds. */
    public PcapngWriter networkInterface(int linkType, int snapLength) throws IOException {
        return block(1, body(8).putShort((short) linkType).putShort((short) 0).putInt(snapLength));
    }

    /** Describes the next interface with if_tsresol and if_tsoffset as they stand in the file. */
    public PcapngWriter networkInterface(int linkType, int snapLength, int resolution, long offsetSeconds)
            throws IOException {
        return block(
                1,
                body(32).putShort((short) linkType)
                        .putShort((short) 0)
                        .putInt(snapLength)
                        .putShort((short) 9)
                        .putShort((short) 1)
                        .put((byte) resolution)
                        .put(new byte[3])
                        .putShort((short) 14)
                        .putShort((short) 8)
                        .putLong(offsetSeconds)
                        .putInt(0));
    }

    /** Appends an Enhanced Packet Block with a comment. {@code ticks} are in the interface's unit. */
    public PcapngWriter enhancedPacket(int networkInterface, long ticks, byte[] captured, int originalLength)
            throws IOException {
        byte[] comment = {1, 0, 0, 0};
        ByteBuffer options =
                body(12).putShort((short) 1).putShort((short) 1).put(comment).putInt(0);
        return block(
                6,
                body(20 + padded(captured.length) + 12)
                        .putInt(networkInterface)
                        .putInt((int) (ticks >>> 32))
                        .putInt((int) ticks)
                        .putInt(captured.length)
                        .putInt(originalLength)
                        .put(captured)
                        .put(new byte[padded(captured.length) - captured.length])
                        .put(options.array()));
    }

    /** Appends a Simple Packet Block: interface 0, no time. */
    public PcapngWriter simplePacket(byte[] captured, int originalLength) throws IOException {
        return block(3, body(4 + padded(captured.length)).putInt(originalLength).put(captured));
    }

    /** Appends a Packet Block, obsolete since 2009. */
    public PcapngWriter obsoletePacket(int networkInterface, long ticks, byte[] captured, int originalLength)
            throws IOException {
        return block(
                2,
                body(20 + padded(captured.length))
                        .putShort((short) networkInterface)
                        .putShort((short) 0)
                        .putInt((int) (ticks >>> 32))
                        .putInt((int) ticks)
                        .putInt(captured.length)
                        .putInt(originalLength)
                        .put(captured));
    }

    /** Appends a block of any type; {@code content} must be a multiple of 4 long. */
    public PcapngWriter block(int type, byte[] content) throws IOException {
        return block(type, body(content.length).put(content));
    }

    private PcapngWriter block(int type, ByteBuffer content) throws IOException {
        int length = content.capacity() + 12;
        out.write(body(8).putInt(type).putInt(length).array());
        out.write(content.array());
        out.write(body(4).putInt(length).array());
        return this;
    }

    private ByteBuffer body(int octets) {
        return ByteBuffer.allocate(octets).order(order);
    }

    private static int padded(int length) {
        return (length + 3) & ~3;
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
