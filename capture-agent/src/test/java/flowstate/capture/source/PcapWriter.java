package flowstate.capture.source;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a classic pcap file, version 2.4, packet by packet. Format: draft-ietf-opsawg-pcap. Not thread-safe. */
public final class PcapWriter implements AutoCloseable {
    public static final int LINKTYPE_NULL = 0;
    public static final int LINKTYPE_ETHERNET = 1;
    public static final int LINKTYPE_RAW = 101;

    private static final int SNAP_LENGTH = 262_144;

    /** What a record's fraction of a second counts. */
    public enum Resolution {
        MICROSECONDS(0xa1b2c3d4, 1_000),
        NANOSECONDS(0xa1b23c4d, 1);

        private final int magic;
        private final int unitNs;

        Resolution(int magic, int unitNs) {
            this.magic = magic;
            this.unitNs = unitNs;
        }
    }

    private final OutputStream out;
    private final Resolution resolution;
    private final ByteBuffer header;

    /** Writes the file header. {@code linkType} is the whole 32-bit field. */
    public PcapWriter(OutputStream out, int linkType, Resolution resolution, ByteOrder order) throws IOException {
        this.out = out;
        this.resolution = resolution;
        this.header = ByteBuffer.allocate(24).order(order);
        header.putInt(resolution.magic)
                .putShort((short) 2)
                .putShort((short) 4)
                .putInt(0)
                .putInt(0)
                .putInt(SNAP_LENGTH)
                .putInt(linkType);
        out.write(header.array());
    }

    /** A new file with microseconds, little-endian, as tcpdump writes it on most machines. */
    public static PcapWriter create(Path file, int linkType) throws IOException {
        return new PcapWriter(
                new BufferedOutputStream(Files.newOutputStream(file), 1 << 16),
                linkType,
                Resolution.MICROSECONDS,
                ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Appends a whole packet.
     *
     * @param timeNs nanoseconds since 1970, 0 or more; what the resolution cannot hold is cut off
     */
    public PcapWriter write(long timeNs, byte[] packet) throws IOException {
        return write(timeNs, packet, packet.length);
    }

    /** Appends a packet of which only the first octets were captured. */
    public PcapWriter write(long timeNs, byte[] captured, int originalLength) throws IOException {
        header.clear();
        header.putInt((int) (timeNs / 1_000_000_000))
                .putInt((int) (timeNs % 1_000_000_000 / resolution.unitNs))
                .putInt(captured.length)
                .putInt(originalLength);
        out.write(header.array(), 0, header.position());
        out.write(captured);
        return this;
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
