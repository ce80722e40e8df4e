package flowstate.capture.decode;

/** IPv4 (RFC 791) and IPv6 (RFC 8200) headers, and the tunnels that are IP protocols themselves. */
final class InternetLayer {
    private static final int HOP_BY_HOP = 0;
    private static final int IN_IPV4 = 4;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int IN_IPV6 = 41;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int GRE = 47;
    private static final int AUTHENTICATION = 51;
    private static final int DESTINATION_OPTIONS = 60;
    private static final int MOBILITY = 135;
    private static final int HOST_IDENTITY = 139;
    private static final int SHIM6 = 140;

    private static final int GRE_PPP = 0x880b;
    private static final int GRE_ERSPAN = 0x88be;
    private static final int GRE_ERSPAN_3 = 0x22eb;

    private final Cursor cursor;
    private final LinkLayer links;

    InternetLayer(Cursor cursor, LinkLayer links) {
        this.cursor = cursor;
        this.links = links;
    }

    Layer byVersion() {
        if (cursor.captured < 1) {
            return cursor.stopWithout(1);
        }
        return switch (cursor.u8(0) >>> 4) {
            case 4 -> Layer.IPV4;
            case 6 -> Layer.IPV6;
            default -> cursor.stop(SkipReason.MALFORMED);
        };
    }

    Layer version4(DecodedSegment into) {
        if (cursor.captured < 20) {
            return cursor.stopWithout(20);
        }
        int versionAndLength = cursor.u8(0);
        int headerLength = (versionAndLength & 0xf) * 4;
        if (versionAndLength >>> 4 != 4 || headerLength < 20) {
            return cursor.stop(SkipReason.MALFORMED);
        }
        if (++cursor.ipHeaders > 1 && !enter(into)) {
            return cursor.stop(SkipReason.NESTED_TOO_DEEPLY);
        }
        int totalLength = cursor.u16(2);
        // what an outer header allows says nothing of the inner; options may be a route, whose end counts (RFC 791)
        cursor.checkable = totalLength != 0 && headerLength == 20;
        if (totalLength == 0) {
            // segmentation offload: the host hands over more than the field can say, or leaves it to the card
            totalLength = cursor.wire;
        }
        if (totalLength < headerLength || !endAfter(totalLength)) {
            return cursor.stop(SkipReason.MALFORMED);
        }
        int protocol = cursor.u8(9);
        int fragment = cursor.u16(6);
        if ((fragment & 0x1fff) != 0) {
            return laterFragment(protocol);
        }
        if ((fragment & 0x2000) != 0) {
            cursor.firstFragment = true;
        }
        if (cursor.captured < headerLength) {
            return cursor.stopWithout(headerLength);
        }
        // 0 where the card is to fill it in
        cursor.badIpHeader = cursor.u16(10) != 0 && Checksum.fold(cursor.sum(headerLength)) != 0xffff;
        into.addressLength = 4;
        cursor.copy4(12, into.source);
        cursor.copy4(16, into.destination);
        into.trafficClass = cursor.u8(1);
        into.ipId = cursor.u16(4);
        into.ttl = cursor.u8(8);
        into.wireLength = totalLength;
        cursor.skip(headerLength);
        while (protocol == AUTHENTICATION) {
            if (cursor.captured < 8) {
                return cursor.stopWithout(8);
            }
            int length = authenticationLength();
            if (cursor.captured < length) {
                return cursor.stopWithout(length);
            }
            protocol = cursor.u8(0);
            cursor.skip(length);
        }
        return ofProtocol(protocol);
    }

