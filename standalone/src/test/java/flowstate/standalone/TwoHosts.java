package flowstate.standalone;

import static flowstate.standalone.Namespace.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import flowstate.schema.EpochNanos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/**
 * Two hosts, joined by two wires: a plain one, and one with a third host in it, which delays, loses, duplicates and
 * reorders. On both runs an agent that captures both wires. The second host has the broker and a processor, too, which
 * the first one's agent reaches over the plain wire, so that it is captured how everything is published.
 */
final class TwoHosts implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SERVER = "10.1.0.2";
    private static final String BROKER = SERVER + ":9092";

    /** What makes a wire faulty; beside the repository, or not there. */
    private static final Path IMPAIR = Repository.root().resolve("../shared/docker/netimpair.py");

    private final Namespace a;
    private final Namespace b;
    private final Namespace middle;
    private final List<Agent> agents = new ArrayList<>();

    /** An agent that captures the plain wire and another interface. */
    private static final class Agent {
        private final Namespace host;
        private final String file;
        private final Process process;

        Agent(Namespace host, String name, String second, Path scratch) throws IOException {
            this.host = host;
            this.file = "agent-" + name;
            this.process = host.startJava(
                    file,
                    "flowstate.capture.CaptureAgent",
                    "-i",
                    "plain",
                    "-i",
                    second,
                    "--agent",
                    name,
                    "--brokers",
                    BROKER,
                    "--spool-dir",
                    scratch.resolve("spool-" + name).toString());
        }
    }

    private TwoHosts(Namespace a, Namespace b, Namespace middle) {
        this.a = a;
        this.b = b;
        this.middle = middle;
    }

    /** The hosts, with nothing running on them; skips the test where that is not possible. */
    static TwoHosts make(Path scratch) throws IOException, InterruptedException {
        List<Namespace> namespaces = new ArrayList<>();
        for (String name : List.of("a", "b", "middle")) {
            namespaces.add(Namespace.make(Files.createDirectory(scratch.resolve(name))));
        }
        TwoHosts hosts = new TwoHosts(namespaces.get(0), namespaces.get(1), namespaces.get(2));
        join(hosts.a, "plain", hosts.b, "plain");
        join(hosts.a, "faulty", hosts.middle, "left");
        join(hosts.b, "faulty", hosts.middle, "right");
        addresses(hosts.a, 1);
        addresses(hosts.b, 2);
        hosts.b.need("iptables", "-w", "-A", "INPUT", "-p", "tcp", "--dport", port(HostWay.UNANSWERED), "-j", "DROP");
        hosts.a.need("iptables", "-w", "-A", "INPUT", "-p", "tcp", "--sport", port(HostWay.HALF_OPEN), "-j", "DROP");
        // nothing but an acknowledgement
        hosts.b.need(("iptables -w -A INPUT -p tcp --dport " + port(HostWay.KEPT_ALIVE_IN_VAIN)
                        + " --tcp-flags SYN,FIN,RST,PSH,ACK ACK -m length --length 40:60 -j DROP")
                .split(" "));
        return hosts;
    }

    private static String port(HostWay way) {
        return String.valueOf(way.port());
    }

    private static void join(Namespace one, String first, Namespace other, String second)
            throws IOException, InterruptedException {
        one.need("ip", "link", "add", "name", first, "type", "veth", "peer", "name", second, "netns", other.id());
        for (Namespace each : List.of(one, other)) {
            String device = each == one ? first : second;
            each.need("ip", "link", "set", device, "up");
            if (!first.equals("plain")) {
                // or segments are oversized, and their checksums unfinished, which no wire has
                each.need("ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off", "gro", "off");
            }
        }
    }

    private static void addresses(Namespace host, int number) throws IOException, InterruptedException {
        host.need("ip", "address", "add", "10.1.0." + number + "/24", "dev", "plain");
        host.need("ip", "address", "add", "10.2.0." + number + "/24", "dev", "faulty");
    }

    /**
     * Starts everything but traffic.
     *
     * @param together whether both agents are on the second host, and capture its loopback interface, too, over which
     *     both, the broker and the processor talk
     */
    void start(Path scratch, boolean together) throws IOException, InterruptedException {
        b.broker("broker", BROKER);
        Process processor = b.startJava(
                "processor",
                "flowstate.standalone.Flowstate",
                "processor",
                "--brokers",
                BROKER,
                "--state-dir",
                scratch.resolve("state").toString(),
                "--commit-interval-ms",
                "200");
        agents.add(new Agent(together ? b : a, "a", together ? "lo" : "faulty", scratch));
        agents.add(new Agent(b, "b", together ? "lo" : "faulty", scratch));
        Process server = b.startJava("plain-server", "flowstate.standalone.HostTraffic", "serve", SERVER);
        Process second = b.startJava("faulty-server", "flowstate.standalone.HostTraffic", "serve", "10.2.0.2");
        b.awaitText(server, "plain-server", ".out", "ready");
        b.awaitText(second, "faulty-server", ".out", "ready");
        for (Agent agent : agents) {
            agent.host.awaitText(agent.process, agent.file, ".err", "captures plain");
        }
        // seldom: where the loopback interface is captured, each of these is a connection to track
        await().pollInterval(Duration.ofMillis(500))
                .until(() -> b.run("curl", "-sf", "http://127.0.0.1:7070/readyz") == 0 || !processor.isAlive());
        assertThat(processor.isAlive()).as(b.text("processor.err")).isTrue();
        b.startJava("events", "flowstate.standalone.EventsTool", BROKER);
    }

    /** Starts a main class of the test's class path on one of both hosts. */
    Process startJava(boolean onSecond, String name, String main, String... arguments) throws IOException {
        return (onSecond ? b : a).startJava(name, main, arguments);
    }

    /** Runs a program that must succeed there; returns what it printed. */
    String need(boolean onSecond, String... words) throws IOException, InterruptedException {
        return (onSecond ? b : a).need(words);
    }

    /** What a program there has printed so far. */
    String text(boolean onSecond, String file) throws IOException {
        return (onSecond ? b : a).text(file);
    }

    /** Whether the faulty wire can be had here. */
    boolean canImpair() throws IOException, InterruptedException {
        return Files.exists(IMPAIR) && middle.run("python3", "--version") == 0;
    }

    /** Lets the faulty wire carry what comes, with faults. */
    void impair(String... how) throws IOException {
        List<String> words = new ArrayList<>(List.of("python3", IMPAIR.toString(), "left", "right"));
        words.addAll(List.of(how));
        Process wire = middle.start("wire", words.toArray(String[]::new));
        middle.awaitText(wire, "wire", ".out", "ready");
    }

    /** Starts connections over a wire; {@link #views} has what became of them when the process has ended. */
    Process call(String wire, int connections, int atOnce, long seed) throws IOException {
        String network = wire.equals("plain") ? "10.1.0." : "10.2.0.";
        List<String> arguments = new ArrayList<>(List.of(
                "call",
                network + 2,
                network + 1,
                String.valueOf(connections),
                String.valueOf(atOnce),
                String.valueOf(seed)));
        if (!wire.equals("plain")) {
            arguments.add("slow");
        }
        return a.startJava(wire + "-client", "flowstate.standalone.HostTraffic", arguments.toArray(String[]::new));
    }

    /** What the clients', or the servers', sockets on a wire said. */
    List<SocketView> views(String wire, boolean clients) throws IOException {
        return (clients ? a.text(wire + "-client.out") : b.text(wire + "-server.out"))
                .lines()
                .filter(line -> line.startsWith("{"))
                .map(SocketView::parse)
                .toList();
    }

    /** What the programs could not do. */
    String troubles(String wire) throws IOException {
        return a.text(wire + "-client.err") + b.text(wire + "-server.err");
    }

    /** As an operator does; returns when their interfaces were seen last, nanoseconds since 1970. */
    long stopAgents() throws InterruptedException {
        long atNs = EpochNanos.now();
        agents.forEach(agent -> agent.process.destroy());
        for (Agent agent : agents) {
            assertThat(agent.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        return atNs;
    }

    /** What both agents said at their end. */
    List<String> accounts() throws IOException {
        List<String> accounts = new ArrayList<>();
        for (Agent agent : agents) {
            accounts.add(agent.host.text(agent.file + ".err"));
        }
        return accounts;
    }

    /** How many segments the systems of both hosts have sent again, by their own count (RFC 4022, tcpRetransSegs). */
    long retransmittedByKernels() throws IOException, InterruptedException {
        long sum = 0;
        for (Namespace host : List.of(a, b)) {
            String[] lines = host.need("grep", "Tcp:", "/proc/net/snmp").split("\n");
            List<String> names = List.of(lines[0].split(" "));
            sum += Long.parseLong(lines[1].split(" ")[names.indexOf("RetransSegs")]);
        }
        return sum;
    }

    /** All that has been told up to now, in order within a partition. */
    List<JsonNode> events() throws IOException {
        List<JsonNode> events = new ArrayList<>();
        String text = b.text("events.out");
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
            events.add(JSON.readTree(line));
        }
        return events;
    }

    /** The settled ones, in order of their start. */
    List<JsonNode> settled() throws IOException {
        return events().stream()
                .filter(event -> event.path("final").asBoolean())
                .sorted(Comparator.comparingLong(SocketTruth::startNs))
                .toList();
    }

    /** Waits until each connection that was told of has ended, which it does exactly once when all agents have ended. */
    List<JsonNode> awaitSettled() {
        AtomicReference<List<JsonNode>> settled = new AtomicReference<>(List.of());
        await().pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> {
            settled.set(settled());
            assertThat(settled.get())
                    .isNotEmpty()
                    .extracting(event -> event.path("connection_id").asText())
                    .containsExactlyInAnyOrderElementsOf(connections());
        });
        return Objects.requireNonNull(settled.get());
    }

    private Set<String> connections() throws IOException {
        return events().stream()
                .filter(event -> event.has("event"))
                .map(event -> event.path("connection_id").asText())
                .collect(Collectors.toSet());
    }

    @Override
    public void close() throws InterruptedException {
        a.close();
        b.close();
        middle.close();
    }
}
