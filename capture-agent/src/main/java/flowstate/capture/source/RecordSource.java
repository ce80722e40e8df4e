package flowstate.capture.source;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A capture file as a sequence of records. Reads a few records ahead, headers only, so that {@link CaptureClock} knows
 * what comes next; a record that cannot be read is reported after those before it were given out.
 */
abstract class RecordSource implements PacketSource {
    /**
     * Largest packet that a record may claim: libpcap's MAXIMUM_SNAPLEN, more than any program captures. A larger length
     * is not a length, and what follows it cannot be found.
     */
    static final int MAX_CAPTURED_OCTETS = 262_144;

    /**
     * How many packets ahead the clock looks. More than the capture hosts' disorder (a few packets from several receive
     * queues), and little enough to stay in the processor's first-level cache.
     */
    static final int LOOK_AHEAD = 32;

    private static final int MASK = 63;

    final Path file;
    final OctetFeed feed;

    private final RawPacket[] ahead = new RawPacket[MASK + 1];
    private final CaptureClock clock = new CaptureClock(LOOK_AHEAD + 1);
    private long read;
    private long given;
    private boolean ended;
    private @Nullable CaptureException breakage;

    RecordSource(Path file, OctetFeed feed) {
        this.file = file;
        this.feed = feed;
        for (int i = 0; i < ahead.length; i++) {
            ahead[i] = new RawPacket();
        }
    }

    /**
     * Fills all of {@code packet} but the clock from the next record and moves {@link #feed} behind it.
     *
     * @return false if the capture ends here, as it should
     */
    abstract boolean read(RawPacket packet) throws IOException, CaptureException;

    @Override
    public final boolean next(RawPacket packet) throws CaptureException {
        try {
            while (!ended && read - given <= LOOK_AHEAD) {
                readAhead();
            }
            if (given == read) {
                if (breakage != null) {
                    throw breakage;
                }
                return false;
            }
            RawPacket next = ahead[(int) given & MASK];
            packet.buffer = next.buffer;
            packet.offset = next.offset;
            packet.capturedLength = next.capturedLength;
            packet.originalLength = next.originalLength;
            packet.linkType = next.linkType;
            packet.timeNs = next.timeNs;
            packet.clockNs = clock.next();
            given++;
            return true;
        } catch (InternalError e) {
            // the JVM's word for a page of a mapped file that is gone; the packets read ahead may lie on it too
            breakage = shrunk(e);
            ended = true;
            given = read;
            throw breakage;
        }
    }

    private void readAhead() {
        RawPacket packet = ahead[(int) read & MASK];
        try {
            if (read(packet)) {
                clock.add(packet.timeNs);
                read++;
                return;
            }
        } catch (CaptureException e) {
            breakage = e;
        } catch (IOException e) {
            breakage = unreadable(e);
        }
        ended = true;
        clock.end();
    }

    /** What to throw when the file contradicts its format at the feed's position. */
    final CaptureException broken(String what) {
        if (feed.hasShrunk()) {
            return shrunk(null);
        }
        return new CaptureException(place() + what + "; what came before was read. The file is corrupt from there on:"
                + " get it again from where it was taken");
    }

    /** What to throw when the file ends although its format announces more. */
    final CaptureException cut(String what, long announced, long there) {
        if (feed.hasShrunk()) {
            return shrunk(null);
        }
        return new CaptureException(place() + what + " is cut short: " + announced + " octets announced, " + there
                + " there; what came before was read. Copy the file again, or let the program that writes it finish");
    }

    private CaptureException unreadable(IOException e) {
        if (e instanceof ZipException || e instanceof EOFException) {
            return new CaptureException(
                    place() + "the gzip data is corrupt (" + CaptureFile.reason(e)
                            + "); what came before was read. Check it with gzip -t, and copy the file again",
                    e);
        }
        return new CaptureException(
                place() + "reading failed (" + CaptureFile.reason(e) + "); what came before was read", e);
    }

    private CaptureException shrunk(@Nullable InternalError e) {
        String message = file + ": the file became shorter while it was read, after " + given
                + " packets. Read a copy that no other program writes to";
        return e == null ? new CaptureException(message) : new CaptureException(message, e);
    }

    private String place() {
        return file + ": packet " + (read + 1) + " at offset " + feed.offset() + ": ";
    }

    @Override
    public final void close() {
        ended = true;
        breakage = null;
        given = read;
        for (RawPacket packet : ahead) {
            packet.buffer = OctetFeed.NOTHING;
        }
        try {
            feed.close();
        } catch (IOException e) {
            // it was only read from: nothing can be lost, and nobody can do anything about it
        }
    }
}
