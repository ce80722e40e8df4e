package flowstate.capture.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A pcapng file: sections of either byte order, each with interfaces of their own link type and clock. Blocks without
 * packets are passed over.
 *
 * <p>Format: draft-ietf-opsawg-pcapng. A Simple Packet Block has no time; its packet gets that of the packet before it.
 */
final class PcapngSource extends RecordSource {
    /** Type of the Section Header Block; reads the same in both byte orders. */
    static final int SECTION_HEADER = 0x0a0d0d0a;

    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int OBSOLETE_PACKET = 2;
    private static final int SIMPLE_PACKET = 3;
    private static final int ENHANCED_PACKET = 6;

    private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    private static final int MAJOR_VERSION = 1;

    private static final int TYPE_AND_LENGTH_OCTETS = 8;
    private static final int MIN_BLOCK_OCTETS = 12;
    private static final int MIN_SECTION_HEADER_OCTETS = 28;
    private static final int MIN_INTERFACE_OCTETS = 20;
    /** Where the packet starts in an enhanced and in an obsolete packet block. */
    private static final int PACKET_AT = 28;

    private static final int SIMPLE_PACKET_AT = 12;
    private static final int TRAILER_OCTETS = 4;

    /** Largest block that is brought into memory: the largest packet with room for options; Wireshark's limit too. */
    private static final int MAX_BLOCK_OCTETS = 16 << 20;

    /** No machine has more; keeps a hostile file from filling the memory with interfaces. */
    private static final int MAX_INTERFACES = 65_536;

    private static final int OPTION_END = 0;
    private static final int OPTION_TIME_RESOLUTION = 9;
    private static final int OPTION_TIME_OFFSET = 14;

    private final List<PcapngInterface> interfaces = new ArrayList<>();
    private boolean reversed;
    private long lastTimeNs;

    /** @param feed starts at the first section header, whose type has been recognised */
    PcapngSource(Path file, OctetFeed feed) throws IOException, CaptureException {
        super(file, feed);
        startSection();
    }

    @Override
    boolean read(RawPacket packet) throws IOException, CaptureException {
        while (true) {
            if (!feed.has(TYPE_AND_LENGTH_OCTETS)) {
                if (feed.rest() == 0) {
                    return false;
                }
                throw cut("the head of a block", TYPE_AND_LENGTH_OCTETS, feed.rest());
            }
            int type = u32(0);
            boolean isPacket = false;
            switch (type) {
                case SECTION_HEADER -> startSection();
                case INTERFACE_DESCRIPTION -> addInterface(wholeBlock("interface description", MIN_INTERFACE_OCTETS));
                case ENHANCED_PACKET -> {
                    int length = wholeBlock("enhanced packet", PACKET_AT + TRAILER_OCTETS);
                    readPacket(packet, Integer.toUnsignedLong(u32(8)), length);
                    isPacket = true;
                }
                case OBSOLETE_PACKET -> {
                    int length = wholeBlock("obsolete packet", PACKET_AT + TRAILER_OCTETS);
                    readPacket(packet, u16(8), length);
                    isPacket = true;
                }
                case SIMPLE_PACKET -> {
                    readSimplePacket(packet, wholeBlock("simple packet", SIMPLE_PACKET_AT + TRAILER_OCTETS));
                    isPacket = true;
                }
                default -> skipBlock();
            }
            if (isPacket) {
                return true;
            }
        }
    }

    private void startSection() throws IOException, CaptureException {
        if (!feed.has(MIN_SECTION_HEADER_OCTETS)) {
            throw cut("the section header", MIN_SECTION_HEADER_OCTETS, feed.rest());
        }
        int magic = feed.window.getInt(feed.at + 8);
        reversed = magic == Integer.reverseBytes(BYTE_ORDER_MAGIC);
        if (!reversed && magic != BYTE_ORDER_MAGIC) {
            throw broken("the section header's byte-order magic is 0x" + Integer.toHexString(magic)
                    + ", not 0x1a2b3c4d in either order");
        }
        int major = u16(12);
        if (major != MAJOR_VERSION) {
            throw new CaptureException(file + ": pcapng version " + major + "." + u16(14)
                    + " is not supported, only 1.x is: convert the file with editcap -F pcap");
        }
        long length = blockLength("section header", MIN_SECTION_HEADER_OCTETS);
        skipBody(length);
        interfaces.clear();
    }

    private void addInterface(int length) throws CaptureException {
        if (interfaces.size() == MAX_INTERFACES) {
            throw broken("the section has more than " + MAX_INTERFACES + " interfaces");
        }
        int resolution = PcapngInterface.DEFAULT_RESOLUTION;
        long offsetSeconds = 0;
        int option = 16;
        int end = length - TRAILER_OCTETS;
        while (option + 4 <= end) {
            int code = u16(option);
            int size = u16(option + 2);
            if (code == OPTION_END) {
                break;
            }
            if (size > end - option - 4) {
                throw broken("option " + code + " of interface " + interfaces.size() + " claims " + size
                        + " octets, its block has " + (end - option - 4) + " left");
            }
            if (code == OPTION_TIME_RESOLUTION && size >= 1) {
                resolution = Byte.toUnsignedInt(feed.window.get(feed.at + option + 4));
            } else if (code == OPTION_TIME_OFFSET && size >= 8) {
                offsetSeconds = u64(option + 4);
            }
            option += 4 + padded(size);
        }
        if (!PcapngInterface.isSupported(resolution)) {
            throw broken("interface " + interfaces.size() + " has the time resolution (if_tsresol) 0x"
                    + Integer.toHexString(resolution) + ", finer than 10^-19 or 2^-63 s");
        }
        interfaces.add(new PcapngInterface(u16(8), Integer.toUnsignedLong(u32(12)), resolution, offsetSeconds));
        feed.at += length;
    }

