package flowstate.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Live capture against {@code tcpdump -w}, one after the other, of the same packets at the same rates: what each drops, and
 * its CPU.
 *
 * <p>The agent is one process for all rates, as it runs for months. Another rate is other work for Java's compilers, so at
 * each it has packets until they are quiet; its CPU is that of the whole process from the first packet after that to when
 * all are published. All of tcpdump's turns come before the agent is started: it would capture, too, and take the CPU's
 * caches.
 */
@Command(
        name = "live",
        description = "Live capture against tcpdump -w on replayed packets; needs root, tcpreplay and tcpdump.",
        mixinStandardHelpOptions = true)
final class LiveRate extends WireMeasurement {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Pattern CAPTURED = Pattern.compile("(\\d+) packets? captured");
    private static final Pattern DROPPED = Pattern.compile("(\\d+) packets? dropped by kernel");

    /** As the agent's defaults. */
    private static final String SNAP_LENGTH = "256";

    private static final String BUFFER_KIB = "16384";

    /** How long the compilers must have been quiet, and the part of a core that they may take then. */
    private static final double QUIET_SECONDS = 15;

    private static final double QUIET = 0.005;

    @Option(
            names = "--rates",
            split = ",",
            defaultValue = "50000,100000,200000,300000,400000,0",
            description = "Packets a second; 0 for as many as tcpreplay can send (default: ${DEFAULT-VALUE}).")
    private List<Long> rates = List.of();

    @Option(names = "--seconds", defaultValue = "6", description = "Of each rate (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "75",
            description =
                    "Of each rate at the most, before it is measured: until the agent's compilers have been quiet for 15"
                            + " (default: ${DEFAULT-VALUE}).")
    private int warmUpSeconds;

    @Option(
            names = "--mirrors",
            defaultValue = "0",
            description = "Further interfaces to which the kernel copies each packet, all captured by one agent and a"
                    + " tcpdump each: more packets than can be sent (default: ${DEFAULT-VALUE}).")
    private int mirrors;

    @Option(names = "--agent-option", description = "Of the agent's JVM; may be repeated.")
    private List<String> agentOptions = new ArrayList<>(List.of("-Xmx256m", "-XX:+UseSerialGC"));

    /** Dropped of so many sent, and CPU; by what threads are for. Of the warm-up: seconds, and CPU of the compilers. */
    private record Point(
            String program,
            double rate,
            long sent,
            long dropped,
            double us,
            Map<String, Double> usByPart,
            double warmUpSeconds,
            double compilerSeconds) {}

    /** What came before a measurement. */
    private record WarmUp(double seconds, double compilerSeconds) {}

    @Override
    int mirrors() {
        return mirrors;
    }

    @Override
    String title() {
        return "Live capture";
    }

