package flowstate.capture.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Needs libpcap; skipped where it is not installed. What is selected is as pcap-filter(7) says. */
class PacketFilterTest {
    private static final TcpFrame SEGMENT =
            new TcpFrame().from("10.0.0.1", 40000).to("192.168.0.2", 80).flags("S");

    private static PacketFilter compile(String expression) {
        try {
            return PacketFilter.compile(expression);
        } catch (CaptureException e) {
            return abort("libpcap is not installed: " + e.getMessage());
        }
    }

    /** The packet in the middle of a direct buffer, as a mapped file has it. */
    private static RawPacket packet(int linkType, byte[] octets) {
        RawPacket packet = new RawPacket();
        packet.buffer = ByteBuffer.allocateDirect(octets.length + 20);
        packet.buffer.put(7, octets);
        packet.offset = 7;
        packet.capturedLength = octets.length;
        packet.originalLength = octets.length;
        packet.linkType = linkType;
        return packet;
    }

    @ParameterizedTest
    @CsvSource({
        "tcp, true",
        "udp, false",
        "port 80, true",
        "port 81, false",
        "src host 10.0.0.1 and dst port 80, true",
        "dst host 10.0.0.1, false",
        "tcp[tcpflags] & tcp-syn != 0, true",
        "tcp[13] & 1 != 0, false",
        "net 192.168.0.0/16, true",
        "ip6, false",
        "greater 1500, false",
        "'', true"
    })
    void aSegmentIsSelectedAsTcpdumpWould(String expression, boolean selected) throws CaptureException {
        try (PacketFilter filter = compile(expression)) {
            assertThat(filter.accepts(packet(PcapWriter.LINKTYPE_ETHERNET, SEGMENT.ethernet())))
                    .isEqualTo(selected);
            assertThat(filter.accepts(packet(PcapWriter.LINKTYPE_RAW, SEGMENT.raw())))
                    .isEqualTo(selected);
        }
    }

    @Test
    void packetsOfSeveralLinkTypesAreJudgedEachByItsOwn() throws CaptureException {
        try (PacketFilter filter = compile("dst port 80")) {
            for (int i = 0; i < 3; i++) {
                assertThat(filter.accepts(packet(PcapWriter.LINKTYPE_ETHERNET, SEGMENT.ethernet())))
                        .isTrue();
                assertThat(filter.accepts(packet(PcapWriter.LINKTYPE_RAW, SEGMENT.raw())))
                        .isTrue();
            }
        }
    }

    @Test
    void theLengthOnTheWireCountsNotTheCapturedOne() throws CaptureException {
        RawPacket cut = packet(PcapWriter.LINKTYPE_ETHERNET, SEGMENT.ethernet());
        cut.originalLength = 1514;
        try (PacketFilter filter = compile("greater 1500")) {
            assertThat(filter.accepts(cut)).isTrue();
        }
    }

    @Test
    void aPacketLongerThanAllBeforeIsJudgedWhole() throws CaptureException {
        byte[] large = new TcpFrame()
                .from("10.0.0.1", 1)
                .to("10.0.0.2", 2)
                .payload(new byte[20_000])
                .raw();
        try (PacketFilter filter = compile("ip[19999] = 0 and greater 20000")) {
            assertThat(filter.accepts(packet(PcapWriter.LINKTYPE_RAW, large))).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp prot 80", "port", "(tcp", "host 300.0.0.1.2", "tcp and"})
    void whatLibpcapDoesNotUnderstandIsRefusedInOneLine(String expression) {
        compile("tcp").close();
        assertThatThrownBy(() -> PacketFilter.compile(expression))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("filter '" + expression + "' is not understood: ")
                .message()
                .hasSizeGreaterThan(("filter '" + expression + "' is not understood: ").length())
                .doesNotContain("\n");
    }

    @Test
    void aFilterForOneLinkTypeIsRefusedWhereItMakesNoSense() {
        try (PacketFilter filter = compile("wlan type mgt")) {
            assertThatThrownBy(() -> filter.accepts(packet(PcapWriter.LINKTYPE_RAW, SEGMENT.raw())))
                    .isInstanceOf(CaptureException.class)
                    .hasMessageStartingWith("filter 'wlan type mgt' does not fit packets of link type 101: ");
        }
    }
}
