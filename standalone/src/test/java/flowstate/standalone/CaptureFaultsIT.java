package flowstate.standalone;

import static flowstate.standalone.Namespace.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import flowstate.capture.source.PcapWriter;
import flowstate.capture.source.TcpFrame;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the kernel drops, takes off or does not permit, and interfaces that come, go and are renamed. */
class CaptureFaultsIT extends AgentFaults {
    @Test
    void whatTheKernelDropsIsCountedAndTold() throws Exception {
        Process agent = agent("agent", "-B", "64", "--filter", "port 12456");
        traffic();
        // in so small a buffer there may be no room for one while others are being read: that is told, too
        await().untilAsserted(() -> {
            Metrics now = metrics();
            assertThat(now.get("published_segments_total") + now.get("kernel_dropped_packets_total"))
                    .as(now.toString())
                    .isGreaterThan(15);
        });
        long before = metrics().get("kernel_dropped_packets_total");
        assertThat(inside("iptables", "-w", "-A", "INPUT", "-p", "tcp", "--dport", "12458", "-j", "DROP"))
                .isZero();
        assertThat(inside("kill", "-STOP", String.valueOf(agent.pid()))).isZero();
        for (int i = 0; i < 4; i++) {
            assertThat(startJava("flood-" + files++, "flowstate.standalone.LiveTraffic", "all", "soon")
                            .waitFor())
                    .isZero();
        }
        assertThat(inside("kill", "-CONT", String.valueOf(agent.pid()))).isZero();
        await().until(() -> metrics().get("kernel_dropped_packets_total") > before);
        assertThat(inside("kill", "-TERM", String.valueOf(agent.pid()))).isZero();
        assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();

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
    void anInterfaceThatGoesAwayAndComesBackIsSaidOnceAndLeavesAGap() throws Exception {
        assertThat(inside("ip", "link", "add", "name", "va", "type", "veth", "peer", "name", "vb"))
                .isZero();
        Process agent = agentOf("agent", "va", BROKER);
        assertThat(text("agent.err")).contains("va: the interface is down; waiting for it");
        assertThat(inside("curl", "-sf", "http://127.0.0.1:7072/readyz")).isNotZero();
        assertThat(inside("ip", "link", "set", "vb", "up")).isZero();
        assertThat(inside("ip", "link", "set", "va", "up")).isZero();
        await().until(() -> text("agent.err").contains("va: captured again"));
        assertThat(inside("curl", "-sf", "http://127.0.0.1:7072/readyz")).isZero();
        assertThat(inside("ip", "link", "del", "va")).isZero();
        await().until(() -> text("agent.err").contains("va: the capture broke off"));
        Thread.sleep(2000);
        assertThat(agent.isAlive()).isTrue();
        assertThat(text("agent.err").lines().filter(line -> line.contains("broke off")))
                .hasSize(1);
        assertThat(inside("curl", "-sf", "http://127.0.0.1:7072/healthz")).isZero();
    }

    @Test
    void anInterfaceThatComesLaterIsCapturedThenAndOnAfterItIsRenamed() throws Exception {
        Process agent = agentOf("agent", "later", BROKER);
        awaitSaid("later: there is no such interface (see --list); waiting for it");
        namespace.need("ip", "link", "add", "name", "later", "type", "veth", "peer", "name", "vb");
        namespace.need("ip", "link", "set", "vb", "up");
        namespace.need("ip", "link", "set", "later", "up");
        awaitSaid("later: captured again");
        await().until(() -> metrics().get("seen_packets_total") > 0);

        // as udev does: only an interface that is down may be renamed on older kernels
        namespace.need("ip", "link", "set", "later", "down");
        namespace.need("ip", "link", "set", "later", "name", "renamed");
        awaitSaid("later: the capture broke off");
        namespace.need("ip", "link", "set", "renamed", "up");
        awaitSaid("later: captured again, under its new name renamed");
        long seen = metrics().get("seen_packets_total");
        await().until(() -> metrics().get("seen_packets_total") > seen);

        if (inside("ip", "link", "set", "renamed", "name", "again") == 0) {
            awaitSaid("later: it is called again now, and captured on as later");
            namespace.need("ip", "link", "set", "vb", "down");
            namespace.need("ip", "link", "set", "vb", "up");
            long before = metrics().get("seen_packets_total");
            await().until(() -> metrics().get("seen_packets_total") > before);
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
        Process agent = agentOf("agent", "vb", BROKER, "--filter", "vlan 7 and tcp port 12456", "-w", kept.toString());
        namespace.need("tcpreplay", "-q", "-i", "va", tagged.toString());
        await().until(() -> metrics().get("published_segments_total") == 10);
        assertThat(metrics().get("seen_packets_total")).isEqualTo(10);
        assertThat(inside("kill", "-TERM", String.valueOf(agent.pid()))).isZero();
        assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();

        namespace
                .start("listing", "tcpdump", "-n", "-e", "-tt", "--nano", "-r", kept.toString())
                .waitFor();
        assertThat(text("listing.out").lines())
                .hasSize(10)
                .allMatch(line -> line.contains("vlan 7, "))
                .as("not all times are of whole microseconds")
                .anyMatch(line -> !line.split(" ")[0].endsWith("000"));
    }
}
