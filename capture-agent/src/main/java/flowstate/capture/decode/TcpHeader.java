package flowstate.capture.decode;

/** The TCP header (RFC 9293 section 3.1) and its options. */
final class TcpHeader {
    private static final int FIXED_LENGTH = 20;

    private static final int PROTOCOL = 6;

    private static final int END = 0;
    private static final int NO_OPERATION = 1;
    private static final int MSS = 2;
    private static final int WINDOW_SCALE = 3;
    private static final int SACK_PERMITTED = 4;
    private static final int SACK = 5;
    private static final int TIMESTAMPS = 8;
    private static final int FAST_OPEN = 34;
    private static final int EXPERIMENT_1 = 253;
    private static final int EXPERIMENT_2 = 254;

    /** Marks Fast Open among the experimental options (RFC 7413 appendix A, RFC 6994). */
    private static final int FAST_OPEN_EXPERIMENT = 0xf989;

    /** NOP, NOP, timestamps, length 10: how most segments' only options begin (RFC 7323 appendix A). */
    private static final int ALIGNED_TIMESTAMPS = 0x0101_080a;

    private final Cursor cursor;
    private final boolean verify;

    /**
     * @param verify whether to sum segments for their checksums
     */
    TcpHeader(Cursor cursor, boolean verify) {
        this.cursor = cursor;
        this.verify = verify;
    }

    Layer read(DecodedSegment into) {
        if (cursor.captured < FIXED_LENGTH) {
            return cursor.stopWithout(FIXED_LENGTH);
        }
        int offsetAndFlags = cursor.u16(12);
        int headerLength = (offsetAndFlags >>> 12) * 4;
        if (headerLength < FIXED_LENGTH || headerLength > cursor.wire && !cursor.firstFragment) {
            return cursor.stop(SkipReason.MALFORMED);
        }
        into.sourcePort = cursor.u16(0);
        into.destinationPort = cursor.u16(2);
        into.sequence = cursor.i32(4);
        into.acknowledgement = cursor.i32(8);
        into.flags = offsetAndFlags & 0x1ff;
        into.window = cursor.u16(14);
        into.payloadLength = Math.max(0, cursor.wire - headerLength);
        into.payloadCut = into.payloadLength > 0 && cursor.captured < cursor.wire;
        into.vlanId = cursor.vlanId;
        into.outerHeaders = cursor.ipHeaders - 1;
        into.checksum = verify ? checksum(into) : DecodedSegment.CHECKSUM_UNKNOWN;
        boolean whole = cursor.captured >= headerLength;
        into.badOptions = !options(whole ? headerLength : cursor.captured, into) && whole;
        return Layer.NONE;
    }

    /** What the checksum says (RFC 9293 section 3.1), with that of the IPv4 header. */
    private int checksum(DecodedSegment of) {
        if (cursor.badIpHeader) {
            return DecodedSegment.CHECKSUM_BAD;
        }
        if (cursor.captured < cursor.wire || cursor.firstFragment || !cursor.checkable) {
            return DecodedSegment.CHECKSUM_UNKNOWN;
        }
        int length = cursor.wire;
        long addresses =
                PROTOCOL + Checksum.sum(of.source, of.addressLength) + Checksum.sum(of.destination, of.addressLength);
        if (Checksum.fold(addresses + length + cursor.sum(length)) == 0xffff) {
            return DecodedSegment.CHECKSUM_GOOD;
        }
        // what the card is to complete: the pseudo-header's sum, some leave its length out, or nothing at all
        int field = cursor.u16(16);
        boolean offloaded =
                field == 0 || field == Checksum.fold(addresses + length) || field == Checksum.fold(addresses);
        return offloaded ? DecodedSegment.CHECKSUM_OFFLOADED : DecodedSegment.CHECKSUM_BAD;
    }

    /** Returns whether all options up to {@code end} are as their specifications say. */
    private boolean options(int end, DecodedSegment into) {
        into.mss = -1;
        into.windowScale = -1;
        into.sackPermitted = false;
        into.timestampValue = -1;
        into.timestampEcho = -1;
        into.sackBlockCount = 0;
        into.fastOpen = -1;

        boolean sound = true;
        int option = FIXED_LENGTH;
        if (end >= 32 && cursor.i32(option) == ALIGNED_TIMESTAMPS) {
            into.timestampValue = cursor.u32(24);
            into.timestampEcho = cursor.u32(28);
            option = 32;
        }
        while (option < end) {
            int kind = cursor.u8(option);
            if (kind == END) {
                return sound;
            }
            if (kind == NO_OPERATION) {
                option++;
                continue;
            }
            if (option + 2 > end) {
                return false;
            }
            int length = cursor.u8(option + 1);
            if (length < 2 || option + length > end) {
                return false; // where the next option starts is not known
            }
            sound &= one(kind, option, length, into);
            option += length;
        }
        return sound;
    }

    /**
     * One option that lies within the header; one of a length that it cannot have is passed over.
     *
     * @return whether its length is sound
     */
    private boolean one(int kind, int at, int length, DecodedSegment into) {
        switch (kind) {
            case MSS -> {
                if (length != 4) {
                    return false;
                }
                into.mss = cursor.u16(at + 2);
            }
            case WINDOW_SCALE -> {
                if (length != 3) {
                    return false;
                }
                into.windowScale = cursor.u8(at + 2);
            }
            case SACK_PERMITTED -> {
                if (length != 2) {
                    return false;
                }
                into.sackPermitted = true;
            }
            case SACK -> {
                if (length % 8 != 2 || length < 10) {
                    return false;
                }
                into.sackBlockCount = length / 8;
                for (int edge = 0; edge < length / 4; edge++) {
                    into.sackEdges[edge] = cursor.i32(at + 2 + 4 * edge);
                }
            }
            case TIMESTAMPS -> {
                if (length != 10) {
                    return false;
                }
                into.timestampValue = cursor.u32(at + 2);
                into.timestampEcho = cursor.u32(at + 6);
            }
            case FAST_OPEN -> {
                into.fastOpen = length - 2;
                return length == 2 || length >= 6 && length <= 18;
            }
            case EXPERIMENT_1, EXPERIMENT_2 -> {
                if (length >= 4 && cursor.u16(at + 2) == FAST_OPEN_EXPERIMENT) {
                    into.fastOpen = length - 4;
                }
            }
            default -> {
                // of no use for following a connection
            }
        }
        return true;
    }
}
