package flowstate.capture.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TcpdumpListingTest {
    private static final LocalDate DATE = LocalDate.of(2016, 3, 13);

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"four-way-close", "three-way-close"})
    void theProjectsCapturesAreWhatTheirListingsSay(String name) throws Exception {
        Path capture = folder.resolve(name + ".pcap");
        TcpdumpListing.writeCapture(Captures.ofTheProject().resolve(name + ".txt"), DATE, capture);
        assertThat(capture).hasSameBinaryContentAs(Captures.ofTheProject().resolve(name + ".pcap"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"four-way-close", "three-way-close"})
    void tcpdumpPrintsTheListingsAgain(String name) throws Exception {
        List<String> printed = tcpdump(Captures.ofTheProject().resolve(name + ".pcap"), "-n");
        assertThat(printed)
                .map(line -> line.replace("127.0.0.1", "localhost"))
                .isEqualTo(Files.readAllLines(Captures.ofTheProject().resolve(name + ".txt")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"four-way-close", "three-way-close"})
    void tcpdumpFindsTheChecksumsRight(String name) throws Exception {
        List<String> printed = tcpdump(Captures.ofTheProject().resolve(name + ".pcap"), "-nvv");
        assertThat(printed).noneMatch(line -> line.contains("bad cksum") || line.contains("incorrect"));
        assertThat(printed).filteredOn(line -> line.contains("(correct)")).hasSizeGreaterThanOrEqualTo(6);
    }

    @Test
    void tcpdumpReadsFramesOfEachFamilyAndLinkLayerAsTheyWereMeant() throws Exception {
        TcpFrame four = new TcpFrame()
                .from("192.0.2.1", 40_000)
                .to("198.51.100.2", 80)
                .seq(4_294_967_295L)
                .ack(7)
                .flags("P.EW")
                .window(501)
                .ttl(57)
                .ipId(4_660)
                .trafficClass(2)
                .vlan(42)
                .nop()
                .nop()
                .timestamps(4_000_000_000L, 1)
                .payload("hello");
        TcpFrame six = new TcpFrame()
                .from("2001:db8::1", 40_000)
                .to("2001:db8::2", 443)
                .seq(1)
                .flags("S")
                .mss(1_440)
                .sackPermitted()
                .windowScale(7);
        String fourSays = "192.0.2.1.40000 > 198.51.100.2.80: Flags [P.EW], cksum 0x";
        String fourFields =
                " (correct), seq 4294967295:4, ack 7, win 501, options [nop,nop,TS val 4000000000 ecr 1], length 5";
        String sixSays = "2001:db8::1.40000 > 2001:db8::2.443: Flags [S], cksum 0x";
        String sixFields = " (correct), seq 1, win 65535, options [mss 1440,sackOK,wscale 7,eol], length 0";

        for (int linkType :
                new int[] {PcapWriter.LINKTYPE_ETHERNET, PcapWriter.LINKTYPE_NULL, PcapWriter.LINKTYPE_RAW}) {
            Path file = folder.resolve("frames-" + linkType + ".pcap");
            try (PcapWriter writer = PcapWriter.create(file, linkType)) {
                writer.write(0, frame(four, linkType)).write(1_000, frame(six, linkType));
            }
            String printed = String.join(" ", tcpdump(file, "-nvvS")).replaceAll("\\s+", " ");
            assertThat(printed)
                    .contains(
                            fourSays,
                            fourFields,
                            sixSays,
                            sixFields,
                            "ttl 57",
                            "id 4660",
                            "flags [DF]",
                            "tos 0x2,ECT(0)")
                    .doesNotContain("bad cksum");
        }
        assertThat(String.join(" ", tcpdump(folder.resolve("frames-1.pcap"), "-ne")))
                .contains("vlan 42, p 0, ethertype IPv4");
    }

    @Test
    void aLineThatIsNoSegmentIsRefused() {
        assertThatThrownBy(() -> TcpdumpListing.parse(List.of("02:24:03.5 ARP, who-has"), DATE))
                .hasMessageContaining("no TCP segment");
    }

    private static byte[] frame(TcpFrame frame, int linkType) {
        return switch (linkType) {
            case PcapWriter.LINKTYPE_ETHERNET -> frame.ethernet();
            case PcapWriter.LINKTYPE_NULL -> frame.nullLoopback(ByteOrder.nativeOrder());
            default -> frame.raw();
        };
    }

    private static List<String> tcpdump(Path capture, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("tcpdump", "-r", capture.toString()));
        command.addAll(Arrays.asList(options));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("TZ", "UTC");
        Process process = null;
        try {
            process = builder.start();
        } catch (IOException e) {
            assumeTrue(false, "needs tcpdump");
            throw e;
        }
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return printed.lines().toList();
    }
}
