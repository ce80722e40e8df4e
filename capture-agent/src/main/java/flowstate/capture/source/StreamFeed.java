package flowstate.capture.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A pipe, or what comes out of an unpacker, read in chunks; a record that does not fit moves to a new chunk. */
final class StreamFeed extends OctetFeed {
    /** As much as the largest packet; a chunk is left to the garbage collector when its packets are done. */
    static final int CHUNK_OCTETS = 256 << 10;

    private final InputStream in;
    private final int chunkOctets;
    private byte[] chunk = new byte[0];

    StreamFeed(InputStream in, int chunkOctets) {
        this.in = in;
        this.chunkOctets = chunkOctets;
    }

    @Override
    boolean refill(int length) throws IOException {
        if (chunk.length - at < length) {
            moveToNewChunk(Math.max(chunkOctets, length));
        }
        // no further than asked for: what fails or blocks later must not hold back what is there
        while (end - at < length) {
            int count = in.read(chunk, end, chunk.length - end);
            if (count < 0) {
                return false;
            }
            end += count;
        }
        return true;
    }

    private void moveToNewChunk(int size) {
        byte[] fresh = new byte[size];
        System.arraycopy(chunk, at, fresh, 0, rest());
        windowStart += at;
        end = rest();
        at = 0;
        chunk = fresh;
        window = ByteBuffer.wrap(fresh);
    }

    @Override
    boolean skip(long octets) throws IOException {
        long left = octets;
        while (left > rest()) {
            left -= rest();
            at = end;
            if (!has(1)) {
                return false;
            }
        }
        at += (int) left;
        return true;
    }

    @Override
    boolean hasShrunk() {
        return false;
    }

    @Override
    public void close() throws IOException {
        window = NOTHING;
        chunk = new byte[0];
        at = 0;
        end = 0;
        in.close();
    }
}
