package flowstate.capture.decode;

/**
 * Tunnels inside UDP. A port alone proves nothing, so a header that is not exactly as its specification says is no
 * tunnel, and the packet {@link SkipReason#NOT_TCP}.
 */
final class UdpTunnels {
    private static final int GTP_USER = 2152;
    private static final int TEREDO = 3544;
    private static final int VXLAN = 4789;
    private static final int AYIYA = 5072;
    private static final int GENEVE = 6081;

    /** 2001:0::/32. */
    private static final int TEREDO_PREFIX = 0x2001_0000;

    private static final int GTP_DATA = 0xff;

    private final Cursor cursor;
    private final LinkLayer links;

    UdpTunnels(Cursor cursor, LinkLayer links) {
        this.cursor = cursor;
        this.links = links;
    }

    Layer udp() {
        if (cursor.captured < 8) {
            return cursor.stopWithout(8);
        }
        int sourcePort = cursor.u16(0);
        int destinationPort = cursor.u16(2);
        boolean gtp = destinationPort == GTP_USER || sourcePort == GTP_USER;
        boolean teredo = destinationPort == TEREDO || sourcePort == TEREDO;
        boolean ayiya = destinationPort == AYIYA || sourcePort == AYIYA;
        if (destinationPort != VXLAN && destinationPort != GENEVE && !gtp && !teredo && !ayiya) {
            return betweenTeredoPeers();
        }
        int length = cursor.u16(4);
        if (length < 8 || length > cursor.wire && !cursor.firstFragment) {
            return cursor.stop(SkipReason.NOT_TCP);
        }
        cursor.endAfter(length);
        cursor.skip(8);
        cursor.guessedTunnel = true;
        if (destinationPort == VXLAN) {
            return vxlan();
        }
        if (destinationPort == GENEVE) {
            return geneve();
        }
        if (gtp) {
            return gtp();
        }
        return teredo ? teredo() : ayiya();
    }

    /**
     * Anything in anything (draft-massar-v6ops-ayiya-02 section 4): lengths of identity and signature, what to do with
     * it, what follows.
     */
    private Layer ayiya() {
        if (cursor.captured < 8) {
            return cursor.stopWithout(8);
        }
        boolean forwards = (cursor.u8(2) & 0xf) == 1;
        int next = cursor.u8(3);
        if (!forwards || next != 4 && next != 41) {
            return cursor.stop(SkipReason.NOT_TCP);
        }
        cursor.tunnel(TunnelKind.AYIYA, OuterHeaders.NO_ID);
        int identity = 1 << (cursor.u8(0) >>> 4);
        int signature = (cursor.u8(1) >>> 4) * 4;
        return links.after(8 + identity + signature, next == 4 ? Layer.IPV4 : Layer.IPV6);
    }

    /** RFC 7348 section 5: a flags octet with the I bit, and a reserved octet at the end. */
    private Layer vxlan() {
        if (cursor.captured < 8) {
            return cursor.stopWithout(8);
        }
        if ((cursor.u8(0) & 0x08) == 0 || cursor.u8(7) != 0) {
            return cursor.stop(SkipReason.NOT_TCP);
        }
        cursor.tunnel(TunnelKind.VXLAN, cursor.u32(4) >>> 8);
        cursor.skip(8);
        return Layer.ETHERNET;
    }

    /** RFC 8926 section 3.4. */
    private Layer geneve() {
        if (cursor.captured < 8) {
            return cursor.stopWithout(8);
        }
        int versionAndLength = cursor.u8(0);
        int type = cursor.u16(2);
        boolean control = (cursor.u8(1) & 0x80) != 0;
        if (versionAndLength >>> 6 != 0 || control || cursor.u8(7) != 0) {
            return cursor.stop(SkipReason.NOT_TCP);
        }
        int length = 8 + (versionAndLength & 0x3f) * 4;
        if (cursor.captured < length) {
            return cursor.stopWithout(length);
        }
        cursor.tunnel(TunnelKind.GENEVE, cursor.u32(4) >>> 8);
        cursor.skip(length);
        return links.ofType(type);
    }

    /** GTPv1-U: 3GPP TS 29.281 section 5. */
    private Layer gtp() {
        if (cursor.captured < 8) {
            return cursor.stopWithout(8);
        }
        int flags = cursor.u8(0);
        boolean version1 = (flags & 0xf0) == 0x30;
        if (!version1 || cursor.u8(1) != GTP_DATA || cursor.u16(2) != cursor.wire - 8) {
            return cursor.stop(SkipReason.NOT_TCP);
        }
        cursor.tunnel(TunnelKind.GTPU, cursor.u32(4));
        if ((flags & 7) == 0) {
            cursor.skip(8);
            return Layer.IP;
        }
        // any of the three flags adds all of sequence number, N-PDU number and type of the next extension
        if (cursor.captured < 12) {
            return cursor.stopWithout(12);
        }
        int extension = (flags & 4) != 0 ? cursor.u8(11) : 0;
        cursor.skip(12);
        while (extension != 0) {
            if (cursor.captured < 4) {
                return cursor.stopWithout(4);
            }
            int length = cursor.u8(0) * 4;
            if (length == 0) {
                return cursor.stop(SkipReason.NOT_TCP);
            }
            if (cursor.captured < length) {
                return cursor.stopWithout(length);
            }
            extension = cursor.u8(length - 1);
            cursor.skip(length);
        }
        return Layer.IP;
    }

    /**
     * Teredo peers and relays talk to each other on ports of their own (RFC 4380 section 5.2): bare IPv6 of exactly the
     * datagram's length, with an address under Teredo's prefix.
     */
    private Layer betweenTeredoPeers() {
        if (cursor.captured < 8 + 40
                || cursor.u8(8) >>> 4 != 6
                || cursor.u16(8 + 4) + 8 + 40 != cursor.wire
                || cursor.i32(8 + 8) != TEREDO_PREFIX && cursor.i32(8 + 24) != TEREDO_PREFIX) {
            return cursor.stop(SkipReason.NOT_TCP);
        }
        cursor.tunnel(TunnelKind.TEREDO, OuterHeaders.NO_ID);
        cursor.skip(8);
        cursor.guessedTunnel = true;
        return Layer.IPV6;
    }

    /** IPv6 behind authentication and origin indications, both optional (RFC 4380 section 5.1.1). */
    private Layer teredo() {
        cursor.tunnel(TunnelKind.TEREDO, OuterHeaders.NO_ID);
        if (cursor.captured < 4) {
            return cursor.stopWithout(4);
        }
        if (cursor.u16(0) == 1) {
            int length = 4 + cursor.u8(2) + cursor.u8(3) + 9;
            if (cursor.captured < length) {
                return cursor.stopWithout(length);
            }
            cursor.skip(length);
        }
        if (cursor.captured < 2) {
            return cursor.stopWithout(2);
        }
        if (cursor.u16(0) == 0) {
            if (cursor.captured < 9) {
                return cursor.stopWithout(9);
            }
            cursor.skip(8);
        }
        return cursor.u8(0) >>> 4 == 6 ? Layer.IPV6 : cursor.stop(SkipReason.NOT_TCP);
    }
}
