package flowstate.benchmarks;

import flowstate.schema.EpochNanos;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long after a segment was captured the event that it caused can be read, by a reader of committed records.
 *
 * <p>The load is open-loop: each segment has a time by the clock, at an even rate, and carries it as its capture time,
 * whether or not it can be written then; a pipeline that lags shows its whole lag.
 */
@Command(
        name = "latency",
        description = "From a segment's capture to its event being readable, at given rates and commit intervals.",
        mixinStandardHelpOptions = true)
final class Latency extends Measurement {
    private static final long TARGET_RATE = 10_000;
    private static final long TARGET_COMMIT_MS = 100;
    private static final int FEW_OPEN = 10;

    /** Connections open at once, of the rate: all are closed at the end, which is to take some seconds at any rate. */
    private static final int SHARE_OPEN = 100;

    private static final Duration START_LIMIT = Duration.ofSeconds(90);

    @Option(names = "--rates", split = ",", defaultValue = "1000,10000,100000", description = "Segments a second.")
    private List<Long> rates = List.of();

    @Option(names = "--commits", split = ",", defaultValue = "100,1000", description = "Commit intervals, ms.")
    private List<Long> commits = List.of();

    @Option(names = "--seconds", defaultValue = "15", description = "Measured, of each (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--warm-up", defaultValue = "8", description = "Seconds before (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    /** Times in milliseconds; how many events they are of. */
    private record Point(long rate, long commitMs, double p50, double p99, double p999, double most, long events) {}

    @Override
    String title() {
        return "Latency";
    }

    @Override
    void measure(Section section, Budget budget, Scratch scratch)
            throws IOException, InterruptedException, WrongResultException {
        section.say(
                "SHORT traffic at an even rate into a pipe that a capture-agent reads; broker and processor as processes"
                        + " of their own. Milliseconds from a segment's capture time to the return of the poll that brought its event"
                        + " (read_committed); %d s measured after %d s of warming up.",
                seconds, warmUp);
        Table table = new Table("commit interval, ms", "segments/s", "p50", "p99", "p99.9", "most", "events");
        Chart chart = new Chart("Latency, p99", "segments/s", "ms", true);
        section.add(table);
        List<Point> points = new ArrayList<>();
        section.keep("points", points);
        for (long commit : commits) {
            for (long rate : rates) {
                if (!budget.allows(seconds + warmUp + 15)) {
                    section.say("No time was left for %,d segments/s at %d ms.", rate, commit);
                    continue;
                }
                Point point;
                try {
                    point = run(rate, commit, scratch, budget);
                } catch (WrongResultException e) {
                    section.fail(Text.of("%,d segments/s at %d ms: %s", rate, commit, e.getMessage()));
                    continue;
                }
                points.add(point);
                table.row(
                        Long.toString(commit),
                        Text.of("%,d", rate),
                        Text.number(point.p50),
                        Text.number(point.p99),
                        Text.number(point.p999),
                        Text.number(point.most),
                        Text.of("%,d", point.events));
                chart.point("commits each " + commit + " ms", rate, point.p99);
                tell("%,d segments/s, commits each %d ms: p50 %.0f, p99 %.0f ms", rate, commit, point.p50, point.p99);
                if (rate == TARGET_RATE && commit == TARGET_COMMIT_MS) {
                    section.reach(Target.LATENCY, point.p99);
                }
            }
        }
        section.add(chart);
    }

    private Point run(long rate, long commitMs, Scratch scratch, Budget budget)
            throws IOException, InterruptedException, WrongResultException {
        Path folder = scratch.fresh("latency");
        try (Cluster cluster = Cluster.start(this, new Cluster.Settings(2, 2, commitMs), folder)) {
            cluster.startProcessor(budget.atMost(START_LIMIT));
            long segments = rate * (warmUp + seconds);
            int open = (int) Math.max(FEW_OPEN, rate / SHARE_OPEN);
            try (EventReader reader = cluster.reader();
                    Live live = Live.start(cluster, folder, out -> {
                        Pace pace = new Pace(out, rate);
                        long from = pace.startNs + TimeUnit.SECONDS.toNanos(warmUp);
                        reader.countLatency(from, from + TimeUnit.SECONDS.toNanos(seconds));
                        return Traffic.generate(1, Traffic.Mix.SHORT, segments, open, 0, pace);
                    })) {
                // a pipeline that cannot keep up takes longer, and forever if one waits
                Duration limit = budget.atMost(Duration.ofSeconds(2L * (warmUp + seconds) + 30));
                reader.await(live.await(limit), limit);
                Histogram us = reader.latency();
                return new Point(
                        rate,
                        commitMs,
                        us.getValueAtPercentile(50) / 1e3,
                        us.getValueAtPercentile(99) / 1e3,
                        us.getValueAtPercentile(99.9) / 1e3,
                        us.getMaxValue() / 1e3,
                        us.getTotalCount());
            }
        } finally {
            scratch.fresh("latency");
        }
    }

    /** Gives each packet its time at an even rate, and writes it then; as late as a kernel's ring would, by a millisecond. */
    private static final class Pace implements Traffic.Sink {
        private static final long WAKE_NS = 1_000_000;

        private final CaptureOutput out;
        private final long rate;
        private final long startNs;
        private final long offsetNs;
        private long packets;

        Pace(CaptureOutput out, long rate) {
            this.out = out;
            this.rate = rate;
            this.offsetNs = EpochNanos.now() - System.nanoTime();
            this.startNs = nowNs();
        }

        private long nowNs() {
            return System.nanoTime() + offsetNs;
        }

        @Override
        public void packet(long timeNs, byte[] frame, int captured, int length) throws IOException {
            long due = startNs + packets++ * 1_000_000_000 / rate;
            if (due > nowNs()) {
                out.flush();
                long until = Math.max(due, nowNs() + WAKE_NS);
                while (nowNs() < until) {
                    LockSupport.parkNanos(until - nowNs());
                }
            }
            out.packet(due, frame, captured, length);
        }
    }
}
