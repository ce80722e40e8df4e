package flowstate.capture.decode;

/**
 * Link-layer headers: finds the IP packet in a frame. Frame formats as the tcpdump group's registry of LINKTYPE_ values
 * describes them.
 */
final class LinkLayer {
    private static final int NULL = 0;
    private static final int ETHERNET = 1;
    private static final int PPP = 9;
    private static final int FDDI = 10;
    /** What DLT_RAW is on most systems, and on OpenBSD: some programs write it as if it were a LINKTYPE_. */
    private static final int DLT_RAW = 12;

    private static final int DLT_RAW_OPENBSD = 14;
    private static final int PPP_HDLC = 50;
    private static final int PPP_ETHER = 51;
    private static final int RAW = 101;
    private static final int CISCO_HDLC = 104;
    private static final int IEEE802_11 = 105;
    private static final int LOOP = 108;
    private static final int LINUX_SLL = 113;
    private static final int IEEE802_11_RADIOTAP = 127;
    private static final int PPP_WITH_DIRECTION = 204;
    private static final int IPV4 = 228;
    private static final int IPV6 = 229;
    private static final int NFLOG = 239;
    private static final int LINUX_SLL2 = 276;

    private static final int TYPE_IPV4 = 0x0800;
    private static final int TYPE_TRANSPARENT_ETHERNET = 0x6558;
    private static final int TYPE_VLAN = 0x8100;
    private static final int TYPE_IPV6 = 0x86dd;
    private static final int TYPE_PPP = 0x880b;
    private static final int TYPE_MPLS = 0x8847;
    private static final int TYPE_MPLS_UPSTREAM_LABEL = 0x8848;
    private static final int TYPE_PPPOE_SESSION = 0x8864;
    private static final int TYPE_PROVIDER_VLAN = 0x88a8;
    private static final int TYPE_BACKBONE_SERVICE = 0x88e7;
    private static final int TYPE_FABRIC_PATH = 0x8903;
    private static final int TYPE_VN_TAG = 0x8926;
    private static final int TYPE_OLD_QINQ = 0x9100;

    /** Smaller values of the Ethernet type field are lengths (IEEE 802.3 clause 3.2.6). */
    private static final int TYPE_MIN = 0x0600;

    private static final int AF_INET = 2;
    private static final int NFULA_PAYLOAD = 9;

    private final Cursor cursor;

    LinkLayer(Cursor cursor) {
        this.cursor = cursor;
    }

    /** The first layer of a packet; link types that need more than a constant header are read here. */
    Layer first(int linkType) {
        return switch (linkType) {
            case ETHERNET -> Layer.ETHERNET;
            case RAW, DLT_RAW, DLT_RAW_OPENBSD -> Layer.IP;
            case NULL, LOOP -> loopback();
            case IPV4 -> Layer.IPV4;
            case IPV6 -> Layer.IPV6;
            case LINUX_SLL -> linuxCooked();
            case LINUX_SLL2 -> linuxCooked2();
            case PPP, PPP_HDLC, CISCO_HDLC -> Layer.PPP;
            case PPP_WITH_DIRECTION -> after(1, Layer.PPP);
            case PPP_ETHER -> Layer.PPPOE;
            case FDDI -> after(13, Layer.LLC); // frame control, two addresses
            case IEEE802_11 -> wireless(false);
            case IEEE802_11_RADIOTAP -> radiotap();
            case NFLOG -> nflog();
            default -> cursor.stop(SkipReason.UNKNOWN_LINK_TYPE);
        };
    }

    Layer after(int headerLength, Layer next) {
        if (cursor.captured < headerLength) {
            return cursor.stopWithout(headerLength);
        }
        cursor.skip(headerLength);
        return next;
    }

    Layer ethernet() {
        if (cursor.captured < 14) {
            return cursor.stopWithout(14);
        }
        int type = cursor.u16(12);
        cursor.skip(14);
        return type == TYPE_IPV4 ? Layer.IPV4 : ofType(type);
    }

    Layer etherType() {
        if (cursor.captured < 2) {
            return cursor.stopWithout(2);
        }
        int type = cursor.u16(0);
        cursor.skip(2);
        return ofType(type);
    }