    Layer version6(DecodedSegment into) {
        if (cursor.captured < 40) {
            return cursor.stopWithout(40);
        }
        if (cursor.u8(0) >>> 4 != 6) {
            return cursor.stop(SkipReason.MALFORMED);
        }
        if (++cursor.ipHeaders > 1 && !enter(into)) {
            return cursor.stop(SkipReason.NESTED_TOO_DEEPLY);
        }
        int payloadLength = cursor.u16(4);
        int next = cursor.u8(6);
        cursor.checkable = payloadLength != 0;
        cursor.badIpHeader = false;
        int totalLength = payloadLength == 0 ? lengthWithoutField(next) : 40 + payloadLength;
        if (totalLength < 40 || !endAfter(totalLength)) {
            return cursor.stop(SkipReason.MALFORMED);
        }
        into.addressLength = 16;
        cursor.copy16(8, into.source);
        cursor.copy16(24, into.destination);
        into.trafficClass = cursor.u16(0) >>> 4 & 0xff;
        into.ipId = -1;
        into.ttl = cursor.u8(7);
        into.wireLength = totalLength;
        cursor.skip(40);
        return extensionHeaders(next, into);
    }

    /** Notes the header around this one, whose addresses are the latest; returns whether there may be that many. */
    private boolean enter(DecodedSegment outer) {
        if (cursor.ipHeaders > PacketDecoder.MAX_IP_HEADERS) {
            return false;
        }
        outer.outer.add(cursor.ipHeaders - 2, cursor.tunnel, cursor.tunnelId, outer);
        return true;
    }

    /** Ends the packet by an IP header's length, unless that lies beyond what was sent. */
    private boolean endAfter(int totalLength) {
        if (totalLength > cursor.wire && !cursor.firstFragment) {
            return false;
        }
        cursor.endAfter(totalLength);
        return true;
    }

    /** The datagram's length where the payload length is 0: a jumbogram's (RFC 2675), else all that was sent. */
    private int lengthWithoutField(int next) {
        if (next == HOP_BY_HOP && cursor.captured >= 48) {
            int end = Math.min(cursor.captured, 40 + (cursor.u8(41) + 1) * 8);
            int option = 42;
            while (option + 6 <= end) {
                int type = cursor.u8(option);
                if (type == 0xc2 && cursor.u8(option + 1) == 4) {
                    int jumbo = cursor.i32(option + 2);
                    return jumbo >= 0x1_0000 && jumbo <= Integer.MAX_VALUE - 40 ? 40 + jumbo : 0;
                }
                option += type == 0 ? 1 : 2 + cursor.u8(option + 1);
            }
        }
        return cursor.wire;
    }

    private Layer extensionHeaders(int first, DecodedSegment into) {
        int next = first;
        while (true) {
            int length;
            switch (next) {
                case HOP_BY_HOP, DESTINATION_OPTIONS, ROUTING, MOBILITY, HOST_IDENTITY, SHIM6 -> {
                    if (cursor.captured < 8) {
                        return cursor.stopWithout(8);
                    }
                    length = (cursor.u8(1) + 1) * 8;
                    // may hold the home address, which stands for the source in the checksum (RFC 6275 section 11.3.1)
                    cursor.checkable &= next == HOP_BY_HOP || next == ROUTING;
                }
                case AUTHENTICATION -> {
                    if (cursor.captured < 8) {
                        return cursor.stopWithout(8);
                    }
                    length = authenticationLength();
                }
                case FRAGMENT -> {
                    if (cursor.captured < 8) {
                        return cursor.stopWithout(8);
                    }
                    int fragment = cursor.u16(2);
                    if ((fragment & 0xfff8) != 0) {
                        return laterFragment(cursor.u8(0));
                    }
                    if ((fragment & 1) != 0) {
                        cursor.firstFragment = true;
                    }
                    length = 8;
                }
                default -> {
                    return ofProtocol(next);
                }
            }
            if (cursor.captured < length) {
                return cursor.stopWithout(length);
            }
            if (next == ROUTING) {
                routeTo(length, into);
            }
            next = cursor.u8(0);
            cursor.skip(length);
        }
    }

    /** IPsec's header is the only one that counts in units of four octets (RFC 4302 section 2.2). */
    private int authenticationLength() {
        return (cursor.u8(1) + 2) * 4;
    }