    private void readPacket(RawPacket packet, long id, int length) throws CaptureException {
        PcapngInterface captured = interfaceOf(id);
        long ticks = Integer.toUnsignedLong(u32(12)) << Integer.SIZE | Integer.toUnsignedLong(u32(16));
        lastTimeNs = captured.nanoseconds(ticks);
        long octets = Integer.toUnsignedLong(u32(20));
        if (octets > length - PACKET_AT - TRAILER_OCTETS) {
            throw broken("its block claims " + octets + " octets of packet and has room for "
                    + (length - PACKET_AT - TRAILER_OCTETS));
        }
        fill(packet, captured, PACKET_AT, octets, u32(24));
        feed.at += length;
    }

    private void readSimplePacket(RawPacket packet, int length) throws CaptureException {
        PcapngInterface captured = interfaceOf(0);
        int original = u32(8);
        long octets = Math.min(Integer.toUnsignedLong(original), length - SIMPLE_PACKET_AT - TRAILER_OCTETS);
        if (captured.snapLength() > 0) {
            // the block says only how long the packet was, and its room is padded to a multiple of 4
            octets = Math.min(octets, captured.snapLength());
        }
        fill(packet, captured, SIMPLE_PACKET_AT, octets, original);
        feed.at += length;
    }

    private PcapngInterface interfaceOf(long id) throws CaptureException {
        if (id >= interfaces.size()) {
            throw broken("it is from interface " + id + ", and the section has described " + interfaces.size());
        }
        return interfaces.get((int) id);
    }

    private void fill(RawPacket packet, PcapngInterface captured, int at, long octets, int original)
            throws CaptureException {
        if (octets > MAX_CAPTURED_OCTETS) {
            throw broken("its block claims " + octets + " octets, more than the " + MAX_CAPTURED_OCTETS
                    + " that a packet can have");
        }
        packet.buffer = feed.window;
        packet.offset = feed.at + at;
        packet.capturedLength = (int) octets;
        packet.originalLength = original < 0 ? Integer.MAX_VALUE : original;
        packet.linkType = captured.linkType();
        packet.timeNs = lastTimeNs;
    }

    /** Brings the block at the feed's position into the window and returns its length. */
    private int wholeBlock(String name, int minOctets) throws IOException, CaptureException {
        long length = blockLength(name, minOctets);
        if (length > MAX_BLOCK_OCTETS) {
            throw broken("the " + name + " block claims " + length + " octets, more than " + MAX_BLOCK_OCTETS);
        }
        if (!feed.has((int) length)) {
            throw cut("the " + name + " block", length, feed.rest());
        }
        checkTrailer(length, u32((int) length - TRAILER_OCTETS));
        return (int) length;
    }

    private void skipBlock() throws IOException, CaptureException {
        skipBody(blockLength("0x" + Integer.toHexString(u32(0)), MIN_BLOCK_OCTETS));
    }

    /** Passes over the block at the feed's position, however long, up to its end. */
    private void skipBody(long length) throws IOException, CaptureException {
        long start = feed.offset();
        if (!feed.skip(length - TRAILER_OCTETS) || !feed.has(TRAILER_OCTETS)) {
            throw new CaptureException(file + ": the block at offset " + start + " is cut short: " + length
                    + " octets announced, the file ends before; what came before was read. Copy the file again, or let"
                    + " the program that writes it finish");
        }
        checkTrailer(length, u32(0));
        feed.at += TRAILER_OCTETS;
    }

    private long blockLength(String name, int minOctets) throws CaptureException {
        long length = Integer.toUnsignedLong(u32(4));
        if (length < minOctets || length % 4 != 0) {
            throw broken("the " + name + " block claims " + length
                    + " octets; it must be a multiple of 4, and at least " + minOctets);
        }
        return length;
    }

    private void checkTrailer(long length, int trailer) throws CaptureException {
        if ((int) length != trailer) {
            throw broken("the block's length is " + length + " at its start and " + Integer.toUnsignedLong(trailer)
                    + " at its end");
        }
    }

    private static int padded(int size) {
        return (size + 3) & ~3;
    }

    private int u16(int position) {
        short value = feed.window.getShort(feed.at + position);
        return Short.toUnsignedInt(reversed ? Short.reverseBytes(value) : value);
    }

    private int u32(int position) {
        int value = feed.window.getInt(feed.at + position);
        return reversed ? Integer.reverseBytes(value) : value;
    }

    private long u64(int position) {
        ByteBuffer window = feed.window;
        long value = window.getLong(feed.at + position);
        return reversed ? Long.reverseBytes(value) : value;
    }
}
