package flowstate.capture.decode;

import static flowstate.capture.decode.Octets.ADDRESSES_4;
import static flowstate.capture.decode.Octets.ADDRESSES_6;
import static flowstate.capture.decode.Octets.SYN;
import static flowstate.capture.decode.Octets.decode;
import static flowstate.capture.decode.Octets.ipv4;
import static flowstate.capture.decode.Octets.ipv6;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InternetLayerTest {
    private static final int RAW = 101;
    private static final String DATA = "61".repeat(100);

    @Test
    void lengthsComeFromTheIpHeaderNotFromWhatWasCaptured() {
        byte[] octets = Octets.of(ipv4(6, SYN + DATA));
        Decoded decoded = decode(RAW, octets, 60, octets.length);
        assertThat(decoded.reason()).isNull();
        assertThat(decoded.segment().payloadLength).isEqualTo(100);
        assertThat(decoded.segment().wireLength).isEqualTo(160);
    }

    @Test
    void trafficClassHoldsDscpAndEcn() {
        assertThat(decode(RAW, ipv4(6, SYN)).segment().trafficClass).isEqualTo(46 << 2 | 1);
        assertThat(decode(RAW, ipv6(6, SYN)).segment().trafficClass).isEqualTo(46 << 2 | 1);
    }

    @Test
    void optionsOfIpv4AreNoPayload() {
        Decoded decoded = decode(RAW, "4600 0044 1234 4000 4006 0000" + ADDRESSES_4 + "94040000" + SYN + "61626364");
        assertThat(decoded.reason()).isNull();
        assertThat(decoded.segment().payloadLength).isEqualTo(4);
    }

    @Test
    void withTotalLengthZeroAllThatWasSentCounts() {
        byte[] octets = Octets.of("4500 0000 1234 4000 4006 0000" + ADDRESSES_4 + SYN + DATA);
        Decoded decoded = decode(RAW, octets, 64, 70_000);
        assertThat(decoded.reason()).isNull();
        assertThat(decoded.segment().payloadLength).isEqualTo(70_000 - 60);
        assertThat(decoded.segment().wireLength).isEqualTo(70_000);
    }

    @Test
    void theFirstFragmentIsASegmentWithItsOwnPayload() {
        Decoded decoded = decode(RAW, ipv4(6, "2000", SYN + "61626364"));
        assertThat(decoded.reason()).isNull();
        assertThat(decoded.segment().payloadLength).isEqualTo(4);
    }

    @Test
    void theFirstFragmentMayEndWithinTheOptions() {
        Decoded decoded = decode(RAW, ipv4(6, "2000", SYN.replaceAll("\\s", "").substring(0, 48)));
        assertThat(decoded.reason()).isNull();
        assertThat(decoded.segment().payloadLength).isZero();
        assertThat(decoded.segment().mss).isEqualTo(1460);
        assertThat(decoded.segment().windowScale).isEqualTo(-1);
    }

    @Test
    void aFirstFragmentThatEndsWithinTheFixedHeaderIsAFragment() {
        assertThat(decode(RAW, ipv4(6, "2000", SYN.replaceAll("\\s", "").substring(0, 32)))
                        .reason())
                .isEqualTo(SkipReason.FRAGMENT);
        assertThat(decode(RAW, ipv6(44, "0600 0001 00000001 c350005000000001")).reason())
                .isEqualTo(SkipReason.FRAGMENT);
    }

    @Test
    void laterFragmentsOfTcpAreFragments() {
        assertThat(decode(RAW, ipv4(6, "2003", SYN)).reason()).isEqualTo(SkipReason.FRAGMENT);
        assertThat(decode(RAW, ipv4(6, "0003", SYN)).reason()).isEqualTo(SkipReason.FRAGMENT);
        assertThat(decode(RAW, ipv6(44, "0600 0008 00000001" + SYN)).reason()).isEqualTo(SkipReason.FRAGMENT);
    }

    @Test
    void laterFragmentsOfUdpAreNotTcp() {
        assertThat(decode(RAW, ipv4(17, "0003", SYN)).reason()).isEqualTo(SkipReason.NOT_TCP);
        assertThat(decode(RAW, ipv6(44, "1100 0008 00000001" + SYN)).reason()).isEqualTo(SkipReason.NOT_TCP);
    }

    @Test
    void aPacketInsideAFirstFragmentHasItsWholeLength() {
        // 200 octets of payload inside, of which the first fragment of the outer datagram holds 4
        String inner = "4500 0104 1234 4000 4006 0000" + ADDRESSES_4 + SYN + "61626364";
        Decoded decoded = decode(RAW, ipv4(4, "2000", inner));
        assertThat(decoded.reason()).isNull();
        assertThat(decoded.segment().payloadLength).isEqualTo(200);
        assertThat(decoded.segment().wireLength).isEqualTo(260);
    }

    @Test
    void aJumbogramHasTheLengthOfItsOption() {
        // RFC 2675 section 2: payload length 0, option c2 with the length behind the fixed header
        byte[] octets = Octets.of("60000000 0000 0040" + ADDRESSES_6 + "0600 c204 00012345" + SYN);
        Decoded decoded = decode(RAW, octets, octets.length, 40 + 0x12345);
        assertThat(decoded.reason()).isNull();
        assertThat(decoded.segment().wireLength).isEqualTo(40 + 0x12345);
        assertThat(decoded.segment().payloadLength).isEqualTo(0x12345 - 8 - 40);
    }

    @Test
    void aJumboLengthThatAnOrdinaryFieldCouldHoldIsMalformed() {
        byte[] octets = Octets.of("60000000 0000 0040" + ADDRESSES_6 + "0600 c204 00000030" + SYN);
        assertThat(decode(RAW, octets, octets.length, octets.length).reason()).isEqualTo(SkipReason.MALFORMED);
    }

    @Test
    void withPayloadLengthZeroAndNoJumboOptionAllThatWasSentCounts() {
        byte[] octets = Octets.of("60000000 0000 0640" + ADDRESSES_6 + SYN);
        Decoded decoded = decode(RAW, octets, octets.length, 80_000);
        assertThat(decoded.reason()).isNull();
        assertThat(decoded.segment().payloadLength).isEqualTo(80_000 - 80);
    }

    @Test
    void theEndOfASourceRouteIsTheDestination() {
        String route = "0604 0001 00000000" + "20010db8" + "00".repeat(11) + "88" + "20010db8" + "00".repeat(11) + "99";
        Decoded decoded = decode(RAW, ipv6(43, route + SYN));
        assertThat(decoded.reason()).isNull();
        assertThat(decoded.destination()).isEqualTo("20010db8000000000000000000000099");
    }

    @Test
    void theFirstOfASegmentListIsTheDestination() {
        // RFC 8754 section 2: type 4, segments left 1, last entry 1, Segment List[0] is the last of the path
        String route = "0604 0401 01000000" + "20010db8" + "00".repeat(11) + "99" + "20010db8" + "00".repeat(11) + "88";
        Decoded decoded = decode(RAW, ipv6(43, route + SYN));
        assertThat(decoded.reason()).isNull();
        assertThat(decoded.destination()).isEqualTo("20010db8000000000000000000000099");
    }

    @ParameterizedTest
    @CsvSource({
        "ICMP, 1, 0800 0000 00010001",
        "UDP, 17, c350 0035 0008 0000",
        "IPsec ESP, 50, 00000001 00000001",
        "SCTP, 132, c350 0050 00000001 00000000",
        "GRE with a source route, 47, 4000 0800 00000000 00000000",
        "GRE version 2, 47, 0002 0800 00000000",
        "PPTP acknowledgement, 47, 2081 880b 0000 0001 00000001",
        "GRE with ARP, 47, 0000 0806 0001 0800",
    })
    void whatIsNotTcpIsSaidToBeNotTcp(String what, int protocol, String payload) {
        assertThat(decode(RAW, ipv4(protocol, payload)).reason()).as(what).isEqualTo(SkipReason.NOT_TCP);
        assertThat(decode(RAW, ipv6(protocol, payload)).reason()).as(what).isEqualTo(SkipReason.NOT_TCP);
    }

    @Test
    void noNextHeaderIsNotTcp() {
        assertThat(decode(RAW, ipv6(59, "")).reason()).isEqualTo(SkipReason.NOT_TCP);
    }

    @ParameterizedTest
    @CsvSource({
        "header length 16, 4400 003c 1234 4000 4006 0000 0a000001 0a000002",
        "header longer than the total length, 4f00 0028 1234 4000 4006 0000 0a000001 0a000002",
        "total length 19, 4500 0013 1234 4000 4006 0000 0a000001 0a000002",
        "total length beyond the packet, 4500 0050 1234 4000 4006 0000 0a000001 0a000002",
        "total length within the TCP header, 4500 0027 1234 4000 4006 0000 0a000001 0a000002",
        "IPv6 payload beyond the packet, 6000 0000 0050 0640 00000000000000000000000000000001 00000000000000000000000000000002",
        "IPv6 payload within the TCP header, 6000 0000 0013 0640 00000000000000000000000000000001 00000000000000000000000000000002",
    })
    void anIpHeaderThatContradictsItselfIsMalformed(String what, String header) {
        assertThat(decode(RAW, header + SYN).reason()).as(what).isEqualTo(SkipReason.MALFORMED);
    }

    @Test
    void anotherVersionWhereOneIsPromisedIsMalformed() {
        assertThat(decode(228, ipv6(6, SYN)).reason()).isEqualTo(SkipReason.MALFORMED);
        assertThat(decode(229, ipv4(6, SYN)).reason()).isEqualTo(SkipReason.MALFORMED);
    }

    @Test
    void anExtensionHeaderLongerThanThePacketIsMalformed() {
        assertThat(decode(RAW, ipv6(60, "06ff" + "0104 00000000" + SYN)).reason())
                .isEqualTo(SkipReason.MALFORMED);
    }

    @Test
    void tunnelsInsideEachOtherHaveALimit() {
        String packet = ipv4(6, SYN);
        for (int headers = 2; headers <= PacketDecoder.MAX_IP_HEADERS; headers++) {
            packet = ipv4(4, packet);
            assertThat(decode(RAW, packet).reason())
                    .as("%d IP headers", headers)
                    .isNull();
        }
        assertThat(decode(RAW, ipv4(4, packet)).reason()).isEqualTo(SkipReason.NESTED_TOO_DEEPLY);
    }

    @Test
    void manyAuthenticationHeadersAreAsGoodAsOne() {
        String chain = "3300 0000 00000001".repeat(7_000) + "0600 0000 00000001";
        assertThat(decode(RAW, ipv4(51, chain + SYN)).reason()).isNull();
        assertThat(decode(RAW, ipv6(51, chain + SYN)).reason()).isNull();
    }
}
