package flowstate.capture.source;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One TCP segment as it lies on the wire, octet by octet, with right lengths and checksums.
 *
 * <p>A builder: each method sets a field and returns the frame; {@link #ethernet}, {@link #nullLoopback} and {@link #raw}
 * give its octets in that link layer. IPv4 or IPv6 by the addresses. Options stand in the order in which they were
 * added, filled up with end-of-list octets to a multiple of four. Formats: RFC 791, RFC 8200, RFC 9293.
 */
public final class TcpFrame {
    private static final String FLAGS = "FSRP.UEWA";
    private static final int TCP = 6;

    private byte[] source = {127, 0, 0, 1};
    private byte[] destination = {127, 0, 0, 1};
    private int sourcePort;
    private int destinationPort;
    private int sequence;
    private int acknowledgement;
    private int flags;
    private int window = 65_535;
    private int ttl = 64;
    private int ipId;
    private int trafficClass;
    private int vlanId = -1;
    private final ByteArrayOutputStream options = new ByteArrayOutputStream();
    private byte[] payload = {};

    /** A numeric address of either family, and a port. */
    public TcpFrame from(String address, int port) {
        source = address(address);
        sourcePort = port;
        return this;
    }

    /** A numeric address of the same family as the source's, and a port. */
    public TcpFrame to(String address, int port) {
        destination = address(address);
        destinationPort = port;
        return this;
    }

    public TcpFrame seq(long number) {
        sequence = (int) number;
        return this;
    }

    /** Sets the number only; the flag is the caller's. */
    public TcpFrame ack(long number) {
        acknowledgement = (int) number;
        return this;
    }

    /** As tcpdump prints them, in any order: F S R P . U E W A, the last being AE (once NS); for instance "S.". */
    public TcpFrame flags(String letters) {
        flags = 0;
        for (char letter : letters.toCharArray()) {
            int bit = FLAGS.indexOf(letter);
            if (bit < 0) {
                throw new IllegalArgumentException("flags must be of " + FLAGS + ", got " + letters);
            }
            flags |= 1 << bit;
        }
        return this;
    }

    public TcpFrame window(int octets) {
        window = octets;
        return this;
    }

    public TcpFrame ttl(int hops) {
        ttl = hops;
        return this;
    }

    public TcpFrame ipId(int id) {
        ipId = id;
        return this;
    }

    /** DSCP and ECN. */
    public TcpFrame trafficClass(int octet) {
        trafficClass = octet;
        return this;
    }

    /** Puts an 802.1Q tag into the Ethernet header. */
    public TcpFrame vlan(int id) {
        vlanId = id;
        return this;
    }

    public TcpFrame nop() {
        return options(1);
    }

    public TcpFrame mss(int octets) {
        return options(2, 4, octets >> 8, octets);
    }

    public TcpFrame windowScale(int shift) {
        return options(3, 3, shift);
    }

    public TcpFrame sackPermitted() {
        return options(4, 2);
    }

    public TcpFrame timestamps(long value, long echo) {
        return options(8, 10).options32(value).options32(echo);
    }

    /** Appends octets to the options as they are. */
    public TcpFrame options(int... octets) {
        for (int octet : octets) {
            options.write(octet);
        }
        return this;
    }

    private TcpFrame options32(long value) {
        return options((int) (value >> 24), (int) (value >> 16), (int) (value >> 8), (int) value);
    }

    public TcpFrame payload(byte[] octets) {
        payload = octets.clone();
        return this;
    }

    public TcpFrame payload(String text) {
        return payload(text.getBytes(StandardCharsets.UTF_8));
    }

    /** In Ethernet with MAC addresses of zeros, as Linux shows its loopback interface: LINKTYPE_ETHERNET, 1. */
    public byte[] ethernet() {
        byte[] datagram = raw();
        ByteBuffer frame = ByteBuffer.allocate(14 + (vlanId < 0 ? 0 : 4) + datagram.length);
        frame.put(new byte[12]);
        if (vlanId >= 0) {
            frame.putShort((short) 0x8100).putShort((short) vlanId);
        }
        frame.putShort((short) (isIpv4() ? 0x0800 : 0x86dd)).put(datagram);
        return frame.array();
    }

    /** Behind a BSD address family in the capturing host's byte order: LINKTYPE_NULL, 0. IPv6 as on macOS. */
    public byte[] nullLoopback(ByteOrder order) {
        byte[] datagram = raw();
        return ByteBuffer.allocate(4 + datagram.length)
                .order(order)
                .putInt(isIpv4() ? 2 : 30)
                .put(datagram)
                .array();
    }

    /** The IP datagram alone: LINKTYPE_RAW, 101. */
    public byte[] raw() {
        byte[] segment = segment();
        if (isIpv4()) {
            ByteBuffer datagram = ByteBuffer.allocate(20 + segment.length)
                    .put((byte) 0x45)
                    .put((byte) trafficClass)
                    .putShort((short) (20 + segment.length))
                    .putShort((short) ipId)
                    .putShort((short) 0x4000) // don't fragment
                    .put((byte) ttl)
                    .put((byte) TCP)
                    .putShort((short) 0)
                    .put(source)
                    .put(destination);
            datagram.putShort(10, (short) checksum(Arrays.copyOf(datagram.array(), 20)));
            return datagram.put(segment).array();
        }
        return ByteBuffer.allocate(40 + segment.length)
                .putInt(6 << 28 | trafficClass << 20)
                .putShort((short) segment.length)
                .put((byte) TCP)
                .put((byte) ttl)
                .put(source)
                .put(destination)
                .put(segment)
                .array();
    }

    private byte[] segment() {
        int optionOctets = (options.size() + 3) & ~3;
        if (optionOctets > 40) {
            throw new IllegalArgumentException("options must fit into 40 octets, got " + optionOctets);
        }
        int headerOctets = 20 + optionOctets;
        ByteBuffer segment = ByteBuffer.allocate(headerOctets + payload.length)
                .putShort((short) sourcePort)
                .putShort((short) destinationPort)
                .putInt(sequence)
                .putInt(acknowledgement)
                .putShort((short) (headerOctets / 4 << 12 | flags))
                .putShort((short) window)
                .putInt(0)
                .put(options.toByteArray());
        segment.position(headerOctets);
        segment.put(payload);
        // both pseudo-headers sum up to the same: addresses, length, protocol
        byte[] summed = ByteBuffer.allocate(source.length + destination.length + 4 + segment.capacity())
                .put(source)
                .put(destination)
                .putShort((short) TCP)
                .putShort((short) segment.capacity())
                .put(segment.array())
                .array();
        return segment.putShort(16, (short) checksum(summed)).array();
    }

    private boolean isIpv4() {
        return source.length == 4;
    }

    /** RFC 1071. */
    private static int checksum(byte[] octets) {
        long sum = 0;
        for (int i = 0; i < octets.length; i++) {
            sum += (octets[i] & 0xffL) << (i % 2 == 0 ? 8 : 0);
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (int) ~sum & 0xffff;
    }

    private static byte[] address(String numeric) {
        try {
            return InetAddress.getByName(numeric).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address must be numeric, was " + numeric, e);
        }
    }
}
