package flowstate.benchmarks;

import flowstate.schema.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** A live agent with a small heap under steady load for a long time: nothing of it may grow. */
@Command(
        name = "soak",
        description =
                "A live agent with a heap of 256 MiB under steady load: nothing may grow. Needs root and tcpreplay.",
        defaultValueProvider = Soak.Hour.class,
        mixinStandardHelpOptions = true)
final class Soak extends WireMeasurement {
    private static final int ROWS = 12;
    private static final long MIB = 1 << 20;
    private static final Pattern AFTER_COLLECTION = Pattern.compile("->(\\d+)M\\(");

    /** What the middle third may have at its most, and the last third in excess of it, before that is called growth. */
    private static final long RSS_MARGIN = 12 * MIB;

    private static final long HEAP_MARGIN = 8 * MIB;
    private static final long FEW = 3;

    @Option(
            names = "--rate",
            defaultValue = "500000",
            description = "Packets a second; 0 for as many as can be sent (default: ${DEFAULT-VALUE}).")
    private long rate;

    @Mixin
    private Mirrors mirrors = new Mirrors();

    /** An hour, where other measurements have less. */
    static final class Hour implements IDefaultValueProvider {
        @Override
        public @Nullable String defaultValue(ArgSpec argument) {
            return argument instanceof OptionSpec option && option.longestName().equals("--minutes") ? "60" : null;
        }
    }

    /** What the agent has at a moment; octets. */
    private record Sample(
            double seconds, long rss, long heap, long threads, long files, long spool, LiveAgent.Counts counts) {}

    @Override
    int mirrors() {
        return mirrors.count;
    }

    @Override
    String title() {
        return "Soak";
    }

    @Override
    void measure(Section section, Budget budget, Scratch scratch)
            throws IOException, InterruptedException, WrongResultException {
        Path folder = scratch.fresh("soak");
        Path file = folder.resolve("wire.pcap");
        Truth truth = write(file);
        Path gcLog = folder.resolve("gc.log");
        List<Sample> samples = new ArrayList<>();
        try (Cluster cluster = Cluster.start(this, Cluster.Settings.OF_REPLAY, folder)) {
            keepLittle(cluster);
            try (LiveAgent agent = LiveAgent.start(
                            this,
                            cluster,
                            folder,
                            Wire.ends(mirrors.count),
                            Stream.concat(
                                            LiveAgent.OPTIONS.stream(),
                                            Stream.of("-Xms256m", "-XX:+AlwaysPreTouch", "-Xlog:gc:file=" + gcLog))
                                    .toList());
                    Program tcpreplay = Wire.send(file, rate, 0, folder)) {
                double seconds = minutes * 60;
                while (tcpreplay.seconds() < seconds) {
                    Thread.sleep((long) (seconds * 1000 / 100));
                    if (!tcpreplay.isAlive() || !agent.program().isAlive()) {
                        throw new WrongResultException(
                                tcpreplay.errors() + agent.program().errors());
                    }
                    samples.add(sample(tcpreplay.seconds(), agent, gcLog));
                }
                double lasted = tcpreplay.seconds();
                tcpreplay.terminate();
                tcpreplay.awaitEnd(Duration.ofSeconds(10));
                LiveAgent.Counts counts = agent.settled();
                agent.program().look();
                tell(section, truth, samples, counts, lasted, agent.program().cpuSeconds());
            }
        }
        judge(section, samples);
    }