    /**
     * Sets the destination to the last one of a route with segments left (RFC 8200 section 8.1): it is the connection's
     * address, the header's is only the next stop.
     */
    private void routeTo(int length, DecodedSegment into) {
        int type = cursor.u8(2);
        int segmentsLeft = cursor.u8(3);
        if (segmentsLeft == 0 || length < 24) {
            return;
        }
        if (type == 0 && (length & 8) != 0) { // source route (RFC 2460 section 4.4): the last is last
            cursor.copy16(length - 16, into.destination);
        } else if (type == 4) { // segment routing (RFC 8754 section 2): the last is first
            cursor.copy16(8, into.destination);
        }
    }

    private Layer laterFragment(int protocol) {
        return switch (protocol) {
            // what a tunnel or a further header leads to is in the first fragment: it may be TCP
            case TCP, IN_IPV4, IN_IPV6, GRE, AUTHENTICATION, DESTINATION_OPTIONS -> cursor.stop(SkipReason.FRAGMENT);
            default -> cursor.stop(SkipReason.NOT_TCP);
        };
    }

    private Layer ofProtocol(int protocol) {
        return switch (protocol) {
            case TCP -> Layer.TCP;
            case UDP -> Layer.UDP;
            case IN_IPV4, IN_IPV6 -> {
                cursor.tunnel(TunnelKind.IP, OuterHeaders.NO_ID);
                yield protocol == IN_IPV4 ? Layer.IPV4 : Layer.IPV6;
            }
            case GRE -> Layer.GRE;
            default -> cursor.stop(SkipReason.NOT_TCP);
        };
    }

    /** GRE version 0 (RFC 2784, RFC 2890) and PPTP's version 1 (RFC 2637 section 4.1). */
    Layer gre() {
        if (cursor.captured < 4) {
            return cursor.stopWithout(4);
        }
        int flags = cursor.u16(0);
        int type = cursor.u16(2);
        int version = flags & 7;
        boolean checksum = (flags & 0x8000) != 0;
        boolean routing = (flags & 0x4000) != 0;
        boolean key = (flags & 0x2000) != 0;
        boolean sequence = (flags & 0x1000) != 0;
        boolean acknowledgement = (flags & 0x0080) != 0;
        boolean pptp = version == 1 && type == GRE_PPP && key && !checksum;
        // version 1 without a sequence number carries an acknowledgement only
        if (routing || version > 1 || version == 1 && !(pptp && sequence)) {
            return cursor.stop(SkipReason.NOT_TCP);
        }
        int length = 4;
        if (checksum) {
            length += 4;
        }
        if (key) {
            length += 4;
        }
        if (sequence) {
            length += 4;
        }
        if (pptp && acknowledgement) {
            length += 4;
        }
        if (cursor.captured < length) {
            return cursor.stopWithout(length);
        }
        long keyField = key ? cursor.u32(checksum ? 8 : 4) : OuterHeaders.NO_ID;
        cursor.tunnel(pptp ? TunnelKind.PPTP : TunnelKind.GRE, pptp ? keyField & 0xffff : keyField);
        cursor.skip(length);
        return switch (type) {
            // mirrored frames: without a header in the first version, which has no sequence number either
            case GRE_ERSPAN -> erspan(sequence ? 8 : 0);
            case GRE_ERSPAN_3 -> erspan3();
            default -> isFromAccessPoint(type) ? links.wireless(false) : links.ofType(type);
        };
    }

    /** A header of 12 octets, whose last bit says whether another 8 follow (draft-foschiano-erspan-03 section 4.3). */
    private Layer erspan3() {
        if (cursor.captured < 12) {
            return cursor.stopWithout(12);
        }
        boolean more = (cursor.u8(11) & 1) != 0;
        return erspan(more ? 20 : 12);
    }

    /** The first four octets of any header end with the session's ten bits. */
    private Layer erspan(int header) {
        boolean known = header > 0 && cursor.captured >= 4;
        cursor.tunnel(TunnelKind.ERSPAN, known ? cursor.u16(2) & 0x3ff : OuterHeaders.NO_ID);
        return links.after(header, Layer.ETHERNET);
    }

    /** Types under which Aruba's access points hand over IEEE 802.11 frames. */
    private static boolean isFromAccessPoint(int type) {
        return type == 0x9000 || type >= 0x8200 && type <= 0x8370 && (type & 0xf) == 0;
    }
}
