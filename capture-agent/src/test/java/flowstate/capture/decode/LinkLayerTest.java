package flowstate.capture.decode;

import static flowstate.capture.decode.Octets.SYN;
import static flowstate.capture.decode.Octets.decode;
import static flowstate.capture.decode.Octets.ethernet;
import static flowstate.capture.decode.Octets.ipv4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkLayerTest {
    private static final String WIRELESS_ADDRESSES = "020000000001 020000000002 020000000003";
    private static final String SNAP_IPV4 = "aaaa03 000000 0800" + ipv4(6, SYN);

    @ParameterizedTest
    @ValueSource(ints = {-1, 2, 147, 189, 258, 65535, Integer.MAX_VALUE})
    void aLinkTypeThatIsNotKnownIsSaid(int linkType) {
        assertThat(decode(linkType, ipv4(6, SYN)).reason()).isEqualTo(SkipReason.UNKNOWN_LINK_TYPE);
    }

    @ParameterizedTest
    @CsvSource({
        "ARP, 1, 020000000001 020000000002 0806 0001 0800 0604 0001 020000000001 0a000001 000000000000 0a000002",
        "LLDP, 1, 0180c200000e 020000000002 88cc 0207 0400",
        "ARP behind a tag, 1, 020000000001 020000000002 8100 0005 0806 0001 0800 0604 0001",
        "spanning tree (LLC without SNAP), 1, 0180c2000000 020000000002 0026 424203 0000000000",
        "Cisco discovery (SNAP of another organisation), 1, 01000ccccccc 020000000002 0020 aaaa03 00000c 2000 02b4",
        "Novell raw 802.3, 1, ffffffffffff 020000000002 0022 ffff 0022 0011 0000 0000",
        "PPPoE discovery, 1, ffffffffffff 020000000002 8863 1109 0000 0004 0101 0000",
        "PPPoE termination, 1, 020000000001 020000000002 8864 11a7 0001 0000 0000",
        "PPP link control, 9, ff03 c021 0101 0004",
        "loopback of AppleTalk, 0, 10000000 0000 0000",
        "SLL with ARP, 113, 0000 0001 0006 020000000001 0000 0806 0001 0800",
        "SLL2 with ARP, 276, 0806 0000 00000002 0001 00 06 020000000001 0000 0001 0800",
        "Cisco HDLC keep-alive, 104, 8f00 8035 00000002",
        "MPLS with something else, 1, 020000000001 020000000002 8847 00010140 50000000",
        "802.11 beacon, 105, 8000 0000 ffffffffffff 020000000002 020000000003 1000 0000000000000000",
        "802.11 acknowledgement, 105, d400 0000 020000000001",
        "802.11 null function, 105, 4801 0000 020000000001 020000000002 020000000003 1000",
        "802.11 encrypted, 105, 0841 0000 020000000001 020000000002 020000000003 1000 aaaa03 000000 0800 45",
        "NFLOG without a packet, 239, 0200 0000 0800 0100 0800 0100",
    })
    void whatIsNotIpIsSaidToBeNotIp(String what, int linkType, String hex) {
        assertThat(decode(linkType, hex).reason()).as(what).isEqualTo(SkipReason.NOT_IP);
    }

    @ParameterizedTest
    @CsvSource({
        "PPPoE version 2, 51, 2200 0001 003e 0021 45",
        "radiotap version 1, 127, 0100 0800 00000000 0800",
        "radiotap shorter than its own header, 127, 0000 0700 00000000 0800",
        "radiotap whose further words lie outside, 127, 0000 0800 00000080 0800",
        "radiotap whose flags lie outside, 127, 0000 0800 02000000 0800",
        "NFLOG attribute shorter than its own header, 239, 0200 0000 0300 0900 45",
        "NFLOG attribute longer than the packet, 239, 0200 0000 4000 0900 45",
        "raw IP of version 5, 101, 5500 0000",
        "Ethernet that ends in an address, 1, 0200 0000",
    })
    void aLinkHeaderThatContradictsItselfIsMalformed(String what, int linkType, String hex) {
        assertThat(decode(linkType, hex).reason()).as(what).isEqualTo(SkipReason.MALFORMED);
    }

    @Test
    void anEncryptedFrameHidesItsSegment() {
        String header = "0000" + WIRELESS_ADDRESSES + "1000" + SNAP_IPV4;
        assertThat(decode(105, "0801" + header).reason()).isNull();
        assertThat(decode(105, "0841" + header).reason()).isEqualTo(SkipReason.NOT_IP);
    }

    @Test
    void aLater80211FragmentHasNoTcpHeader() {
        String fragmentOne = "0801 0000" + WIRELESS_ADDRESSES + "1100" + "00".repeat(60);
        assertThat(decode(105, fragmentOne).reason()).isEqualTo(SkipReason.FRAGMENT);
    }

    @Test
    void aFirst80211FragmentIsASegmentWithThePayloadOfThePacket() {
        String packet = ipv4(6, SYN + "61".repeat(100));
        String half = "0805 0000" + WIRELESS_ADDRESSES + "1000 aaaa03 000000 0800" + packet.substring(0, 140);
        Decoded decoded = decode(105, half);
        assertThat(decoded.reason()).isNull();
        assertThat(decoded.segment().payloadLength).isEqualTo(100);
    }

    @Test
    void paddingOfAShortFrameIsNoPayload() {
        String ack = "c350 0050 00000002 00000007 5010 faf0 0000 0000";
        Decoded decoded = decode(1, ethernet(0x0800, ipv4(6, ack)) + "000000000000");
        assertThat(decoded.reason()).isNull();
        assertThat(decoded.segment().payloadLength).isZero();
        assertThat(decoded.segment().wireLength).isEqualTo(40);
    }

    @Test
    void aFrameCheckSequenceIsNoPayload() {
        Decoded decoded = decode(105, "0801 0000" + WIRELESS_ADDRESSES + "1000" + SNAP_IPV4 + "deadbeef");
        assertThat(decoded.reason()).isNull();
        assertThat(decoded.segment().payloadLength).isZero();
    }

    @Test
    void theVlanOfThePacketBeforeIsForgotten() {
        PacketDecoder decoder = new PacketDecoder(Checksums.verify);
        DecodedSegment segment = new DecodedSegment();
        byte[] tagged = Octets.of(ethernet(0x8100, "0064 0800" + ipv4(6, SYN)));
        byte[] untagged = Octets.of(ethernet(0x0800, ipv4(6, SYN)));

        assertThat(decoder.decode(1, ByteBuffer.wrap(tagged), 0, tagged.length, tagged.length, segment))
                .isNull();
        assertThat(segment.vlanId).isEqualTo(100);
        assertThat(decoder.decode(1, ByteBuffer.wrap(untagged), 0, untagged.length, untagged.length, segment))
                .isNull();
        assertThat(segment.vlanId).isEqualTo(-1);
    }

    @Test
    void aWindowOutsideTheBufferIsTheCallersError() {
        PacketDecoder decoder = new PacketDecoder(Checksums.verify);
        assertThatThrownBy(() -> decoder.decode(1, ByteBuffer.allocate(60), 10, 60, 60, new DecodedSegment()))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
