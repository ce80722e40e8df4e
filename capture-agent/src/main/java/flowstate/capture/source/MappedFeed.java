package flowstate.capture.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * A regular file, mapped into memory region by region.
 *
 * <p>A region starts where the record starts that no longer fitted into the one before, so no record ever lies across a
 * border. Regions are unmapped by the garbage collector: packets may still point into them. A file that becomes shorter
 * while it is mapped shows zeros up to the end of its last page, and an {@link InternalError} beyond.
 */
final class MappedFeed extends OctetFeed {
    /** Large enough that mapping costs nothing per packet, small enough to be given back while a long file is read. */
    static final int REGION_OCTETS = 64 << 20;

    private final FileChannel channel;
    private final int regionOctets;

    MappedFeed(FileChannel channel, int regionOctets) {
        this.channel = channel;
        this.regionOctets = regionOctets;
    }

    @Override
    boolean refill(int length) throws IOException {
        long from = offset();
        // asked each time: a capture that is still being written is read as far as it has come
        long left = Math.max(0, channel.size() - from);
        int mapped = (int) Math.min(Math.max(regionOctets, length), left);
        ByteBuffer region = mapped == 0 ? NOTHING : channel.map(FileChannel.MapMode.READ_ONLY, from, mapped);
        window = region;
        windowStart = from;
        at = 0;
        end = mapped;
        return mapped >= length;
    }

    @Override
    boolean skip(long octets) throws IOException {
        if (octets <= rest()) {
            at += (int) octets;
            return true;
        }
        long to = offset() + octets;
        if (to > channel.size()) {
            return false;
        }
        window = NOTHING;
        windowStart = to;
        at = 0;
        end = 0;
        return true;
    }

    @Override
    boolean hasShrunk() {
        try {
            return channel.size() < windowStart + end;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        window = NOTHING;
        at = 0;
        end = 0;
        channel.close();
    }
}
