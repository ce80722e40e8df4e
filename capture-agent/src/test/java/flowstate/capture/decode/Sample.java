package flowstate.capture.decode;

import static flowstate.capture.decode.Octets.ADDRESSES_4;
import static flowstate.capture.decode.Octets.MAC_ADDRESSES;
import static flowstate.capture.decode.Octets.SYN;
import static flowstate.capture.decode.Octets.ethernet;
import static flowstate.capture.decode.Octets.ipv4;
import static flowstate.capture.decode.Octets.ipv6;
import static flowstate.capture.decode.Octets.udp;

import java.util.List;

/**
 * {@link Octets#SYN} behind one of the stacks of headers that lead to it; it ends the packet.
 *
 * @param vlanId what is to be found, or -1
 */
record Sample(String name, int linkType, String hex, int vlanId) {

    private static final String TCP4 = ipv4(6, SYN);
    private static final String TCP6 = ipv6(6, SYN);
    private static final String PADDING_OPTION = "0104 00000000";

    static List<Sample> all() {
        return List.of(
                sample("Ethernet", 1, ethernet(0x0800, TCP4)),
                sample("Ethernet, IPv6", 1, ethernet(0x86dd, TCP6)),
                tagged("802.1Q", 1, ethernet(0x8100, "a064 0800" + TCP4), 100),
                tagged("QinQ, provider tag", 1, ethernet(0x88a8, "0005 8100 00c8 86dd" + TCP6), 200),
                tagged("QinQ, old tag", 1, ethernet(0x9100, "0005 8100 0fff 0800" + TCP4), 4095),
                sample("802.3 with SNAP", 1, ethernet(68, "aaaa03 000000 0800" + TCP4)),
                tagged("802.1Q, 802.3 with SNAP", 1, ethernet(0x8100, "0007 0044 aaaa03 000000 0800" + TCP4), 7),
                sample("802.3, IP access point", 1, ethernet(63, "060603" + TCP4)),
                sample("PPPoE", 1, ethernet(0x8864, "1100 0001 003e 0021" + TCP4)),
                sample("PPPoE, IPv6", 1, ethernet(0x8864, "1100 0001 0052 0057" + TCP6)),
                tagged("PPPoE in 802.1Q", 1, ethernet(0x8100, "0009 8864 1100 0001 003e 0021" + TCP4), 9),
                sample("MPLS", 1, ethernet(0x8847, "00010140" + TCP4)),
                sample("MPLS, three labels, IPv6", 1, ethernet(0x8848, "00010040 00020040 00030140" + TCP6)),
                sample(
                        "Ethernet pseudowire in MPLS",
                        1,
                        ethernet(0x8847, "00010140 00000000" + ethernet(0x0800, TCP4))),
                sample(
                        "Ethernet pseudowire in MPLS without control word",
                        1,
                        ethernet(0x8847, "00010140 0002b3000001 0002b3000002 0800" + TCP4)),
                sample("VN-Tag", 1, ethernet(0x8926, "00010002 0800" + TCP4)),
                tagged("VN-Tag, 802.1Q", 1, ethernet(0x8926, "00010002 8100 0064 86dd" + TCP6), 100),
                sample("provider backbone", 1, ethernet(0x88e7, "00000001" + ethernet(0x0800, TCP4))),
                sample("FabricPath", 1, ethernet(0x8903, "0060" + ethernet(0x0800, TCP4))),
                sample("NULL, little-endian", 0, "02000000" + TCP4),
                sample("NULL, big-endian", 0, "00000002" + TCP4),
                sample("NULL, IPv6 of Darwin", 0, "1e000000" + TCP6),
                sample("NULL, IPv6 of FreeBSD", 0, "0000001c" + TCP6),
                sample("NULL, IPv6 of OpenBSD", 0, "18000000" + TCP6),
                sample("LOOP", 108, "00000002" + TCP4),
                sample("LOOP, IPv6 of OpenBSD", 108, "00000018" + TCP6),
                sample("raw IP, IPv4", 101, TCP4),
                sample("raw IP, IPv6", 101, TCP6),
                sample("raw IPv4", 228, TCP4),
                sample("raw IPv6", 229, TCP6),
                sample("SLL", 113, "0000 0001 0006 020000000001 0000 0800" + TCP4),
                sample("SLL, IPv6, loopback", 113, "0000 0304 0006 000000000000 0000 86dd" + TCP6),
                tagged("SLL, 802.1Q", 113, "0000 0001 0006 020000000001 0000 8100 0064 0800" + TCP4, 100),
                sample("SLL2", 276, "0800 0000 00000002 0001 00 06 020000000001 0000" + TCP4),
                sample("SLL2, IPv6", 276, "86dd 0000 00000002 0001 00 06 020000000001 0000" + TCP6),
                sample("PPP", 9, "0021" + TCP4),
                sample("PPP, HDLC-like framing", 9, "ff03 0057" + TCP6),
                sample("PPP, protocol field compressed", 50, "ff03 21" + TCP4),
                sample("PPP in HDLC", 50, "ff03 0021" + TCP4),
                sample("PPP, MPLS", 50, "ff03 0281 00010140" + TCP4),
                sample("Cisco HDLC", 104, "0f00 0800" + TCP4),
                sample("Cisco HDLC, multicast, IPv6", 50, "8f00 86dd" + TCP6),
                sample("PPP with direction", 204, "01 ff03 0021" + TCP4),
                sample("PPPoE without Ethernet", 51, "1100 0001 003e 0021" + TCP4),
                sample("FDDI", 10, "50" + MAC_ADDRESSES + "aaaa03 000000 0800" + TCP4),
                sample(
                        "802.11 data",
                        105,
                        "0802 0000 020000000001 020000000002 020000000003 1000 aaaa03 000000 0800" + TCP4),
                sample(
                        "802.11 QoS data, IPv6",
                        105,
                        "8801 0000 020000000001 020000000002 020000000003 1000 0000 aaaa03 000000 86dd" + TCP6),
                sample(
                        "802.11 QoS data, four addresses, high-throughput control",
                        105,
                        "8883 0000 020000000001 020000000002 020000000003 1000 020000000004 0000 00000000"
                                + "aaaa03 000000 0800" + TCP4),
                sample(
                        "802.11 aggregate",
                        105,
                        "8801 0000 020000000001 020000000002 020000000003 1000 8000" + MAC_ADDRESSES
                                + "0044 aaaa03 000000 0800" + TCP4),
                sample(
                        "radiotap",
                        127,
                        "0000 0800 00000000"
                                + "0802 0000 020000000001 020000000002 020000000003 1000 aaaa03 000000 0800" + TCP4),
                sample(
                        "radiotap with clock, flags, a second word, padded 802.11 header",
                        127,
                        "0000 1900 03000080 00000000 00000000 0102030405060708 20"
                                + "8801 0000 020000000001 020000000002 020000000003 1000 0000 0000"
                                + "aaaa03 000000 0800" + TCP4),
                sample(
                        "NFLOG, little-endian",
                        239,
                        "0200 0000 0800 0100 0800 0100 0500 0a00 00000000 4000 0900" + TCP4),
                sample("NFLOG, big-endian, IPv6", 239, "0a00 0000 0008 0001 86dd 0100 0054 0009" + TCP6),
                sample(
                        "IPv4 with options",
                        101,
                        "4700 0044 1234 4000 4006 0000" + ADDRESSES_4 + "94040000 01010100" + SYN),
                sample(
                        "IPv4, IPsec authentication",
                        101,
                        ipv4(51, "0604 0000 00000001 00000001" + "00".repeat(12) + SYN)),
                sample("IPv6, hop-by-hop options", 101, ipv6(0, "0600" + PADDING_OPTION + SYN)),
                sample("IPv6, destination options", 101, ipv6(60, "0601" + PADDING_OPTION + "0106 000000000000" + SYN)),
                sample("IPv6, routing, no segments left", 101, ipv6(43, "0602 0000 00000000" + "fe".repeat(16) + SYN)),
                sample("IPv6, atomic fragment", 101, ipv6(44, "0600 0000 00000001" + SYN)),
                sample(
                        "IPv6, IPsec authentication",
                        101,
                        ipv6(51, "0604 0000 00000001 00000001" + "00".repeat(12) + SYN)),
                sample(
                        "IPv6, a chain of extension headers",
                        101,
                        ipv6(
                                0,
                                "2b00" + PADDING_OPTION + "3c02 0000 00000000" + "fe".repeat(16) + "2c00"
                                        + PADDING_OPTION + "0600 0000 00000001" + SYN)),
                sample("IPv4 in IPv4", 101, ipv4(4, TCP4)),
                sample("IPv6 in IPv4", 101, ipv4(41, TCP6)),
                sample("IPv4 in IPv6", 101, ipv6(4, TCP4)),
                sample("IPv6 in IPv6, behind an option", 101, ipv6(60, "2900" + PADDING_OPTION + TCP6)),
                sample("GRE", 101, ipv4(47, "0000 0800" + TCP4)),
                sample("GRE, IPv6 over IPv6", 101, ipv6(47, "0000 86dd" + TCP6)),
                sample(
                        "GRE with checksum, key and sequence number",
                        101,
                        ipv4(47, "b000 0800 00000000 00000001 00000002" + TCP4)),
                sample("GRE, Ethernet", 101, ipv4(47, "2000 6558 00000001" + ethernet(0x0800, TCP4))),
                sample("GRE, MPLS", 101, ipv4(47, "0000 8847 00010140" + TCP4)),
                sample("ERSPAN I", 101, ipv4(47, "0000 88be" + ethernet(0x0800, TCP4))),
                sample(
                        "ERSPAN II",
                        101,
                        ipv4(47, "1000 88be 00000001" + "1001 0001 00000001" + ethernet(0x0800, TCP4))),
                sample(
                        "ERSPAN III",
                        101,
                        ipv4(47, "1000 22eb 00000001" + "2001 0001 00000001 0000 0000" + ethernet(0x86dd, TCP6))),
                sample(
                        "ERSPAN III with a platform's header",
                        101,
                        ipv4(
                                47,
                                "1000 22eb 00000001" + "2001 0001 00000001 0000 0001" + "00".repeat(8)
                                        + ethernet(0x0800, TCP4))),
                sample(
                        "GRE, 802.11 from an access point",
                        101,
                        ipv4(
                                47,
                                "0000 8200"
                                        + "0802 0000 020000000001 020000000002 020000000003 1000 aaaa03 000000 0800"
                                        + TCP4)),
                sample("PPTP", 101, ipv4(47, "3081 880b 0040 0001 00000001 00000002 ff03 0021" + TCP4)),
                sample("VXLAN", 101, ipv4(17, udp(50001, 4789, "08000000 00000100" + ethernet(0x0800, TCP4)))),
                tagged(
                        "VXLAN in 802.1Q, IPv6, 802.1Q inside",
                        1,
                        ethernet(
                                0x8100,
                                "0064 86dd"
                                        + ipv6(
                                                17,
                                                udp(
                                                        50001,
                                                        4789,
                                                        "08000000 00000100" + ethernet(0x8100, "00c8 86dd" + TCP6)))),
                        200),
                sample("GENEVE", 101, ipv4(17, udp(50001, 6081, "0000 6558 00000100" + ethernet(0x0800, TCP4)))),
                sample(
                        "GENEVE with an option",
                        101,
                        ipv4(17, udp(50001, 6081, "0200 86dd 00000100 01028001 00000000" + TCP6))),
                sample("GTP-U", 101, ipv4(17, udp(2152, 2152, "30ff 003c 00000001" + TCP4))),
                sample(
                        "GTP-U with a sequence number and an extension header",
                        101,
                        ipv4(17, udp(50001, 2152, "36ff 0058 00000001 00010085 01000900" + TCP6))),
                sample(
                        "AYIYA",
                        101,
                        ipv4(17, udp(50001, 5072, "4152 1129 00000001" + "fe".repeat(16) + "00".repeat(20) + TCP6))),
                sample("Teredo", 101, ipv4(17, udp(50001, 3544, TCP6))),
                sample("Teredo, origin indication", 101, ipv4(17, udp(3544, 50001, "0000 3cae f5fffffd" + TCP6))),
                sample(
                        "Teredo, authentication and origin",
                        101,
                        ipv4(17, udp(3544, 50001, "0001 0000 0102030405060708 00 0000 3cae f5fffffd" + TCP6))));
    }

    private static Sample sample(String name, int linkType, String hex) {
        return new Sample(name, linkType, hex, -1);
    }

    private static Sample tagged(String name, int linkType, String hex, int vlanId) {
        return new Sample(name, linkType, hex, vlanId);
    }

    byte[] octets() {
        return Octets.of(hex);
    }

    boolean overIpv6() {
        String octets = hex.replaceAll("\\s", "");
        return octets.endsWith(TCP6.replaceAll("\\s", ""))
                || octets.startsWith("6b91") && !octets.contains(TCP4.replaceAll("\\s", ""));
    }

    @Override
    public String toString() {
        return name;
    }
}
