package flowstate.capture.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is said of the tunnels of the samples; {@link TsharkTest} has tshark's word on addresses and identifiers. */
class OuterHeadersTest {
    private static final String OVER_4 = " 10.0.0.1>10.0.0.2";
    private static final String OVER_6 = " 2001:db8::1>2001:db8::2";

    private static String text(DecodedSegment segment, boolean reversed) {
        byte[] octets = new byte[OuterHeaders.MOST_OCTETS];
        int length = segment.outer.write(octets, reversed);
        return OuterHeaders.text(octets, length, segment.addressLength);
    }

    @Test
    void aTunnelIsToldByItsKindIdentifierAndOuterAddresses() {
        Map<String, String> found = new HashMap<>();
        for (Sample sample : Sample.all()) {
            DecodedSegment segment =
                    Octets.decode(sample.linkType(), sample.hex()).segment();
            if (segment.outerHeaders > 0) {
                found.put(sample.name(), text(segment, false));
            }
        }
        Map<String, String> expected = new HashMap<>(Map.of(
                "IPv4 in IPv4", "4in4" + OVER_4,
                "IPv6 in IPv4", "6in4" + OVER_4,
                "IPv4 in IPv6", "4in6" + OVER_6,
                "IPv6 in IPv6, behind an option", "6in6" + OVER_6,
                "GRE", "gre" + OVER_4,
                "GRE, IPv6 over IPv6", "gre" + OVER_6,
                "GRE with checksum, key and sequence number", "gre 1" + OVER_4,
                "GRE, Ethernet", "gre 1" + OVER_4,
                "GRE, MPLS", "gre" + OVER_4,
                "GRE, 802.11 from an access point", "gre" + OVER_4));
        expected.putAll(Map.of(
                "ERSPAN I", "erspan" + OVER_4,
                "ERSPAN II", "erspan 1" + OVER_4,
                "ERSPAN III", "erspan 1" + OVER_4,
                "ERSPAN III with a platform's header", "erspan 1" + OVER_4,
                "PPTP", "pptp 1" + OVER_4,
                "VXLAN", "vxlan 1" + OVER_4,
                "VXLAN in 802.1Q, IPv6, 802.1Q inside", "vxlan 1" + OVER_6,
                "GENEVE", "geneve 1" + OVER_4,
                "GENEVE with an option", "geneve 1" + OVER_4));
        expected.putAll(Map.of(
                "GTP-U", "gtpu 1" + OVER_4,
                "GTP-U with a sequence number and an extension header", "gtpu 1" + OVER_4,
                "AYIYA", "ayiya" + OVER_4,
                "Teredo", "teredo" + OVER_4,
                "Teredo, origin indication", "teredo" + OVER_4,
                "Teredo, authentication and origin", "teredo" + OVER_4));
        assertThat(found).containsAllEntriesOf(expected);
        assertThat(Sample.all().stream()
                        .filter(sample -> !found.containsKey(sample.name()))
                        .map(Sample::name)
                        .collect(Collectors.joining()))
                .as("those without a tunnel")
                .doesNotContain(" in IPv", "GRE", "GTP", "VXLAN", "Teredo");
    }

    @Test
    void tunnelsInsideEachOtherAreToldFromTheOutermostOn() {
        String inner = Octets.ipv6(4, Octets.ipv4(6, Octets.SYN));
        DecodedSegment segment = Octets.decode(101, Octets.ipv4(47, "2000 86dd 00000007" + inner))
                .segment();

        assertThat(segment.outerHeaders).isEqualTo(2);
        assertThat(text(segment, false)).isEqualTo("gre 7" + OVER_4 + ", 4in6" + OVER_6);
        assertThat(text(segment, true)).isEqualTo("gre 7 10.0.0.2>10.0.0.1, 4in6 2001:db8::2>2001:db8::1");
    }

    @Test
    void aPlainPacketAfterATunnelledOneHasNone() {
        PacketDecoder decoder = new PacketDecoder(Checksums.ignore);
        DecodedSegment segment = new DecodedSegment();
        for (int outer : new int[] {1, 0, 1}) {
            byte[] octets =
                    Octets.of(outer == 0 ? Octets.ipv4(6, Octets.SYN) : Octets.ipv4(4, Octets.ipv4(6, Octets.SYN)));
            assertThat(decoder.decode(101, ByteBuffer.wrap(octets), 0, octets.length, octets.length, segment))
                    .isNull();
            assertThat(segment.outerHeaders).isEqualTo(outer);
        }
    }
}
