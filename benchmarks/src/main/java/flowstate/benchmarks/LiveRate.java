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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Live capture against {@code tcpdump -w}, one after the other, of the same packets at the same rates: what each drops, and
 * its CPU.
 *
 * <p>The agent is one process for all rates, as it runs for months. Another rate is other work for Java's compilers, as is
 * the silence after it, so each is sent again until they are quiet; the agent's CPU is that of the whole process from the
 * first packet of the last time to when all are published. All of tcpdump's turns come before the agent is started: it
 * would capture, too, and take the CPU's caches.
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

    /** The part of a core that the compilers may take. */
    private static final double QUIET = 0.005;

    @Option(
            names = "--rates",
            split = ",",
            defaultValue = "0,400000,300000,200000,100000,50000",
            description = "Packets a second; 0 for as many as tcpreplay can send (default: ${DEFAULT-VALUE}).")
    private List<Long> rates = List.of();

    @Option(names = "--seconds", defaultValue = "6", description = "Of each rate (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "75",
            description = "Of each rate at the most: it is sent again while the agent's compilers are at work"
                    + " (default: ${DEFAULT-VALUE}).")
    private int warmUpSeconds;

    @Mixin
    private Mirrors mirrors = new Mirrors();

    @Option(names = "--agent-option", description = "Of the agent's JVM; may be repeated.")
    private List<String> agentOptions = new ArrayList<>(LiveAgent.OPTIONS);

    /** Dropped of so many sent, and CPU; by what threads are for. tcpdump needs no warm-up. */
    private record Point(
            String program,
            double rate,
            long sent,
            long dropped,
            double us,
            Map<String, Double> usByPart,
            WarmUp warmUp) {
        double part(String part) {
            return usByPart.getOrDefault(part, 0.0);
        }
    }

    /** What came before a measurement: its time, CPU of Java's compilers, packets that were dropped. */
    private record WarmUp(double seconds, double compilerSeconds, long dropped) {
        static final WarmUp NONE = new WarmUp(0, 0, 0);
    }

    @Override
    int mirrors() {
        return mirrors.count;
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
        if (mirrors.count > 0) {
            section.say(
                    "Each packet that is sent arrives at %d interfaces: rates and counts are of what arrives.",
                    1 + mirrors.count);
        }
        Table table = new Table(
                mirrors.count > 0 ? "arrived, packets/s" : "sent, packets/s",
                "agent: dropped",
                "us CPU a packet",
                "capture, publish, producer",
                "compilers, rest of the JVM",
                "warm-up, s (compilers, s; dropped)",
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
                LiveAgent agent = LiveAgent.start(this, cluster, folder, Wire.ends(mirrors.count), agentOptions)) {
            for (long rate : rates) {
                Point theirs = tcpdump.get(rate);
                if (theirs == null || !budget.allows(2.0 * seconds + warmUpSeconds)) {
                    section.say("No time was left for %,d packets/s.", rate);
                    continue;
                }
                Point ours = agent(agent, file, truth, rate, folder);
                WarmUp warmUp = ours.warmUp;
                points.add(ours);
                points.add(theirs);
                table.row(
                        Text.of("%,.0f; %,.0f", ours.rate, theirs.rate),
                        Text.of("%,d of %,d", ours.dropped, ours.sent),
                        Text.of("%.2f", ours.us),
                        Text.of("%.2f, %.2f, %.2f", ours.part("capture"), ours.part("publish"), ours.part("producer")),
                        Text.of("%.2f, %.2f", ours.part(LiveAgent.COMPILERS), ours.part("JVM") + ours.part("rest")),
                        Text.of("%.0f (%.2f; %,d)", warmUp.seconds, warmUp.compilerSeconds, warmUp.dropped),
                        Text.of("%,d of %,d", theirs.dropped, theirs.sent),
                        Text.of("%.2f", theirs.us),
                        Text.of("%.1f", ours.us / theirs.us));
                tell("%,d packets/s: agent %.2f us, tcpdump %.2f us", rate, ours.us, theirs.us);
            }
        }
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
            return new Wire.Sent(sent.packets() * (1 + mirrors.count), sent.seconds());
        }
    }

    /** Sends, for as often as the compilers are at work meanwhile and there is time to warm up: the last one counts. */
    private Point agent(LiveAgent agent, Path file, Truth truth, long rate, Path folder)
            throws IOException, InterruptedException, WrongResultException {
        long start = System.nanoTime();
        WarmUp before = WarmUp.NONE;
        while (true) {
            Point point = once(agent, file, truth, rate, folder, before);
            double seconds = (System.nanoTime() - start) / 1e9;
            double compilerSeconds = point.part(LiveAgent.COMPILERS) * point.sent / 1e6;
            if (compilerSeconds < QUIET * point.sent / point.rate || seconds > warmUpSeconds) {
                return point;
            }
            before = new WarmUp(seconds, before.compilerSeconds + compilerSeconds, before.dropped + point.dropped);
        }
    }

    private Point once(LiveAgent agent, Path file, Truth truth, long rate, Path folder, WarmUp warmUp)
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
        return new Point("agent", sent.rate(), sent.packets(), dropped, us, parts, warmUp);
    }

    private Point tcpdump(Path file, Truth truth, long rate, Path folder)
            throws IOException, InterruptedException, WrongResultException {
        List<Program> all = new ArrayList<>();
        try {
            for (String end : Wire.ends(mirrors.count)) {
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
                    "tcpdump",
                    sent.rate(),
                    sent.packets(),
                    dropped,
                    cpuSeconds * 1e6 / sent.packets(),
                    Map.of(),
                    WarmUp.NONE);
        } finally {
            for (Program each : all) {
                each.close();
            }
            for (String end : Wire.ends(mirrors.count)) {
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
