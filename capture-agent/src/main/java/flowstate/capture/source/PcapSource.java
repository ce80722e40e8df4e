package flowstate.capture.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A classic pcap file: micro- or nanoseconds, either byte order, and Kuznetzov's variant with its longer record headers.
 *
 * <p>Format: draft-ietf-opsawg-pcap; the older minor versions as libpcap reads them.
 */
final class PcapSource extends RecordSource {
    static final int MICROSECONDS = 0xa1b2c3d4;
    static final int NANOSECONDS = 0xa1b23c4d;
    static final int KUZNETZOV = 0xa1b2cd34;

    private static final int FILE_HEADER_OCTETS = 24;
    private static final int RECORD_HEADER_OCTETS = 16;
    private static final int KUZNETZOV_RECORD_HEADER_OCTETS = 24;
    private static final int MAJOR_VERSION = 2;

    /** Minor versions below this one wrote the two lengths the other way round; this one sometimes did. */
    private static final int MINOR_VERSION_OF_DOUBT = 3;

    private final boolean reversed;
    private final int minorVersion;
    private final int headerOctets;
    private final long fractionNs;
    private final int linkType;

    /** @param feed starts at the file header, whose magic number has been recognised */
    PcapSource(Path file, OctetFeed feed) throws IOException, CaptureException {
        super(file, feed);
        if (!feed.has(FILE_HEADER_OCTETS)) {
            throw new CaptureException(file + ": the pcap file header is cut short: " + FILE_HEADER_OCTETS
                    + " octets announced, " + feed.rest() + " there. Nothing can be read: copy the file again");
        }
        ByteBuffer window = feed.window;
        int magic = window.getInt(feed.at);
        reversed = !isMagic(magic);
        if (reversed) {
            magic = Integer.reverseBytes(magic);
        }
        int versions = window.getInt(feed.at + 4);
        int major = reversed ? Short.toUnsignedInt(Short.reverseBytes((short) (versions >>> 16))) : versions >>> 16;
        minorVersion = reversed ? Short.toUnsignedInt(Short.reverseBytes((short) versions)) : versions & 0xffff;
        if (major != MAJOR_VERSION) {
            throw new CaptureException(file + ": pcap version " + major + "." + minorVersion
                    + " is not supported, only 2.x is: convert the file with editcap -F pcap");
        }
        headerOctets = magic == KUZNETZOV ? KUZNETZOV_RECORD_HEADER_OCTETS : RECORD_HEADER_OCTETS;
        fractionNs = magic == NANOSECONDS ? 1 : 1_000;
        // above the 16 bits: how long the frame check sequence is, and NetBSD's class
        linkType = order(window.getInt(feed.at + 20)) & 0xffff;
        feed.at += FILE_HEADER_OCTETS;
    }

    /** Whether a file with this first word, read big-endian, is a pcap file written big-endian. */
    static boolean isMagic(int word) {
        return word == MICROSECONDS || word == NANOSECONDS || word == KUZNETZOV;
    }

    @Override
    boolean read(RawPacket packet) throws IOException, CaptureException {
        if (!feed.has(headerOctets)) {
            if (feed.rest() == 0) {
                return false;
            }
            throw cut("its record header", headerOctets, feed.rest());
        }
        ByteBuffer window = feed.window;
        int at = feed.at;
        long seconds = Integer.toUnsignedLong(order(window.getInt(at)));
        long fraction = Integer.toUnsignedLong(order(window.getInt(at + 4)));
        int captured = order(window.getInt(at + 8));
        int original = order(window.getInt(at + 12));
        if (minorVersion <= MINOR_VERSION_OF_DOUBT
                && (minorVersion < MINOR_VERSION_OF_DOUBT || Integer.compareUnsigned(captured, original) > 0)) {
            int swap = captured;
            captured = original;
            original = swap;
        }
        if (captured < 0 || captured > MAX_CAPTURED_OCTETS) {
            throw broken("its record claims " + Integer.toUnsignedLong(captured) + " octets, more than the "
                    + MAX_CAPTURED_OCTETS + " that a packet can have");
        }
        if (!feed.has(headerOctets + captured)) {
            throw cut("it", captured, feed.rest() - headerOctets);
        }
        if (captured == 0 && feed.hasShrunk()) {
            // the rest of a shortened file's last page reads as zeros: empty packets of 1970
            throw broken("its record is empty");
        }
        packet.buffer = feed.window;
        packet.offset = feed.at + headerOctets;
        packet.capturedLength = captured;
        packet.originalLength = original < 0 ? Integer.MAX_VALUE : original;
        packet.linkType = linkType;
        packet.timeNs = seconds * 1_000_000_000 + fraction * fractionNs;
        feed.at += headerOctets + captured;
        return true;
    }

    private int order(int value) {
        return reversed ? Integer.reverseBytes(value) : value;
    }
}
