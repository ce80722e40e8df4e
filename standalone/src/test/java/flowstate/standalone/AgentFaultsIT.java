package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import flowstate.capture.source.PcapWriter;
import flowstate.capture.source.TcpFrame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The agent as a program of its own on a live interface, with the faults that it is made for, injected for real: in a
 * network namespace in which nothing else talks.
 */
@Timeout(180)
class AgentFaultsIT {
    private static final String BROKER = "9092";

    @TempDir
    Path scratch;

    /** Each test begins with a new one. */
    @SuppressWarnings("NullAway.Init")
    private Namespace namespace;

    private int files;

    @BeforeEach
    void aNamespaceWithABroker() throws Exception {
        namespace = Namespace.make(scratch);
        Process broker =
                startJava("broker", "flowstate.standalone.SegmentsTopicTool", "broker", BROKER, scratch.toString());
        await().atMost(Duration.ofSeconds(60)).until(() -> text("broker.out").contains("ready") || !broker.isAlive());
        assertThat(broker.isAlive()).as(text("broker.err")).isTrue();
    }

    @AfterEach
    void end() throws InterruptedException {
        if (namespace != null) {
            namespace.close();
        }
    }

    private int inside(String... words) throws IOException, InterruptedException {
        return namespace.run(words);
    }

    private Process startJava(String name, String main, String... arguments) throws IOException {
        return namespace.startJava(name, main, arguments);
    }

    private String text(String file) throws IOException {
        return namespace.text(file);
    }