    /** What follows an EtherType (or a length in its place), past all VLAN tags and such. */
    Layer ofType(int first) {
        int type = first;
        if (type == TYPE_VN_TAG) { // between a switch and its extender: four octets before the type (IEEE 802.1BR)
            if (cursor.captured < 6) {
                return cursor.stopWithout(6);
            }
            type = cursor.u16(4);
            cursor.skip(6);
        }
        while (type == TYPE_VLAN || type == TYPE_PROVIDER_VLAN || type == TYPE_OLD_QINQ) {
            if (cursor.captured < 4) {
                return cursor.stopWithout(4);
            }
            cursor.vlanId = cursor.u16(0) & 0xfff;
            type = cursor.u16(2);
            cursor.skip(4);
        }
        return switch (type) {
            case TYPE_IPV4 -> Layer.IPV4;
            case TYPE_IPV6 -> Layer.IPV6;
            case TYPE_MPLS, TYPE_MPLS_UPSTREAM_LABEL -> mpls();
            case TYPE_PPPOE_SESSION -> Layer.PPPOE;
            case TYPE_PPP -> Layer.PPP;
            case TYPE_TRANSPARENT_ETHERNET -> Layer.ETHERNET;
            // a provider's service tag, then the customer's frame (IEEE 802.1ah)
            case TYPE_BACKBONE_SERVICE -> after(4, Layer.ETHERNET);
            // forwarding tag and time to live, then the frame as it was before
            case TYPE_FABRIC_PATH -> after(2, Layer.ETHERNET);
            default -> type < TYPE_MIN ? Layer.LLC : cursor.stop(SkipReason.NOT_IP);
        };
    }

    /** Labels down to the bottom of the stack (RFC 3032 section 2.1); nothing says what follows but its first octet. */
    private Layer mpls() {
        while (cursor.captured >= 4) {
            boolean bottom = (cursor.u8(2) & 1) != 0;
            cursor.skip(4);
            if (bottom) {
                return belowLabels();
            }
        }
        return cursor.stopWithout(4);
    }

    private Layer belowLabels() {
        if (cursor.captured < 4) {
            return cursor.stopWithout(4);
        }
        return switch (cursor.u8(0) >>> 4) {
            case 4 -> Layer.IPV4;
            case 6 -> Layer.IPV6;
            // an Ethernet pseudowire, with the control word of RFC 4448 section 4.6 or without
            case 0 -> after(cursor.i32(0) == 0 ? 4 : 0, Layer.ETHERNET);
            default -> cursor.stop(SkipReason.NOT_IP);
        };
    }

    /** IEEE 802.2; IP is behind a SNAP header (RFC 1042), rarely behind its own access point 06. */
    Layer llc() {
        if (cursor.captured < 3) {
            return cursor.stopWithout(3);
        }
        int accessPoints = cursor.u16(0);
        int control = cursor.u8(2);
        if (accessPoints == 0x0606 && control == 3) {
            cursor.skip(3);
            return Layer.IPV4;
        }
        if (accessPoints != 0xaaaa || control != 3) {
            return cursor.stop(SkipReason.NOT_IP);
        }
        if (cursor.captured < 8) {
            return cursor.stopWithout(8);
        }
        int organisation = cursor.i32(2) & 0xff_ffff;
        // 0000f8: the bridge tunnel encapsulation of IEEE 802.1H
        if (organisation != 0 && organisation != 0xf8) {
            return cursor.stop(SkipReason.NOT_IP);
        }
        cursor.skip(6);
        return Layer.ETHERTYPE;
    }

    /** PPPoE session stage (RFC 2516 section 4). */
    Layer pppoe() {
        if (cursor.captured < 6) {
            return cursor.stopWithout(6);
        }
        if (cursor.u8(0) != 0x11) {
            return cursor.stop(SkipReason.MALFORMED);
        }
        if (cursor.u8(1) != 0) { // a packet of the discovery stage
            return cursor.stop(SkipReason.NOT_IP);
        }
        cursor.skip(6);
        return Layer.PPP;
    }

    Layer ppp() {
        if (cursor.captured < 2) {
            return cursor.stopWithout(2);
        }
        int start = cursor.u16(0);
        if (start == 0x0f00 || start == 0x8f00) { // Cisco HDLC, unicast and multicast
            cursor.skip(2);
            return Layer.ETHERTYPE;
        }
        if (start == 0xff03) { // address and control (RFC 1662 section 3.1)
            cursor.skip(2);
        }
        if (cursor.captured < 1) {
            return cursor.stopWithout(1);
        }
        int protocol = cursor.u8(0);
        if ((protocol & 1) != 0) { // compressed to one octet (RFC 1661 section 6.5)
            cursor.skip(1);
        } else if (cursor.captured < 2) {
            return cursor.stopWithout(2);
        } else {
            protocol = cursor.u16(0);
            cursor.skip(2);
        }
        return switch (protocol) {
            case 0x0021 -> Layer.IPV4;
            case 0x0057 -> Layer.IPV6;
            case 0x0281, 0x0283 -> mpls();
            default -> cursor.stop(SkipReason.NOT_IP);
        };
    }

    /** BSD loopback: the address family, for NULL in the byte order of the host that captured. */
    private Layer loopback() {
        if (cursor.captured < 4) {
            return cursor.stopWithout(4);
        }
        int family = cursor.i32(0);
        if ((family & 0xffff_0000) != 0) {
            family = Integer.reverseBytes(family);
        }
        cursor.skip(4);
        return ofFamily(family);
    }

