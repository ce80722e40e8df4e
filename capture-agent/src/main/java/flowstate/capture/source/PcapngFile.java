package flowstate.capture.source;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes what is captured as pcapng, beside publishing: a file, and when that is too long or too old a new one. The first
 * is named as asked for, then {@code name.1}, {@code name.2} and so on; only the newest so many are kept. A disk that
 * does not take a packet ends the writing, which is said, and not the capture.
 *
 * <p>Format: draft-ietf-opsawg-pcapng. Thread-safe: several interfaces write into one file.
 */
public final class PcapngFile implements Closeable {
    private static final int BUFFER_OCTETS = 1 << 18;
    private static final int DLT_RAW = 12;
    private static final int LINKTYPE_RAW = 101;

    /**
     * When a new file begins.
     *
     * @param octets of a file at most; 0 for no limit
     * @param ageNs of a file at most, by the time of its packets; 0 for no limit
     * @param files that are kept; 0 for all
     */
    public record Rotation(long octets, long ageNs, int files) {}

    private final Path path;
    private final Rotation rotation;
    private final Consumer<String> notices;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_OCTETS).order(ByteOrder.BIG_ENDIAN);
    private final Deque<Path> written = new ArrayDeque<>();
    private final int[] linkTypes = new int[64];
    private int interfaces;
    private @Nullable FileChannel channel;
    private long number;
    private long octets;
    private long startedNs;

    /**
     * A new file; one of that name is overwritten.
     *
     * @param notices takes the line that says why writing has ended
     * @throws IOException if it cannot be made
     */
    public PcapngFile(Path path, Rotation rotation, Consumer<String> notices) throws IOException {
        this.path = path;
        this.rotation = rotation;
        this.notices = notices;
        start();
    }

    private void start() throws IOException {
        Path file = number == 0 ? path : path.resolveSibling(path.getFileName() + "." + number);
        number++;
        channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        written.add(file);
        while (rotation.files() > 0 && written.size() > rotation.files()) {
            Files.deleteIfExists(written.remove());
        }
        octets = 0;
        interfaces = 0;
        buffer.putInt(0x0a0d0d0a)
                .putInt(28)
                .putInt(0x1a2b3c4d)
                .putShort((short) 1)
                .putShort((short) 0);
        buffer.putLong(-1).putInt(28);
    }

    /** Adds a packet. */
    public synchronized void write(RawPacket packet) {
        if (channel == null) {
            return;
        }
        try {
            if (isFull(packet.timeNs)) {
                flush();
                channel.close();
                start();
            }
            if (octets == 0) {
                startedNs = packet.timeNs;
            }
            int padded = (packet.capturedLength + 3) & ~3;
            int length = 32 + padded;
            if (buffer.remaining() < length + 64) {
                flush();
            }
            int at = interfaceOf(packet.linkType);
            if (length + 64 > buffer.capacity()) {
                // longer than any that the kernel hands out with a sane snap length
                return;
            }
            buffer.putInt(6).putInt(length).putInt(at);
            buffer.putInt((int) (packet.timeNs >>> 32)).putInt((int) packet.timeNs);
            buffer.putInt(packet.capturedLength).putInt(packet.originalLength);
            buffer.put(buffer.position(), packet.buffer, packet.offset, packet.capturedLength);
            buffer.position(buffer.position() + packet.capturedLength);
            for (int i = packet.capturedLength; i < padded; i++) {
                buffer.put((byte) 0);
            }
            buffer.putInt(length);
            octets += length;
        } catch (IOException e) {
            giveUp(e);
        }
    }

    private boolean isFull(long timeNs) {
        // a clock that was set back would keep a file open for as long as that takes to make up
        return octets > 0
                && (rotation.octets() > 0 && octets >= rotation.octets()
                        || rotation.ageNs() > 0 && Math.abs(timeNs - startedNs) >= rotation.ageNs());
    }

    /** The number of the interface block with this link type, which is written when there is none yet. */
    private int interfaceOf(int dataLink) {
        int linkType = dataLink == DLT_RAW ? LINKTYPE_RAW : dataLink;
        for (int i = 0; i < interfaces; i++) {
            if (linkTypes[i] == linkType) {
                return i;
            }
        }
        if (interfaces == linkTypes.length) {
            return 0;
        }
        linkTypes[interfaces] = linkType;
        // if_tsresol 9: nanoseconds
        buffer.putInt(1)
                .putInt(32)
                .putShort((short) linkType)
                .putShort((short) 0)
                .putInt(0);
        buffer.putShort((short) 9)
                .putShort((short) 1)
                .put((byte) 9)
                .put((byte) 0)
                .putShort((short) 0);
        buffer.putInt(0).putInt(32);
        return interfaces++;
    }

    /** Lets readers see what was written. */
    public synchronized void settle() {
        try {
            flush();
        } catch (IOException e) {
            giveUp(e);
        }
    }

    private void flush() throws IOException {
        if (channel != null) {
            buffer.flip();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }
        buffer.clear();
    }

    private void giveUp(IOException e) {
        notices.accept(
                path + ": packets are no longer written to it (" + e.getMessage() + "); they are still published");
        buffer.clear();
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException again) {
            e.addSuppressed(again);
        }
        channel = null;
    }

    @Override
    public synchronized void close() throws IOException {
        if (channel != null) {
            flush();
            channel.close();
            channel = null;
        }
    }
}
