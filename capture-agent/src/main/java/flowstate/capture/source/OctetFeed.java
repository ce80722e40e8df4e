package flowstate.capture.source;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The octets of a capture from first to last, seen through a window that moves forward.
 *
 * <p>A window, once moved away from, keeps its content as long as somebody refers to it: packets that were read ahead
 * stay valid without a copy. Not thread-safe.
 */
abstract class OctetFeed implements Closeable {
    static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** Big-endian, whatever the file's order. */
    ByteBuffer window = NOTHING;

    /** Index in {@link #window} of the next octet. */
    int at;

    /** Index in {@link #window} after the last octet that is there. */
    int end;

    /** Offset in the capture of the window's first octet; for gzip, in the unpacked capture. */
    long windowStart;

    /**
     * Brings the next {@code length} octets into the window, in one piece.
     *
     * @return false if the capture ends before; {@link #rest} then says how many are left
     */
    final boolean has(int length) throws IOException {
        return end - at >= length || refill(length);
    }

    /** Moves the window so that it starts at the next octet and holds at least {@code length}, or all that are left. */
    abstract boolean refill(int length) throws IOException;

    /** Octets in the window from the next one on. */
    final int rest() {
        return end - at;
    }

    final long offset() {
        return windowStart + at;
    }

    /**
     * Passes over octets, however many.
     *
     * @return false if the capture ends before
     */
    abstract boolean skip(long octets) throws IOException;

    /** Whether the capture has become shorter since it was looked at: what the window shows may not be there. */
    abstract boolean hasShrunk();
}
