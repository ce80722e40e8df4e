package flowstate.standalone;

import static flowstate.standalone.Namespace.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import flowstate.capture.source.PcapWriter;
import flowstate.capture.source.TcpFrame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code flowstate live} on the loopback interface of a network namespace of its own, where nothing else talks, and real
 * sockets whose own word is the truth.
 */
@Timeout(300)
class LiveIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path scratch;

    private @Nullable Process live;

    @BeforeAll
    static void needsRootAndNamespaces() throws Exception {
        boolean can;
        try {
            can = run(List.of("unshare", "-n", "ip", "link", "set", "lo", "up")) == 0
                    && run(List.of("nsenter", "--version")) == 0
                    && run(List.of("tcpdump", "--version")) == 0;
        } catch (IOException e) {
            can = false;
        }
        assumeTrue(can, "live capture is tested by root with unshare, nsenter, ip, and libpcap (tcpdump)");
    }

    private static int run(List<String> command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private static List<String> java(String main, String... arguments) {
        return TestJvm.command(List.of("-Xmx400m"), main, arguments);
    }

    /** Starts the program in a namespace of its own, and waits until it captures. */
    private void start(String... arguments) throws IOException {
        List<String> inside = java("flowstate.standalone.Flowstate", arguments);
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "-n",
                // else it ignores Ctrl-C if this test does, as whatever a shell has put into the background may
                "env",
                "--default-signal=INT",
                "sh",
                "-c",
                "ip link set lo up && { iptables -w -A INPUT -p tcp --dport 12458 -j DROP || true; } && exec \"$@\"",
                "sh"));
        command.addAll(inside);
        Process started = new ProcessBuilder(command)
                .redirectOutput(scratch.resolve("out").toFile())
                .redirectError(scratch.resolve("err").toFile())
                .start();
        live = started;
        await().until(() -> err().contains("captures lo") || !started.isAlive());
        assertThat(started.isAlive()).as(err()).isTrue();
    }

    private Process live() {
        return Objects.requireNonNull(live, "start comes first");
    }

    private String err() throws IOException {
        return Files.readString(scratch.resolve("err"));
    }

    private List<JsonNode> events() throws IOException {
        List<JsonNode> events = new ArrayList<>();
        for (String line : Files.readAllLines(scratch.resolve("out"))) {
            events.add(JSON.readTree(line));
        }
        return events;
    }

    private List<JsonNode> finals() throws IOException {
        return events().stream()
                .filter(event -> event.path("final").asBoolean())
                .toList();
    }

    /** What the sockets reported, in words, by the way in which each connection was made. */
    private record Reported(Map<String, String[]> ways) {
        String[] get(String way) {
            return Objects.requireNonNull(ways.get(way), way);
        }
    }

    /** Makes connections within the namespace; returns what the sockets reported, by the way each was made. */
    private Reported traffic(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("nsenter", "-t", String.valueOf(live().pid()), "-n"));
        // one that closes at once must not wait for a CPU: the kernel acknowledges alone after 40 ms
        command.addAll(List.of("nice", "-n", "-20"));
        command.addAll(java("flowstate.standalone.LiveTraffic", arguments));
        Path reported = scratch.resolve("reported");
        Process traffic = new ProcessBuilder(command)
                .redirectOutput(reported.toFile())
                .redirectError(scratch.resolve("traffic-err").toFile())
                .start();
        assertThat(traffic.waitFor())
                .as(Files.readString(scratch.resolve("traffic-err")))
                .isZero();
        return new Reported(Files.readAllLines(reported).stream()
                .map(line -> line.split(" "))
                .collect(Collectors.toMap(words -> words[0], words -> words)));
    }

    /** As Ctrl-C does. */
    private int interrupt() throws Exception {
        assertThat(run(List.of("kill", "-INT", String.valueOf(live().pid())))).isZero();
        assertThat(live().waitFor(60, TimeUnit.SECONDS)).as("ends after INT").isTrue();
        return live().exitValue();
    }

    @AfterEach
    void end() {
        if (live != null) {
            live.destroyForcibly();
        }
    }

    private JsonNode finalOf(String[] reported) throws IOException {
        return finals().stream()
                .filter(event -> event.at("/originator/port").asText().equals(reported[1])
                        && event.at("/responder/port").asText().equals(reported[2]))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no final event of " + String.join(" ", reported)));
    }

    private long count(String label) throws IOException {
        return err().lines()
                .filter(line -> line.strip().startsWith(label))
                .mapToLong(line -> Long.parseLong(line.strip()
                        .substring(label.length())
                        .strip()
                        .split(" ")[0]
                        .replace(",", "")))
                .findFirst()
                .orElse(0);
    }

    @Test
    void theSeedsTwoExperimentsOnALiveInterface() throws Exception {
        start("live", "-i", "lo", "--filter", "port 12456", "--format", "json");
        Reported reported = traffic();
        await().untilAsserted(() -> assertThat(events().stream()
                        .filter(event -> event.path("event").asText().equals("CLOSED")))
                .as("told as they close, not at the end")
                .hasSize(2));
        assertThat(interrupt()).isEqualTo(130);

        JsonNode four = finalOf(reported.get("four-segments"));
        assertThat(four.path("teardown").asText()).isEqualTo("FOUR_SEGMENTS");
        assertThat(four.path("closed_first").asText()).isEqualTo("ORIGINATOR");
        assertThat(four.path("half_closed_seconds").asDouble()).isBetween(1.1, 5.0);
        assertThat(four.path("conn_state").asText()).isEqualTo("SF");
        JsonNode three = finalOf(reported.get("three-segments"));
        assertThat(three.path("teardown").asText()).isEqualTo("THREE_SEGMENTS");
        assertThat(three.path("closed_first").asText()).isEqualTo("RESPONDER");
        assertThat(three.path("conn_state").asText()).isEqualTo("SF");
        assertThat(finals()).hasSize(2);
        assertThat(count("packets seen")).isEqualTo(count("segments published")).isBetween(16L, 20L);
        assertThat(err()).doesNotContain("unaccounted");
    }

    @Test
    void everyConnectionEndsAsItsSocketsReported() throws Exception {
        start("live", "-i", "lo", "--filter", "portrange 12456-12458", "--format", "json", "--timers", "zeek");
        Reported reported = traffic("all");
        await().untilAsserted(() -> assertThat(finals()).hasSize(8));
        assertThat(interrupt()).isEqualTo(130);

        Map<String, String> expected = Map.of(
                "four-segments", "end-after-3 SF",
                "three-segments", "end-after-3 SF",
                "half-close", "end-after-1000,end-after-5000 SF",
                "reset-by-client", "reset RSTO",
                "reset-by-server", "reset RSTR",
                "zero-window", "end-after-3000000 SF",
                "refused", "refused REJ",
                "unanswered", "timeout S0");
        for (Map.Entry<String, String> each : expected.entrySet()) {
            String[] words = reported.get(each.getKey());
            JsonNode event = finalOf(words);
            assertThat(words[3] + " " + event.path("conn_state").asText())
                    .as(each.getKey() + ": " + event)
                    .isEqualTo(each.getValue());
            assertThat(event.path("capture_loss_suspected").asBoolean()).isFalse();
        }
        assertThat(finalOf(reported.get("half-close")).at("/originator/bytes").asLong())
                .isEqualTo(1000);
        assertThat(finalOf(reported.get("half-close")).at("/responder/bytes").asLong())
                .isEqualTo(5000);
        // payload beyond the snap length is not looked at, and not missing
        assertThat(finalOf(reported.get("half-close")).path("history").asText()).doesNotContainIgnoringCase("g");
        JsonNode zeroWindow = finalOf(reported.get("zero-window"));
        assertThat(zeroWindow.at("/responder/bytes").asLong()).isEqualTo(3_000_000);
        assertThat(zeroWindow.at("/originator/zero_windows").asLong()).isPositive();
        assertThat(err()).doesNotContain("unaccounted");
    }

    /** What the host itself sends has a checksum that the card is to complete; what is sent raw has the one it has. */
    @Test
    void withVerifyAWrongChecksumIsToldAndAnUnfinishedOneIsNot() throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/tcpreplay")), "segments with wrong checksums are sent by tcpreplay");
        byte[] damaged = segment(101).payload("hello").ethernet();
        damaged[damaged.length - 1] ^= 1;
        Path raw = scratch.resolve("raw.pcap");
        try (PcapWriter pcap = PcapWriter.create(raw, PcapWriter.LINKTYPE_ETHERNET)) {
            pcap.write(0, segment(100).flags("S").ethernet()).write(1, damaged);
        }
        start("live", "-i", "lo", "--filter", "port 12456", "--format", "json", "--checksums", "verify");
        traffic("all");
        assertThat(run(List.of(
                        "nsenter", "-t", String.valueOf(live().pid()), "-n", "tcpreplay", "-q", "-i", "lo", raw + "")))
                .isZero();
        Thread.sleep(1000);
        assertThat(interrupt()).isEqualTo(130);

        assertThat(events().stream()
                        .filter(event -> event.path("anomaly").asText().equals("BAD_CHECKSUM")))
                .singleElement()
                .satisfies(anomaly -> {
                    assertThat(anomaly.at("/originator/address").asText()).isEqualTo("10.9.9.1");
                    assertThat(anomaly.path("confidence").asDouble()).isEqualTo(1);
                });
        List<JsonNode> finals = finals();
        assertThat(finals)
                .as("the host's own connections are as without: " + finals)
                .filteredOn(event -> event.path("conn_state").asText().equals("SF"))
                .hasSize(4);
    }

    private static TcpFrame segment(long number) {
        return new TcpFrame()
                .from("10.9.9.1", 40000)
                .to("10.9.9.2", 12456)
                .seq(number)
                .flags(".")
                .ack(1);
    }

    /** Its broker, agent and processor all talk on the interface that is captured: without exclusion, for ever. */
    @Test
    void itsOwnTrafficIsNotCapturedThoughItIsOnTheSameInterface() throws Exception {
        start("live", "-i", "lo", "--format", "json");
        traffic();
        Thread.sleep(5000);
        assertThat(interrupt()).isEqualTo(130);

        assertThat(events())
                .allSatisfy(
                        event -> assertThat(event.at("/responder/port").asInt()).isEqualTo(12456));
        assertThat(finals()).hasSize(2);
        assertThat(count("segments published")).isBetween(16L, 20L);
        assertThat(count("own traffic")).isGreaterThan(100);
        assertThat(count("packets seen")).isEqualTo(count("segments published") + count("own traffic"));
    }
}
