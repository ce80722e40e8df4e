package flowstate.standalone;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import flowstate.capture.source.PcapWriter;
import flowstate.capture.source.TcpFrame;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A flood, a scan, and a scan in two halves, as capture files, one after the other through one replay. */
class HostAnomaliesIT {
    private static final long START_NS = 1_767_225_600_000_000_000L;
    private static final String VICTIM = "10.0.0.2";
    private static final String SCANNER = "10.0.0.1";

    @TempDir
    private static Path scratch;

    private static Map<String, PrintedEvents> printed = Map.of();
    private static String text = "";

    private interface Packets {
        void write(PcapWriter pcap) throws IOException;
    }

    private static Path file(String name) {
        return scratch.resolve(name + ".pcap");
    }

    private static String write(String name, Packets packets) throws IOException {
        try (PcapWriter pcap = new PcapWriter(
                new BufferedOutputStream(Files.newOutputStream(file(name))),
                PcapWriter.LINKTYPE_ETHERNET,
                PcapWriter.Resolution.NANOSECONDS,
                ByteOrder.LITTLE_ENDIAN)) {
            packets.write(pcap);
        }
        return file(name).toString();
    }

    private static void flood(PcapWriter pcap) throws IOException {
        for (int i = 0; i < 3_000; i++) {
            String source = "32." + (i >> 16) + "." + (i >> 8 & 0xff) + "." + (i & 0xff);
            pcap.write(
                    START_NS + i * 1_000_000L,
                    new TcpFrame()
                            .from(source, 1024)
                            .to(VICTIM, 80)
                            .seq(i)
                            .flags("S")
                            .ethernet());
        }
    }

    private static void scan(PcapWriter pcap, int fromPort, int toPort) throws IOException {
        for (int port = fromPort; port < toPort; port++) {
            long time = START_NS + port * 1_000_000L;
            pcap.write(
                    time,
                    new TcpFrame()
                            .from(SCANNER, 40000)
                            .to(VICTIM, port)
                            .seq(7)
                            .flags("S")
                            .ethernet());
            pcap.write(
                    time + 1000,
                    new TcpFrame()
                            .from(VICTIM, port)
                            .to(SCANNER, 40000)
                            .ack(8)
                            .flags("R.")
                            .ethernet());
        }
    }

    @BeforeAll
    static void replay() throws Exception {
        String[] files = {
            write("flood", HostAnomaliesIT::flood),
            write("first-half", pcap -> scan(pcap, 1, 21)),
            write("second-half", pcap -> scan(pcap, 21, 41)),
            write("scan", pcap -> scan(pcap, 1, 41))
        };
        printed = PrintedEvents.read(replayed("json", files));
        text = replayed("text", files[3]);
    }

    private static String replayed(String format, String... files) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] arguments = new String[5 + files.length];
        System.arraycopy(
                new String[] {"replay", "--format", format, "--temp-dir", scratch.toString()}, 0, arguments, 0, 5);
        System.arraycopy(files, 0, arguments, 5, files.length);
        int status = Flowstate.commandLine(PipelineParts::create, out)
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        assertThat(status).as(err.toString()).isZero();
        return out.toString();
    }

    private static List<JsonNode> ofHosts(String name) {
        return requireNonNull(printed.get(file(name).toString()), name).anomalies().stream()
                .filter(anomaly -> !anomaly.has("connection_id"))
                .toList();
    }

    private static List<String> statuses(String name) {
        return ofHosts(name).stream()
                .map(anomaly -> anomaly.path("anomaly").asText() + " "
                        + anomaly.path("status").asText())
                .toList();
    }

    @Test
    void aFloodBeginsAndEndsWithItsCapture() {
        assertThat(statuses("flood")).containsExactly("SYN_FLOOD BEGAN", "SYN_FLOOD ENDED");
        JsonNode ended = ofHosts("flood").get(1);
        assertThat(ended.path("count").asInt()).isEqualTo(3_000);
        assertThat(ended.path("responder").path("address").asText()).isEqualTo(VICTIM);
        assertThat(ended.path("responder").path("port").asInt()).isEqualTo(80);
        assertThat(ended.has("originator")).isFalse();
        // the earliest of those that had come when there were enough, from two partitions in any order
        assertThat(ended.path("began_at").asText())
                .isEqualTo(ofHosts("flood").get(0).path("began_at").asText())
                .startsWith("2026-01-01T00:00:0");
        assertThat(ended.path("at").asText()).isEqualTo("2026-01-01T00:00:02.999000000Z");
    }

    @Test
    void aScanBeginsAndEndsWithItsCapture() {
        assertThat(statuses("scan")).containsExactly("PORT_SCAN BEGAN", "PORT_SCAN ENDED");
        assertThat(ofHosts("scan").get(1).path("count").asInt()).isEqualTo(40);
    }

    @Test
    void whatOneCaptureShowsDoesNotCountInTheNext() {
        assertThat(statuses("first-half")).isEmpty();
        assertThat(statuses("second-half")).isEmpty();
    }

    @Test
    void textSaysItInALine() {
        assertThat(text.lines().filter(line -> line.contains("PORT_SCAN")))
                .hasSize(2)
                .last()
                .asString()
                .contains(" 10.0.0.1 > 10.0.0.2 ", "! PORT_SCAN ended (warning): 40 attempts on ", " of 1 host failed");
    }
}