    private Process agent(String name, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "-i",
                "lo",
                "--brokers",
                "127.0.0.1:" + BROKER,
                "--agent",
                "a",
                "--spool-dir",
                scratch.resolve("spool").toString(),
                "--http",
                ":7072"));
        arguments.addAll(List.of(more));
        Process agent = startJava(name, "flowstate.capture.CaptureAgent", arguments.toArray(String[]::new));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> text(name + ".err").contains("captures lo") || !agent.isAlive());
        assertThat(agent.isAlive()).as(text(name + ".err")).isTrue();
        return agent;
    }

    private void traffic() throws Exception {
        assertThat(startJava("traffic-" + files++, "flowstate.standalone.LiveTraffic")
                        .waitFor())
                .isZero();
    }

    private void broker(boolean away) throws Exception {
        assertThat(inside("iptables", away ? "-A" : "-D", "INPUT", "-p", "tcp", "--dport", BROKER, "-j", "DROP"))
                .isZero();
    }

    /** What /metrics said, by name; the sum where there are labels. */
    private record Metrics(Map<String, Long> counts) {
        long get(String name) {
            return Objects.requireNonNull(counts.get(name), name);
        }
    }

    private Metrics metrics() throws Exception {
        String name = "metrics-" + files++;
        assertThat(namespace
                        .start(name, "curl", "-sf", "http://127.0.0.1:7072/metrics")
                        .waitFor())
                .isZero();
        Map<String, Long> counts = new TreeMap<>();
        for (String line : Files.readAllLines(scratch.resolve(name + ".out"))) {
            if (line.startsWith("flowstate_agent_")) {
                String key = line.substring("flowstate_agent_".length(), line.lastIndexOf(' '));
                counts.merge(
                        key.replaceAll("[{].*", ""),
                        (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)),
                        Long::sum);
            }
        }
        Metrics metrics = new Metrics(counts);
        assertThat(metrics.get("seen_packets_total") + metrics.get("recovered_segments_total"))
                .as("the account balances: " + counts)
                .isEqualTo(metrics.get("published_segments_total")
                        + metrics.get("skipped_packets_total")
                        + metrics.get("own_segments_total")
                        + metrics.get("lost_segments_total")
                        + metrics.get("pending_segments"));
        return metrics;
    }

    /** By session and partition, the segments in each batch by its number; a batch that arrived twice counts once. */
    private Map<String, TreeMap<Long, Integer>> arrived() throws Exception {
        return arrived(BROKER);
    }

    private Map<String, TreeMap<Long, Integer>> arrived(String port) throws Exception {
        assertThat(startJava("read", "flowstate.standalone.SegmentsTopicTool", "read", port)
                        .waitFor())
                .as(text("read.err"))
                .isZero();
        Map<String, TreeMap<Long, Integer>> batches = new TreeMap<>();
        for (String line : Files.readAllLines(scratch.resolve("read.out"))) {
            String[] words = line.split(" ");
            batches.computeIfAbsent(words[0] + " " + words[1], key -> new TreeMap<>())
                    .put(Long.parseLong(words[2]), Integer.parseInt(words[3]));
        }
        return batches;
    }

    @Test
    void aBrokerThatIsAwayCostsNothingThoughTheAgentIsKilledMeanwhile() throws Exception {
        Process first = agent("first");
        traffic();
        await().until(() -> metrics().get("published_segments_total") > 15);
        broker(true);
        traffic();
        await().atMost(Duration.ofSeconds(20)).until(() -> text("first.err").contains("has not acknowledged anything"));
        traffic();
        Thread.sleep(1000);
        Metrics before = metrics();
        assertThat(before.get("pending_segments")).isGreaterThan(15);
        assertThat(before.get("lost_segments_total")).isZero();
        long seenByFirst = before.get("published_segments_total") + before.get("pending_segments");
        assertThat(inside("kill", "-9", String.valueOf(first.pid()))).isZero();
        first.waitFor();

        broker(false);
        Process second = agent("second");
        assertThat(text("second.err")).contains("segments of an earlier run are in the spool");
        traffic();
        await().atMost(Duration.ofSeconds(30)).until(() -> metrics().get("pending_segments") == 0);
        Metrics after = metrics();
        assertThat(inside("kill", "-TERM", String.valueOf(second.pid()))).isZero();
        assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isEqualTo(143);
        assertThat(text("second.err")).contains("packets seen").doesNotContain("unaccounted");

        Map<String, TreeMap<Long, Integer>> batches = arrived();
        batches.forEach((sessionAndPartition, numbers) -> assertThat(numbers.lastKey())
                .as("numbers of " + sessionAndPartition + " have no gap: " + numbers)
                .isEqualTo(numbers.size() - 1));
        String firstSession = batches.keySet().iterator().next().split(" ")[0];
        long ofFirst = batches.entrySet().stream()
                .filter(each -> each.getKey().startsWith(firstSession))
                .flatMap(each -> each.getValue().values().stream())
                .mapToLong(Integer::longValue)
                .sum();
        long inAll = batches.values().stream()
                .flatMap(numbers -> numbers.values().stream())
                .mapToLong(Integer::longValue)
                .sum();
        assertThat(ofFirst).isEqualTo(seenByFirst);
        long ofSecond = after.get("seen_packets_total") - after.get("own_segments_total");
        assertThat(inAll).isGreaterThanOrEqualTo(ofFirst + ofSecond);
    }

    @Test
    void aBrokerThatComesAfterTheAgentGetsAllThatWasCapturedMeanwhile() throws Exception {
        String later = "9192";
        Process agent = startJava(
                "agent",
                "flowstate.capture.CaptureAgent",
                "-i",
                "lo",
                "--brokers",
                "127.0.0.1:" + later,
                "--spool-dir",
                scratch.resolve("spool").toString(),
                "--http",
                ":7072",
                "--filter",
                "port 12456");
        traffic();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> text("agent.err").contains("captures lo") || !agent.isAlive());
        assertThat(text("agent.err")).contains("captured all the same");
        assertThat(inside("curl", "-sf", "http://127.0.0.1:7072/readyz")).isNotZero();
        traffic();
        traffic();
        await().until(() -> metrics().get("spooled_segments") > 15);
        Metrics before = metrics();
        assertThat(before.get("lost_segments_total")).isZero();
        assertThat(before.get("published_segments_total")).isZero();

        startJava(
                "broker-2",
                "flowstate.standalone.SegmentsTopicTool",
                "broker",
                later,
                Files.createDirectory(scratch.resolve("broker-2")).toString());
        await().atMost(Duration.ofSeconds(60)).until(() -> text("broker-2.out").contains("ready"));
        traffic();
        await().atMost(Duration.ofSeconds(40)).until(() -> metrics().get("pending_segments") == 0);
        assertThat(inside("curl", "-sf", "http://127.0.0.1:7072/readyz")).isZero();
        traffic();
        await().atMost(Duration.ofSeconds(10)).until(() -> metrics().get("pending_segments") == 0);
        Metrics after = metrics();
        assertThat(after.get("lost_segments_total")).isZero();
        assertThat(inside("kill", "-TERM", String.valueOf(agent.pid()))).isZero();
        assertThat(agent.waitFor(20, TimeUnit.SECONDS)).isTrue();

        Map<String, TreeMap<Long, Integer>> batches = arrived(later);
        assertThat(batches).as("each partition has the end of the session").hasSize(3);
        batches.forEach((sessionAndPartition, numbers) -> assertThat(numbers.lastKey())
                .as("numbers of " + sessionAndPartition + " have no gap: " + numbers)
                .isEqualTo(numbers.size() - 1));
        assertThat(batches.values().stream()
                        .flatMap(numbers -> numbers.values().stream())
                        .mapToLong(Integer::longValue)
                        .sum())
                .isEqualTo(after.get("seen_packets_total"))
                .isEqualTo(after.get("published_segments_total"));
    }

    @Test
    void whatTheKernelDropsIsCountedAndTold() throws Exception {
        Process agent = agent("agent", "-B", "64", "--filter", "port 12456");
        traffic();
        await().until(() -> metrics().get("published_segments_total") > 15);
        assertThat(metrics().get("kernel_dropped_packets_total")).isZero();
        assertThat(inside("iptables", "-A", "INPUT", "-p", "tcp", "--dport", "12458", "-j", "DROP"))
                .isZero();
        assertThat(inside("kill", "-STOP", String.valueOf(agent.pid()))).isZero();
        for (int i = 0; i < 4; i++) {
            assertThat(startJava("flood-" + files++, "flowstate.standalone.LiveTraffic", "all")
                            .waitFor())
                    .isZero();
        }
        assertThat(inside("kill", "-CONT", String.valueOf(agent.pid()))).isZero();
        await().atMost(Duration.ofSeconds(20)).until(() -> metrics().get("kernel_dropped_packets_total") > 0);
        assertThat(inside("kill", "-TERM", String.valueOf(agent.pid()))).isZero();
        assertThat(agent.waitFor(20, TimeUnit.SECONDS)).isTrue();

        long dropped = Long.parseLong(text("agent.err")
                .lines()
                .filter(line -> line.contains("dropped by the kernel"))
                .findFirst()
                .orElseThrow()
                .replaceAll("[^0-9]", ""));
        arrived();
        Map<String, Long> told = new TreeMap<>();
        for (String line : Files.readAllLines(scratch.resolve("read.out"))) {
            String[] words = line.split(" ");
            told.merge(words[1], Long.parseLong(words[4]), Long::sum);
        }
        assertThat(told.values())
                .as("each partition is told all of it")
                .isNotEmpty()
                .allMatch(each -> each == dropped);
    }

    @Test
    void aFullDiskCostsNothingAsLongAsMemoryLasts() throws Exception {
        Path disk = Files.createDirectory(scratch.resolve("spool"));
        assertThat(inside("mount", "-t", "tmpfs", "-o", "size=8k", "none", disk.toString()))
                .isZero();
        try {
            Process agent = agent("agent");
            traffic();
            await().until(() -> metrics().get("published_segments_total") > 15);
            broker(true);
            for (int i = 0; i < 6; i++) {
                traffic();
            }
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(text("agent.err")).contains("the spool cannot be written to"));
            traffic();
            assertThat(metrics().get("lost_segments_total")).isZero();
            broker(false);
            await().atMost(Duration.ofSeconds(40)).until(() -> metrics().get("pending_segments") == 0);
            assertThat(metrics().get("lost_segments_total")).isZero();
            assertThat(inside("kill", "-TERM", String.valueOf(agent.pid()))).isZero();
            assertThat(agent.waitFor(20, TimeUnit.SECONDS)).isTrue();
            arrived()
                    .forEach((sessionAndPartition, numbers) -> assertThat(numbers.lastKey())
                            .as("numbers of " + sessionAndPartition)
                            .isEqualTo(numbers.size() - 1));
        } finally {
            inside("umount", "--lazy", disk.toString());
        }
    }

    /** Of a disk image, frozen as a volume is while it is snapshotted: whoever writes to it hangs. */
    @Test
    void aDiskThatHangsOrIsFullTakesNothingFromTheCaptureThatIsWrittenToItToo() throws Exception {
        Path disk = Files.createDirectory(scratch.resolve("disk"));
        String image = scratch.resolve("image").toString();
        namespace.need("truncate", "-s", "8M", image);
        assumeTrue(
                inside("mkfs.ext4", "-q", image) == 0 && inside("mount", "-o", "loop", image, disk.toString()) == 0,
                "a disk that hangs is tested with an ext4 image and a loop device");
        boolean frozen = false;
        try {
            Path kept = disk.resolve("kept");
            Process agent = agent("agent", "--filter", "port 12456", "-w", kept.toString());
            traffic();
            await().until(() -> metrics().get("published_segments_total") > 15);
            frozen = inside("fsfreeze", "-f", disk.toString()) == 0;
            assertThat(frozen).isTrue();
            long before = metrics().get("published_segments_total");
            traffic();
            await().until(() -> metrics().get("published_segments_total") > before + 15);
            namespace.need("fsfreeze", "-u", disk.toString());
            frozen = false;
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> packetsIn(kept) == metrics().get("seen_packets_total"));
            assertThat(metrics().get("unwritten_packets_total")).isZero();

            assertThat(inside("dd", "if=/dev/zero", "of=" + disk.resolve("filler"), "bs=4k"))
                    .isNotZero();
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                traffic();
                return metrics().get("unwritten_packets_total") > 0;
            });
            Metrics full = metrics();
            assertThat(full.get("lost_segments_total")).isZero();
            assertThat(text("agent.err")).contains("packets are not written to it (No space left on device)");
            Files.delete(disk.resolve("filler"));
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                traffic();
                return Files.exists(disk.resolve("kept.1")) && packetsIn(disk.resolve("kept.1")) > 0;
            });
            assertThat(inside("kill", "-TERM", String.valueOf(agent.pid()))).isZero();
            assertThat(agent.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(text("agent.err")).containsPattern("[0-9]+ packets are not in " + kept);
        } finally {
            if (frozen) {
                inside("fsfreeze", "-u", disk.toString());
            }
            inside("umount", "--lazy", disk.toString());
        }
    }

    private long packetsIn(Path file) throws Exception {
        String name = "packets-" + files++;
        namespace.start(name, "tcpdump", "-n", "-r", file.toString()).waitFor();
        return text(name + ".out").lines().count();
    }

    @Test
    void anInterfaceThatGoesAwayAndComesBackIsSaidOnceAndLeavesAGap() throws Exception {
        assertThat(inside("ip", "link", "add", "name", "va", "type", "veth", "peer", "name", "vb"))
                .isZero();
        Process agent = startJava(
                "agent",
                "flowstate.capture.CaptureAgent",
                "-i",
                "va",
                "--brokers",
                "127.0.0.1:" + BROKER,
                "--spool-limit",
                "0",
                "--http",
                ":7072");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> text("agent.err").contains("captures va") || !agent.isAlive());
        assertThat(text("agent.err")).contains("va: the interface is down; waiting for it");
        assertThat(inside("curl", "-sf", "http://127.0.0.1:7072/readyz")).isNotZero();
        assertThat(inside("ip", "link", "set", "vb", "up")).isZero();
        assertThat(inside("ip", "link", "set", "va", "up")).isZero();
        await().atMost(Duration.ofSeconds(15)).until(() -> text("agent.err").contains("va: captured again"));
        assertThat(inside("curl", "-sf", "http://127.0.0.1:7072/readyz")).isZero();
        assertThat(inside("ip", "link", "del", "va")).isZero();
        await().atMost(Duration.ofSeconds(15)).until(() -> text("agent.err").contains("va: the capture broke off"));
        Thread.sleep(2000);
        assertThat(agent.isAlive()).isTrue();
        assertThat(text("agent.err").lines().filter(line -> line.contains("broke off")))
                .hasSize(1);
        assertThat(inside("curl", "-sf", "http://127.0.0.1:7072/healthz")).isZero();
    }

    private void awaitSaid(String words) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(text("agent.err")).contains(words));
    }

    @Test
    void anInterfaceThatComesLaterIsCapturedThenAndOnAfterItIsRenamed() throws Exception {
        Process agent = startJava(
                "agent",
                "flowstate.capture.CaptureAgent",
                "-i",
                "later",
                "--brokers",
                "127.0.0.1:" + BROKER,
                "--spool-limit",
                "0",
                "--http",
                ":7072");
        awaitSaid("later: there is no such interface (see --list); waiting for it");
        namespace.need("ip", "link", "add", "name", "later", "type", "veth", "peer", "name", "vb");
        namespace.need("ip", "link", "set", "vb", "up");
        namespace.need("ip", "link", "set", "later", "up");
        awaitSaid("later: captured again");
        await().atMost(Duration.ofSeconds(20)).until(() -> metrics().get("seen_packets_total") > 0);

        // as udev does: only an interface that is down may be renamed on older kernels
        namespace.need("ip", "link", "set", "later", "down");
        namespace.need("ip", "link", "set", "later", "name", "renamed");
        awaitSaid("later: the capture broke off");
        namespace.need("ip", "link", "set", "renamed", "up");
        awaitSaid("later: captured again, under its new name renamed");
        long seen = metrics().get("seen_packets_total");
        await().atMost(Duration.ofSeconds(20)).until(() -> metrics().get("seen_packets_total") > seen);

        if (inside("ip", "link", "set", "renamed", "name", "again") == 0) {
            awaitSaid("later: it is called again now, and captured on as later");
            namespace.need("ip", "link", "set", "vb", "down");
            namespace.need("ip", "link", "set", "vb", "up");
            long before = metrics().get("seen_packets_total");
            await().atMost(Duration.ofSeconds(20)).until(() -> metrics().get("seen_packets_total") > before);
        }
        assertThat(agent.isAlive()).isTrue();
        assertThat(inside("curl", "-sf", "http://127.0.0.1:7072/readyz")).isZero();
    }

    /** The kernel takes the tag off each frame that comes in, and tells it beside; times are its own, in nanoseconds. */
    @Test
    void aVlanTagThatTheKernelHasTakenOffIsThereAgainAndTimesAreInNanoseconds() throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/tcpreplay")), "tagged frames are sent by tcpreplay");
        namespace.need("ip", "link", "add", "name", "va", "type", "veth", "peer", "name", "vb");
        namespace.need("ip", "link", "set", "va", "up");
        namespace.need("ip", "link", "set", "vb", "up");
        Path tagged = scratch.resolve("tagged.pcap");
        try (PcapWriter pcap = PcapWriter.create(tagged, PcapWriter.LINKTYPE_ETHERNET)) {
            for (int i = 0; i < 20; i++) {
                pcap.write(
                        i,
                        new TcpFrame()
                                .from("10.9.9.1", 40000 + i)
                                .to("10.9.9.2", 12456)
                                .flags("S")
                                .vlan(7 + i % 2)
                                .ethernet());
            }
        }
        Path kept = scratch.resolve("kept");
        Process agent = startJava(
                "agent",
                "flowstate.capture.CaptureAgent",
                "-i",
                "vb",
                "--brokers",
                "127.0.0.1:" + BROKER,
                "--spool-limit",
                "0",
                "--http",
                ":7072",
                "--filter",
                "vlan 7 and tcp port 12456",
                "-w",
                kept.toString());
        awaitSaid("captures vb");
        namespace.need("tcpreplay", "-q", "-i", "va", tagged.toString());
        await().until(() -> metrics().get("published_segments_total") == 10);
        assertThat(metrics().get("seen_packets_total")).isEqualTo(10);
        assertThat(inside("kill", "-TERM", String.valueOf(agent.pid()))).isZero();
        assertThat(agent.waitFor(20, TimeUnit.SECONDS)).isTrue();

        namespace
                .start("listing", "tcpdump", "-n", "-e", "-tt", "--nano", "-r", kept.toString())
                .waitFor();
        assertThat(text("listing.out").lines())
                .hasSize(10)
                .allMatch(line -> line.contains("vlan 7, "))
                .as("not all times are of whole microseconds")
                .anyMatch(line -> !line.split(" ")[0].endsWith("000"));
    }

    private Process agentWith(String capabilities, String name) throws IOException {
        return namespace.start(
                name,
                "setpriv",
                "--bounding-set",
                capabilities,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dlogback.configurationFile=flowstate/capture/logback.xml",
                "-cp",
                System.getProperty("java.class.path"),
                "flowstate.capture.CaptureAgent",
                "-i",
                "lo",
                "--brokers",
                "127.0.0.1:" + BROKER,
                "--spool-limit",
                "0");
    }

    @Test
    void capNetRawIsAllItNeedsAndWithoutItOneLineSaysWhatToGrant() throws Exception {
        Process with = agentWith("-all,+net_raw", "with");
        await().atMost(Duration.ofSeconds(60)).until(() -> text("with.err").contains("captures lo") || !with.isAlive());
        assertThat(with.isAlive()).as(text("with.err")).isTrue();

        Process without = agentWith("-net_raw", "without");
        assertThat(without.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(without.exitValue()).isEqualTo(1);
        assertThat(text("without.err"))
                .startsWith("capture-agent: lo: no permission to capture. Grant the program CAP_NET_RAW")
                .hasLineCount(1);
    }
}