    private Layer ofFamily(int family) {
        return switch (family) {
            case AF_INET -> Layer.IPV4;
            // AF_INET6 on Linux, Windows, NetBSD and OpenBSD, FreeBSD, Darwin
            case 10, 23, 24, 28, 30 -> Layer.IPV6;
            default -> cursor.stop(SkipReason.NOT_IP);
        };
    }

    /** Linux cooked capture v1: packet type, ARP hardware type, address with its length, then protocol. */
    private Layer linuxCooked() {
        return after(14, Layer.ETHERTYPE);
    }

    /** Linux cooked capture v2: the protocol stands first, the packet follows 18 octets later. */
    private Layer linuxCooked2() {
        if (cursor.captured < 20) {
            return cursor.stopWithout(20);
        }
        int protocol = cursor.u16(0);
        cursor.skip(20);
        return ofType(protocol);
    }

    /** IEEE 802.11 with the pseudo-header whose length and flags the radiotap.org fields give, little-endian. */
    private Layer radiotap() {
        if (cursor.captured < 8) {
            return cursor.stopWithout(8);
        }
        int headerLength = cursor.u16le(2);
        if (cursor.u8(0) != 0 || headerLength < 8) {
            return cursor.stop(SkipReason.MALFORMED);
        }
        if (cursor.captured < headerLength) {
            return cursor.stopWithout(headerLength);
        }
        int present = Integer.reverseBytes(cursor.i32(4));
        int field = 8;
        for (int word = present; word < 0; field += 4) { // the top bit says that another word follows
            if (field + 4 > headerLength) {
                return cursor.stop(SkipReason.MALFORMED);
            }
            word = Integer.reverseBytes(cursor.i32(field));
        }
        if ((present & 1) != 0) { // a 64-bit clock, aligned
            field = ((field + 7) & ~7) + 8;
        }
        boolean padded = false;
        if ((present & 2) != 0) {
            if (field >= headerLength) {
                return cursor.stop(SkipReason.MALFORMED);
            }
            padded = (cursor.u8(field) & 0x20) != 0;
        }
        cursor.skip(headerLength);
        return wireless(padded);
    }

    /**
     * IEEE 802.11 clause 9.2. Of an aggregate of several packets (A-MSDU) the first is taken.
     *
     * @param padded whether the header was lengthened to a multiple of four
     */
    Layer wireless(boolean padded) {
        if (cursor.captured < 2) {
            return cursor.stopWithout(2);
        }
        int control = cursor.u8(0);
        int flags = cursor.u8(1);
        boolean qos = (control & 0x80) != 0;
        boolean carriesData = (control & 0x4f) == 0x08; // version 0, type data, not a null function
        boolean encrypted = (flags & 0x40) != 0;
        if (!carriesData || encrypted) {
            return cursor.stop(SkipReason.NOT_IP);
        }
        int headerLength = 24;
        if ((flags & 3) == 3) { // between two access points: a fourth address
            headerLength += 6;
        }
        int qosAt = headerLength;
        if (qos) {
            headerLength += 2;
            if ((flags & 0x80) != 0) { // high-throughput control
                headerLength += 4;
            }
        }
        if (padded) {
            headerLength = (headerLength + 3) & ~3;
        }
        if (cursor.captured < headerLength) {
            return cursor.stopWithout(headerLength);
        }
        int fragmentNumber = cursor.u8(22) & 0xf;
        if (fragmentNumber != 0) {
            return cursor.stop(SkipReason.FRAGMENT);
        }
        if ((flags & 4) != 0) { // more fragments
            cursor.firstFragment = true;
        }
        boolean aggregate = qos && (cursor.u8(qosAt) & 0x80) != 0;
        cursor.skip(headerLength);
        // each packet in an aggregate has two addresses and a length of its own
        return aggregate ? after(14, Layer.LLC) : Layer.LLC;
    }

    /** Linux netfilter log: attributes in the byte order of the host that captured, one of which is the packet. */
    private Layer nflog() {
        if (cursor.captured < 4) {
            return cursor.stopWithout(4);
        }
        int family = cursor.u8(0);
        cursor.skip(4);
        while (cursor.captured >= 4) {
            // types are small: the zero octet of the first type shows the order
            boolean little = cursor.u8(3) == 0;
            int length = little ? cursor.u16le(0) : cursor.u16(0);
            int type = little ? cursor.u16le(2) : cursor.u16(2);
            if (length < 4 || length > cursor.wire) {
                return cursor.stop(SkipReason.MALFORMED);
            }
            if (type == NFULA_PAYLOAD) {
                cursor.endAfter(length);
                cursor.skip(4);
                return ofFamily(family);
            }
            int padded = (length + 3) & ~3;
            if (cursor.captured < padded) {
                return cursor.stopWithout(padded);
            }
            cursor.skip(padded);
        }
        return cursor.wire == 0 ? cursor.stop(SkipReason.NOT_IP) : cursor.stopWithout(4);
    }
}