    @Override
    void measure(Section section, Budget budget, Scratch scratch)
            throws IOException, InterruptedException, WrongResultException {
        Path folder = scratch.fresh("live");
        folder.toFile().setWritable(true, false);
        Path file = folder.resolve("wire.pcap");
        Truth truth = write(file);
        section.say(
                "%s, over and over: %,d packets of %,d connections, %,d open at once, each packet whole, %,d octets on average."
                        + " Snap length %s, buffer %s KiB; tcpdump -w to a file on disk; the agent publishes to a broker on the"
                        + " same machine.",
                mix,
                truth.segments(),
                truth.connections(),
                open,
                Files.size(file) / truth.segments(),
                SNAP_LENGTH,
                BUFFER_KIB);
        if (mirrors > 0) {
            section.say(
                    "Each packet that is sent arrives at %d interfaces: rates and counts are of what arrives.",
                    1 + mirrors);
        }
        Table table = new Table(
                mirrors > 0 ? "arrived, packets/s" : "sent, packets/s",
                "agent: dropped",
                "us CPU a packet",
                "capture, publish, producer",
                "compilers, rest of the JVM",
                "warm-up, s (compilers, s)",
                "tcpdump: dropped",
                "us CPU a packet",
                "agent / tcpdump");
        section.add(table);
        List<Point> points = new ArrayList<>();
        section.keep("points", points);
        Map<Long, Point> tcpdump = new TreeMap<>();
        for (long rate : rates) {
            if (budget.allows(2.0 * seconds)) {
                tcpdump.put(rate, tcpdump(file, truth, rate, folder));
            }
        }
        try (Cluster cluster = Cluster.start(this, Cluster.Settings.OF_REPLAY, folder);
                LiveAgent agent = LiveAgent.start(this, cluster, folder, Wire.ends(mirrors), agentOptions)) {
            for (long rate : rates) {
                Point theirs = tcpdump.get(rate);
                if (theirs == null || !budget.allows(2.0 * seconds + warmUpSeconds)) {
                    section.say("No time was left for %,d packets/s.", rate);
                    continue;
                }
                Point ours = agent(agent, file, truth, rate, folder);
                points.add(ours);
                points.add(theirs);
                table.row(
                        Text.of("%,.0f; %,.0f", ours.rate, theirs.rate),
                        Text.of("%,d of %,d", ours.dropped, ours.sent),
                        Text.of("%.2f", ours.us),
                        Text.of(
                                "%.2f, %.2f, %.2f",
                                part(ours, "capture"), part(ours, "publish"), part(ours, "producer")),
                        Text.of("%.2f, %.2f", part(ours, LiveAgent.COMPILERS), part(ours, "JVM") + part(ours, "rest")),
                        Text.of("%.0f (%.2f)", ours.warmUpSeconds, ours.compilerSeconds),
                        Text.of("%,d of %,d", theirs.dropped, theirs.sent),
                        Text.of("%.2f", theirs.us),
                        Text.of("%.1f", ours.us / theirs.us));
                tell("%,d packets/s: agent %.2f us, tcpdump %.2f us", rate, ours.us, theirs.us);
            }
        }
    }

    private static double part(Point point, String part) {
        return point.usByPart.getOrDefault(part, 0.0);
    }

    /** Sends for the time that is wanted, the whole file at the least, and returns what has arrived. */
    private Wire.Sent send(Path file, Truth truth, long rate, Path folder)
            throws IOException, InterruptedException, WrongResultException {
        // where nobody says how fast, as many as a machine of today may send
        long packets = (rate == 0 ? 500_000 : rate) * seconds;
        long loops = Math.max(1, Math.round((double) packets / truth.segments()));
        try (Program tcpreplay = Wire.send(file, rate, loops, folder)) {
            tcpreplay.awaitSuccess(LIMIT);
            Wire.Sent sent = Wire.sent(tcpreplay);
            return new Wire.Sent(sent.packets() * (1 + mirrors), sent.seconds());
        }
    }

    /** Sends until the compilers are quiet. */
    private WarmUp warmUp(LiveAgent agent, Path file, long rate, Path folder)
            throws IOException, InterruptedException, WrongResultException {
        double before = compilerSeconds(agent);
        try (Program tcpreplay = Wire.send(file, rate, 0, folder)) {
            double quietSince = 0;
            double then = before;
            while (tcpreplay.seconds() < warmUpSeconds && tcpreplay.seconds() - quietSince < QUIET_SECONDS) {
                Thread.sleep(1_000);
                if (!tcpreplay.isAlive()) {
                    throw new WrongResultException("tcpreplay ended: " + tcpreplay.errors());
                }
                double now = compilerSeconds(agent);
                if (now - then > QUIET_SECONDS * QUIET) {
                    quietSince = tcpreplay.seconds();
                    then = now;
                }
            }
            tcpreplay.terminate();
            tcpreplay.awaitEnd(LIMIT);
            return new WarmUp(tcpreplay.seconds(), compilerSeconds(agent) - before);
        }
    }

    private static double compilerSeconds(LiveAgent agent) {
        agent.program().look();
        return agent.program().cpuByPart().getOrDefault(LiveAgent.COMPILERS, 0.0);
    }

