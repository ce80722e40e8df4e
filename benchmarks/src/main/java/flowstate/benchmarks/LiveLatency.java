package flowstate.benchmarks;

import flowstate.schema.EpochNanos;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long after a segment was on the wire the event that it caused can be read, by a reader of committed records: the same
 * as {@link Latency}, with segments that are really sent and a live agent.
 *
 * <p>A segment's time is the kernel's, when the packet came to the interface that is captured.
 */
@Command(
        name = "live-latency",
        description =
                "From a segment on the wire to its event being readable, with a live agent; needs root and tcpreplay.",
        mixinStandardHelpOptions = true)
final class LiveLatency extends WireMeasurement {
    private static final long TARGET_RATE = 10_000;
    private static final long TARGET_COMMIT_MS = 100;
    private static final int FEW_OPEN = 10;

    /** Connections open at once, of the rate. */
    private static final int SHARE_OPEN = 100;

    private static final Duration START_LIMIT = Duration.ofSeconds(90);

    @Option(names = "--rates", split = ",", defaultValue = "1000,10000", description = "Segments a second.")
    private List<Long> rates = List.of();

    @Option(
            names = "--commit",
            paramLabel = "MS",
            defaultValue = "100",
            description = "Commit interval (default: ${DEFAULT-VALUE}).")
    private long commitMs;

    @Option(names = "--seconds", defaultValue = "15", description = "Measured, of each (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--warm-up", defaultValue = "10", description = "Seconds before (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    /** Times in milliseconds; how many events they are of. */
    private record Point(
            double rate, long commitMs, double p50, double p99, double p999, double most, long events, long dropped) {}

    @Override
    String title() {
        return "Latency of live capture";
    }

    @Override
    void measure(Section section, Budget budget, Scratch scratch)
            throws IOException, InterruptedException, WrongResultException {
        section.say(
                "SHORT traffic sent by tcpreplay over a veth pair, whose other end a live capture-agent captures; broker and"
                        + " processor as processes of their own, commits each %d ms. Milliseconds from the kernel's time of"
                        + " a segment to the return of the poll that brought its event (read_committed); %d s measured"
                        + " after %d s of warming up.",
                commitMs, seconds, warmUp);
        Table table = new Table("sent, segments/s", "p50", "p99", "p99.9", "most", "events", "dropped");
        section.add(table);
        List<Point> points = new ArrayList<>();
        section.keep("points", points);
        for (long rate : rates) {
            if (!budget.allows(seconds + warmUp + 20)) {
                section.say("No time was left for %,d segments/s.", rate);
                continue;
            }
            Point point;
            try {
                point = run(rate, scratch, budget);
            } catch (WrongResultException e) {
                section.fail(Text.of("%,d segments/s: %s", rate, e.getMessage()));
                continue;
            }
            points.add(point);
            table.row(
                    Text.of("%,.0f", point.rate),
                    Text.number(point.p50),
                    Text.number(point.p99),
                    Text.number(point.p999),
                    Text.number(point.most),
                    Text.of("%,d", point.events),
                    Text.of("%,d", point.dropped));
            tell("%,d segments/s: p50 %.0f, p99 %.0f, p99.9 %.0f ms", rate, point.p50, point.p99, point.p999);
            if (rate == TARGET_RATE && commitMs == TARGET_COMMIT_MS) {
                section.reach(Target.LATENCY, point.p99);
            }
        }
    }

    private Point run(long rate, Scratch scratch, Budget budget)
            throws IOException, InterruptedException, WrongResultException {
        Path folder = scratch.fresh("live-latency");
        Path file = folder.resolve("wire.pcap");
        Truth truth = Wire.write(
                file, Traffic.Mix.SHORT, rate * (warmUp + seconds), (int) Math.max(FEW_OPEN, rate / SHARE_OPEN));
        try (Cluster cluster = Cluster.start(this, new Cluster.Settings(2, 2, commitMs), folder)) {
            cluster.startProcessor(budget.atMost(START_LIMIT));
            Duration limit = budget.atMost(Duration.ofSeconds(2L * (warmUp + seconds) + 30));
            try (EventReader reader = cluster.reader()) {
                Wire.Sent sent;
                LiveAgent.Counts counts;
                try (LiveAgent agent = LiveAgent.start(this, cluster, folder, Wire.ends(0), LiveAgent.OPTIONS)) {
                    Instant from = Instant.now().plusSeconds(warmUp);
                    reader.countLatency(EpochNanos.of(from), EpochNanos.of(from.plusSeconds(seconds)));
                    try (Program tcpreplay = Wire.send(file, rate, 1, folder)) {
                        tcpreplay.awaitSuccess(limit);
                        sent = Wire.sent(tcpreplay);
                    }
                    counts = agent.settled();
                }
                if (counts.published() != truth.segments()) {
                    throw new WrongResultException(Text.of("%,d segments were sent, %s", truth.segments(), counts));
                }
                reader.await(truth, limit);
                Histogram us = reader.latency();
                return new Point(
                        sent.rate(),
                        commitMs,
                        us.getValueAtPercentile(50) / 1e3,
                        us.getValueAtPercentile(99) / 1e3,
                        us.getValueAtPercentile(99.9) / 1e3,
                        us.getMaxValue() / 1e3,
                        us.getTotalCount(),
                        counts.dropped());
            }
        } finally {
            scratch.fresh("live-latency");
        }
    }
}