    /** An hour of segments would fill a disk. */
    private static void keepLittle(Cluster cluster) throws InterruptedException, WrongResultException {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, Topics.SEGMENTS.name());
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.servers()))) {
            List<AlterConfigOp> settings = Stream.of("retention.bytes", "segment.bytes")
                    .map(name ->
                            new AlterConfigOp(new ConfigEntry(name, Long.toString(64 * MIB)), AlterConfigOp.OpType.SET))
                    .toList();
            admin.incrementalAlterConfigs(Map.of(topic, settings)).all().get();
        } catch (ExecutionException e) {
            throw new WrongResultException("the topic cannot be kept small: " + e.getCause());
        }
    }

    private static Sample sample(double seconds, LiveAgent agent, Path gcLog) throws IOException, InterruptedException {
        Path proc = Path.of("/proc", Long.toString(agent.program().pid()));
        long rss = 0;
        long threads = 0;
        for (String line : Files.readAllLines(proc.resolve("status"))) {
            if (line.startsWith("VmRSS:")) {
                rss = 1024 * Long.parseLong(line.replaceAll("\\D", ""));
            } else if (line.startsWith("Threads:")) {
                threads = Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        long files;
        try (Stream<Path> descriptors = Files.list(proc.resolve("fd"))) {
            files = descriptors.count();
        }
        long heap = 0;
        Matcher matcher = AFTER_COLLECTION.matcher(Files.readString(gcLog));
        while (matcher.find()) {
            heap = MIB * Long.parseLong(matcher.group(1));
        }
        return new Sample(seconds, rss, heap, threads, files, octets(agent.spool()), agent.counts());
    }

    private static long octets(Path folder) throws IOException {
        long sum = 0;
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.filter(Files::isRegularFile).toList()) {
                sum += Files.size(each);
            }
        } catch (NoSuchFileException e) {
            // a file that was let go of meanwhile
        }
        return sum;
    }

    private void tell(
            Section section,
            Truth truth,
            List<Sample> samples,
            LiveAgent.Counts counts,
            double lasted,
            double cpuSeconds) {
        section.say(
                "%s, over and over: %,d packets of %,d connections, %,d open at once, at %d interfaces. Asked for %,d packets/s; %,.0f were seen,"
                        + " for %.1f minutes, with -Xmx256m: %,d seen, %,d published, %,d dropped by the kernel, %,d lost,"
                        + " %,d pending; %.2f us CPU a packet.",
                mix,
                truth.segments(),
                truth.connections(),
                open,
                1 + mirrors.count,
                rate,
                counts.seen() / lasted,
                lasted / 60,
                counts.seen(),
                counts.published(),
                counts.dropped(),
                counts.lost(),
                counts.pending(),
                cpuSeconds * 1e6 / counts.seen());
        Table table = new Table(
                "minute", "RSS, MiB", "heap after a collection, MiB", "threads", "open files", "spool, KiB", "seen");
        for (int row = 1; row <= ROWS; row++) {
            Sample sample = samples.get(samples.size() * row / ROWS - 1);
            table.row(
                    Text.of("%.1f", sample.seconds / 60),
                    Text.of("%,d", sample.rss / MIB),
                    Text.of("%,d", sample.heap / MIB),
                    Text.of("%,d", sample.threads),
                    Text.of("%,d", sample.files),
                    Text.of("%,d", sample.spool / 1024),
                    Text.of("%,d", sample.counts.seen()));
        }
        section.add(table);
        section.keep("samples", samples);
        if (counts.seen() != counts.published() + counts.lost() || counts.lost() != 0) {
            section.fail(
                    Text.of("%,d seen, %,d published, %,d lost", counts.seen(), counts.published(), counts.lost()));
        }
    }

    /** The last third against the middle one: before that, classes are loaded and code is compiled. */
    private static void judge(Section section, List<Sample> samples) {
        List<Sample> middle = samples.subList(samples.size() / 3, samples.size() * 2 / 3);
        List<Sample> last = samples.subList(samples.size() * 2 / 3, samples.size());
        grows(section, "resident memory", RSS_MARGIN, most(middle, Sample::rss), most(last, Sample::rss));
        grows(
                section,
                "the heap after a collection",
                HEAP_MARGIN,
                least(middle, Sample::heap),
                least(last, Sample::heap));
        grows(section, "the number of threads", FEW, most(middle, Sample::threads), most(last, Sample::threads));
        grows(section, "the number of open files", FEW, most(middle, Sample::files), most(last, Sample::files));
        grows(section, "the spool", MIB, most(middle, Sample::spool), most(last, Sample::spool));
    }

    private static void grows(Section section, String what, long margin, long before, long after) {
        if (after > before + margin) {
            section.fail(Text.of("%s grows: %,d in the middle, %,d at the end", what, before, after));
        }
    }

    private static long most(List<Sample> samples, ToLongFunction<Sample> what) {
        return samples.stream().mapToLong(what).max().orElse(0);
    }

    private static long least(List<Sample> samples, ToLongFunction<Sample> what) {
        return samples.stream().mapToLong(what).min().orElse(0);
    }
}
