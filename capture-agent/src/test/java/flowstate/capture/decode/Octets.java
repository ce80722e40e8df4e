package flowstate.capture.decode;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Packets by hand: hexadecimal text, blanks allowed, and the headers that need a length computed. Checksums are 0: the
 * decoder does not look at them.
 */
final class Octets {
    /** 10.0.0.1:50000 > 10.0.0.2:80, SYN, all the options of a Linux host; 40 octets, no payload. */
    static final String SYN =
            "c350 0050 00000001 00000000 a002 faf0 0000 0000" + "0204 05b4  0402  080a 11223344 00000000  01  0303 07";

    static final String ADDRESSES_4 = "0a000001 0a000002";
    static final String ADDRESSES_6 = "20010db8 00000000 00000000 00000001" + "20010db8 00000000 00000000 00000002";
    static final String MAC_ADDRESSES = "020000000001 020000000002";

    private Octets() {}

    static byte[] of(String hex) {
        return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    }

    static int count(String hex) {
        return of(hex).length;
    }

    static String u16(int value) {
        return String.format("%04x", value);
    }

    /** RFC 791: identification 0x1234, don't fragment, time to live 64, DSCP 46 with ECN 1. */
    static String ipv4(int protocol, String payload) {
        return ipv4(protocol, "4000", payload);
    }

    static String ipv4(int protocol, String flagsAndOffset, String payload) {
        return "45b9" + u16(20 + count(payload)) + "1234" + flagsAndOffset + String.format("40%02x", protocol) + "0000"
                + ADDRESSES_4 + payload;
    }

    /** RFC 8200: traffic class 0xb9, flow label 0x12345, hop limit 64. */
    static String ipv6(int next, String payload) {
        return "6b912345" + u16(count(payload)) + String.format("%02x40", next) + ADDRESSES_6 + payload;
    }

    static String udp(int source, int destination, String payload) {
        return u16(source) + u16(destination) + u16(8 + count(payload)) + "0000" + payload;
    }

    static String ethernet(int type, String payload) {
        return MAC_ADDRESSES + u16(type) + payload;
    }

    static Decoded decode(int linkType, String hex) {
        byte[] octets = of(hex);
        return decode(linkType, octets, octets.length, octets.length);
    }

    /** The packet lies in the midst of a buffer: a read outside of it hits 0xee octets or the buffer's end. */
    static Decoded decode(int linkType, byte[] octets, int capturedLength, int originalLength) {
        DecodedSegment segment = new DecodedSegment();
        byte[] around = new byte[capturedLength + 7];
        Arrays.fill(around, (byte) 0xee);
        System.arraycopy(octets, 0, around, 7, capturedLength);
        SkipReason reason = new PacketDecoder(Checksums.verify)
                .decode(linkType, ByteBuffer.wrap(around), 7, capturedLength, originalLength, segment);
        return new Decoded(reason, segment);
    }
}