    private Point agent(LiveAgent agent, Path file, Truth truth, long rate, Path folder)
            throws IOException, InterruptedException, WrongResultException {
        WarmUp warmUp = warmUp(agent, file, rate, folder);
        LiveAgent.Counts before = agent.settled();
        agent.program().look();
        double cpuBefore = agent.program().cpuSeconds();
        Map<String, Double> partsBefore = agent.program().cpuByPart();
        Wire.Sent sent = send(file, truth, rate, folder);
        LiveAgent.Counts after = agent.settled();
        agent.program().look();
        double us = (agent.program().cpuSeconds() - cpuBefore) * 1e6 / sent.packets();
        Map<String, Double> parts = new TreeMap<>();
        agent.program()
                .cpuByPart()
                .forEach((part, all) ->
                        parts.put(part, (all - partsBefore.getOrDefault(part, 0.0)) * 1e6 / sent.packets()));
        long seen = after.seen() - before.seen();
        long dropped = after.dropped() - before.dropped();
        long published = after.published() - before.published();
        if (published != seen || after.lost() != 0 || seen + dropped < sent.packets()) {
            throw new WrongResultException(Text.of(
                    "%,d packets were sent, %,d seen, %,d published, %,d dropped, %,d lost",
                    sent.packets(), seen, published, dropped, after.lost()));
        }
        return new Point(
                "agent", sent.rate(), sent.packets(), dropped, us, parts, warmUp.seconds, warmUp.compilerSeconds);
    }

    private Point tcpdump(Path file, Truth truth, long rate, Path folder)
            throws IOException, InterruptedException, WrongResultException {
        List<Program> all = new ArrayList<>();
        try {
            for (String end : Wire.ends(mirrors)) {
                all.add(tcpdump(end, folder));
            }
            Wire.Sent sent = send(file, truth, rate, folder);
            Thread.sleep(1_000);
            long captured = 0;
            long dropped = 0;
            double cpuSeconds = 0;
            for (Program each : all) {
                each.look();
                each.terminate();
                each.awaitEnd(LIMIT);
                captured += number(CAPTURED, each.errors());
                dropped += number(DROPPED, each.errors());
                cpuSeconds += each.cpuSeconds();
            }
            if (captured + dropped < sent.packets()) {
                throw new WrongResultException(Text.of(
                        "%,d packets have arrived, tcpdump captured %,d and dropped %,d",
                        sent.packets(), captured, dropped));
            }
            return new Point(
                    "tcpdump", sent.rate(), sent.packets(), dropped, cpuSeconds * 1e6 / sent.packets(), Map.of(), 0, 0);
        } finally {
            for (Program each : all) {
                each.close();
            }
            for (String end : Wire.ends(mirrors)) {
                Files.deleteIfExists(written(end, folder));
            }
        }
    }

    private static Path written(String end, Path folder) {
        return folder.resolve("tcpdump-" + end + ".pcap");
    }

    /** Starts one, and waits until it captures. */
    private static Program tcpdump(String end, Path folder)
            throws IOException, InterruptedException, WrongResultException {
        Program tcpdump = Program.start(new Program.Command(
                List.of(
                        String.valueOf(Peers.find("tcpdump")),
                        "-i",
                        end,
                        "-s",
                        SNAP_LENGTH,
                        "-B",
                        BUFFER_KIB,
                        "-w",
                        written(end, folder).toString()),
                folder.resolve("tcpdump-" + end + ".out"),
                folder.resolve("tcpdump-" + end + ".err")));
        while (!tcpdump.errors().contains("listening on")) {
            if (!tcpdump.isAlive()) {
                throw new WrongResultException("tcpdump cannot capture: " + tcpdump.errors());
            }
            Thread.sleep(20);
        }
        return tcpdump;
    }

    private static long number(Pattern pattern, String text) throws WrongResultException {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new WrongResultException("expected \"" + pattern + "\", was told: " + text);
        }
        return Long.parseLong(matcher.group(1));
    }
}
