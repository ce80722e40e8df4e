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
 * Live capture against {@code tcpdump -w}, in turns, of the same packets at the same rates: what each drops, and its CPU.
 *
 * <p>The agent is one process for all rates, as it runs for months, and has seen so many packets before that its code is
 * compiled; its CPU is that of the whole process from the first packet to when all of them are published.
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
            defaultValue = "12",
            description = "Of 100,000 packets a second before the first rate (default: ${DEFAULT-VALUE}).")
    private int warmUpSeconds;

    @Option(names = "--agent-option", description = "Of the agent's JVM; may be repeated.")
    private List<String> agentOptions = new ArrayList<>(List.of("-Xmx256m", "-XX:+UseSerialGC"));

    /** Dropped of so many sent, and CPU; by what threads are for. */
    private record Point(
            String program, double rate, long sent, long dropped, double us, Map<String, Double> usByPart) {}

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
        Table table = new Table(
                "sent, packets/s",
                "agent: dropped",
                "us CPU a packet",
                "capture, publish, producer, JVM",
                "tcpdump: dropped",
                "us CPU a packet",
                "agent / tcpdump");
        section.add(table);
        List<Point> points = new ArrayList<>();
        section.keep("points", points);
        try (Cluster cluster = Cluster.start(this, Cluster.Settings.OF_REPLAY, folder);
                LiveAgent agent = LiveAgent.start(this, cluster, folder, agentOptions)) {
            send(file, truth, 100_000, warmUpSeconds, folder);
            for (long rate : rates) {
                if (!budget.allows(4.0 * seconds)) {
                    section.say("No time was left for %,d packets/s.", rate);
                    continue;
                }
                Point ours = agent(agent, file, truth, rate, folder);
                Point theirs = tcpdump(file, truth, rate, folder);
                points.add(ours);
                points.add(theirs);
                table.row(
                        Text.of("%,.0f; %,.0f", ours.rate, theirs.rate),
                        Text.of("%,d of %,d", ours.dropped, ours.sent),
                        Text.of("%.2f", ours.us),
                        Text.of(
                                "%.2f, %.2f, %.2f, %.2f",
                                part(ours, "capture"),
                                part(ours, "publish"),
                                part(ours, "producer"),
                                part(ours, "JVM") + part(ours, "rest")),
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

    /** Sends for the time that is wanted, and returns what was sent. */
    private Wire.Sent send(Path file, Truth truth, long rate, Path folder)
            throws IOException, InterruptedException, WrongResultException {
        return send(file, truth, rate, seconds, folder);
    }

    private static Wire.Sent send(Path file, Truth truth, long rate, int seconds, Path folder)
            throws IOException, InterruptedException, WrongResultException {
        // where nobody says how fast, as many as a machine of today may send
        long packets = (rate == 0 ? 500_000 : rate) * seconds;
        long loops = Math.max(1, Math.round((double) packets / truth.segments()));
        try (Program tcpreplay = Wire.send(file, rate, loops, folder)) {
            tcpreplay.awaitSuccess(LIMIT);
            return Wire.sent(tcpreplay);
        }
    }

    private Point agent(LiveAgent agent, Path file, Truth truth, long rate, Path folder)
            throws IOException, InterruptedException, WrongResultException {
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
        return new Point("agent", sent.rate(), sent.packets(), dropped, us, parts);
    }

    private Point tcpdump(Path file, Truth truth, long rate, Path folder)
            throws IOException, InterruptedException, WrongResultException {
        Path written = folder.resolve("tcpdump.pcap");
        try (Program tcpdump = Program.start(new Program.Command(
                List.of(
                        String.valueOf(Peers.find("tcpdump")),
                        "-i",
                        Wire.FAR,
                        "-s",
                        SNAP_LENGTH,
                        "-B",
                        BUFFER_KIB,
                        "-w",
                        written.toString()),
                folder.resolve("tcpdump.out"),
                folder.resolve("tcpdump.err")))) {
            while (!tcpdump.errors().contains("listening on")) {
                if (!tcpdump.isAlive()) {
                    throw new WrongResultException("tcpdump cannot capture: " + tcpdump.errors());
                }
                Thread.sleep(20);
            }
            Wire.Sent sent = send(file, truth, rate, folder);
            Thread.sleep(1_000);
            tcpdump.look();
            tcpdump.terminate();
            tcpdump.awaitEnd(LIMIT);
            long captured = number(CAPTURED, tcpdump.errors());
            long dropped = number(DROPPED, tcpdump.errors());
            if (captured + dropped < sent.packets()) {
                throw new WrongResultException(Text.of(
                        "%,d packets were sent, tcpdump captured %,d and dropped %,d",
                        sent.packets(), captured, dropped));
            }
            return new Point(
                    "tcpdump",
                    sent.rate(),
                    sent.packets(),
                    dropped,
                    tcpdump.cpuSeconds() * 1e6 / sent.packets(),
                    Map.of());
        } finally {
            Files.deleteIfExists(written);
        }
    }

    private static long number(Pattern pattern, String text) throws WrongResultException {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new WrongResultException("expected \"" + pattern + "\", was told: " + text);
        }
        return Long.parseLong(matcher.group(1));
    }
}
