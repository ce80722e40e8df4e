package flowstate.capture.decode;

import static flowstate.capture.decode.Octets.SYN;
import static flowstate.capture.decode.Octets.decode;
import static flowstate.capture.decode.Octets.ethernet;
import static flowstate.capture.decode.Octets.ipv4;
import static flowstate.capture.decode.Octets.ipv6;
import static flowstate.capture.decode.Octets.udp;
import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UdpTunnelsTest {
    private static final String FRAME = ethernet(0x0800, ipv4(6, SYN));

    private static @Nullable SkipReason reasonFor(int source, int destination, String payload) {
        return decode(101, ipv4(17, udp(source, destination, payload))).reason();
    }

    @Test
    void aTunnelHeaderOnAnotherPortIsNoTunnel() {
        assertThat(reasonFor(50001, 4790, "08000000 00000100" + FRAME)).isEqualTo(SkipReason.NOT_TCP);
        assertThat(reasonFor(4789, 50001, "08000000 00000100" + FRAME)).isEqualTo(SkipReason.NOT_TCP);
    }

    @ParameterizedTest
    @CsvSource({
        "VXLAN without its flag, 4789, 00000000 00000100",
        "VXLAN with the last octet used, 4789, 08000000 00000101",
        "GENEVE version 1, 6081, 4000 6558 00000100",
        "GENEVE control, 6081, 0080 6558 00000100",
    })
    void aHeaderThatIsNotAsSpecifiedIsNoTunnel(String what, int port, String header) {
        assertThat(reasonFor(50001, port, header + FRAME)).as(what).isEqualTo(SkipReason.NOT_TCP);
    }

    @ParameterizedTest
    @CsvSource({
        "version 2, 50ff 003c 00000001",
        "charging protocol, 20ff 003c 00000001",
        "echo request, 3001 003c 00000001",
        "length too small, 30ff 003b 00000001",
        "length too large, 30ff 003d 00000001",
        "extension header of length 0, 34ff 0044 00000001 00000085 00010900",
    })
    void gtpThatIsNotDataIsNotTcp(String what, String header) {
        assertThat(reasonFor(2152, 2152, header + ipv4(6, SYN))).as(what).isEqualTo(SkipReason.NOT_TCP);
    }

    @Test
    void arpInsideVxlanIsNotTcp() {
        assertThat(reasonFor(50001, 4789, "08000000 00000100" + ethernet(0x0806, "0001 0800 0604 0001")))
                .isEqualTo(SkipReason.NOT_TCP);
    }

    @Test
    void aTeredoBubbleIsNotTcp() {
        assertThat(reasonFor(50001, 3544, ipv6(59, ""))).isEqualTo(SkipReason.NOT_TCP);
    }

    @Test
    void nonsenseBehindATunnelHeaderMeansThatThereIsNoTunnel() {
        // a client's source port may be a tunnel's by chance: nothing is wrong with its packet
        assertThat(reasonFor(3544, 53, "6abc 0100 0001 0000 0000 0000 0377 7777"))
                .isEqualTo(SkipReason.NOT_TCP);
        assertThat(reasonFor(50001, 4789, "08000000 00000100" + ethernet(0x0800, "7500")))
                .isEqualTo(SkipReason.NOT_TCP);
    }

    @Test
    void aUdpLengthBeyondThePacketIsNoTunnel() {
        assertThat(decode(101, ipv4(17, "c351 12b5 00ff 0000 08000000 00000100" + FRAME))
                        .reason())
                .isEqualTo(SkipReason.NOT_TCP);
        assertThat(decode(101, ipv4(17, "c351 12b5 0007 0000 08000000 00000100" + FRAME))
                        .reason())
                .isEqualTo(SkipReason.NOT_TCP);
    }

    @Test
    void teredoPeersTalkOnPortsOfTheirOwn() {
        String mapped = "20010000 41379e50 8000f12a b9c82815";
        String host = "20014860 00002001 00000000 00000068";
        Decoded there = decode(101, ipv4(17, udp(3797, 32900, "60000000 0028 0680" + mapped + host + SYN)));
        Decoded back = decode(101, ipv4(17, udp(32900, 3797, "60000000 0028 0680" + host + mapped + SYN)));
        assertThat(there.reason()).isNull();
        assertThat(there.source()).isEqualTo(mapped.replace(" ", ""));
        assertThat(back.reason()).isNull();
        assertThat(back.destination()).isEqualTo(mapped.replace(" ", ""));
    }

    @Test
    void whatOnlyResemblesTeredoOnAnotherPortIsNot() {
        String mapped = "20010000 41379e50 8000f12a b9c82815";
        String host = "20014860 00002001 00000000 00000068";
        assertThat(reasonFor(3797, 32900, "60000000 0028 0680" + host + host + SYN))
                .isEqualTo(SkipReason.NOT_TCP);
        assertThat(reasonFor(3797, 32900, "60000000 0027 0680" + mapped + host + SYN))
                .isEqualTo(SkipReason.NOT_TCP);
        assertThat(reasonFor(3797, 32900, "50000000 0028 0680" + mapped + host + SYN))
                .isEqualTo(SkipReason.NOT_TCP);
    }
}
