package flowstate.standalone;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import flowstate.capture.source.PcapWriter;
import flowstate.capture.source.TcpFrame;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A capture at whose end more connections are open than a processor ends at once, in each of its partitions. */
class ManyOpenIT {
    private static final int CONNECTIONS = 30_000;
    private static final int FIRST_PORT = 20_000;
    private static final int PORTS = 10_000;
    /** 2026-01-01T00:00:00Z. */
    private static final long START_NS = 1_767_225_600_000_000_000L;

    @TempDir
    private Path scratch;

    @Test
    void eachEndsOnceHoweverOftenTheFileIsGiven() throws Exception {
        Path file = scratch.resolve("open.pcap");
        write(file);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Flowstate.commandLine(PipelineParts::create, out)
                .setErr(new PrintWriter(err, true))
                .execute(
                        "replay",
                        "--format",
                        "json",
                        "--events",
                        "ENDED",
                        "--temp-dir",
                        scratch.toString(),
                        file.toString(),
                        file.toString());
        assertThat(status).as(err.toString()).isZero();
        List<JsonNode> settled = PrintedEvents.read(out.toString())
                .getOrDefault(file.toString(), PrintedEvents.NONE)
                .settled();
        assertThat(settled)
                .hasSize(2 * CONNECTIONS)
                .allSatisfy(event -> assertThat(event.required("end_reason").textValue() + " "
                                + event.required("conn_state").textValue())
                        .isEqualTo("CAPTURE_ENDED S1"));
        // under the same ids: they are made of what was captured
        assertThat(settled.stream()
                        .collect(groupingBy(
                                event -> event.required("connection_id").textValue(), counting()))
                        .values())
                .hasSize(CONNECTIONS)
                .containsOnly(2L);
    }

    private static void write(Path file) throws IOException {
        long atNs = START_NS;
        try (PcapWriter pcap = PcapWriter.create(file, PcapWriter.LINKTYPE_ETHERNET)) {
            for (int i = 0; i < CONNECTIONS; i++) {
                String address = "10.0.1." + i / PORTS;
                int port = FIRST_PORT + i % PORTS;
                pcap.write(atNs, client(address, port).flags("S").seq(1000).ethernet());
                pcap.write(
                        atNs + 1000,
                        new TcpFrame()
                                .from("10.0.0.1", 80)
                                .to(address, port)
                                .flags("S.")
                                .seq(5000)
                                .ack(1001)
                                .ethernet());
                pcap.write(
                        atNs + 2000,
                        client(address, port).flags(".").seq(1001).ack(5001).ethernet());
                atNs += 10_000;
            }
        }
    }

    private static TcpFrame client(String address, int port) {
        return new TcpFrame().from(address, port).to("10.0.0.1", 80);
    }
}
