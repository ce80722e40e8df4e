package flowstate.benchmarks;

import flowstate.schema.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Flowstate and other analysers on the same capture, taking turns, and what Kafka itself needs for as many records. Programs
 * that are not installed are left out.
 */
@Command(
        name = "peers",
        description = "The same capture through Flowstate, tcptrace, argus, tshark, tcpdump, Zeek, and bare Kafka.",
        mixinStandardHelpOptions = true)
final class Peers extends Measurement {
    private static final String FLOWSTATE = "flowstate replay";
    private static final String TCPTRACE = "tcptrace";
    private static final String ARGUS = "argus";
    private static final Duration LIMIT = Duration.ofMinutes(3);
    /** tshark takes 20 us and more for a packet. */
    private static final long MOST_FOR_TSHARK = 200_000;

    private static final Pattern COPIED = Pattern.compile("([0-9.]+) s (\\d+) octets");
    private static final Pattern SENT = Pattern.compile("(\\d+) records sent, ([0-9.]+) records/sec");
    private static final String COPY = "copy";
    private static final String PERFORMANCE = "performance";

    @Mixin
    private Workload workload = new Workload();

    @Mixin
    private EventChoice choice = new EventChoice();

    @Option(names = "--rounds", defaultValue = "5", description = "Of each program (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--floors",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Also what Kafka alone needs (default: yes).")
    private boolean floors;

    /**
     * One run of one program.
     *
     * @param segments that it took
     * @param seconds that it took them in
     * @param cpuSeconds in all; NaN if it is not only its own
     */
    private record Run(long segments, double seconds, double cpuSeconds) {
        double rate() {
            return segments / seconds;
        }

        double cpuPerSegment() {
            return cpuSeconds * 1e6 / segments;
        }
    }

    @Override
    String title() {
        return "Peers on " + workload.name() + choice.describe();
    }

    @Override
    void measure(Section section, Budget budget, Scratch scratch)
            throws IOException, InterruptedException, WrongResultException {
        Workload.Capture capture = workload.write(scratch.path());
        boolean chilled = Scratch.chill(capture.file());
        section.say(
                "%s. Programs take turns; before each the page cache is %s, and the capture read once.",
                capture.describe(), chilled ? "dropped" : "left as it is (only root can drop it)");
        Map<String, List<Run>> runs = new LinkedHashMap<>();
        Map<String, List<String>> installed = installed(capture, section);
        rounds(rounds, section, budget, () -> {
            Scratch.chill(capture.file());
            Replay replay = Replay.run(launcher(), capture, choice.option(), scratch, budget);
            double cpu = replay.cpuPerSegment() * replay.segments() / 1e6;
            add(runs, FLOWSTATE, new Run(replay.segments(), replay.seconds(), cpu));
            add(runs, "the same, from command to end", new Run(replay.segments(), replay.wallSeconds(), cpu));
            for (Map.Entry<String, List<String>> peer : Map.copyOf(installed).entrySet()) {
                Scratch.chill(capture.file());
                try {
                    add(runs, peer.getKey(), run(peer.getKey(), peer.getValue(), capture, scratch, budget));
                } catch (WrongResultException e) {
                    installed.remove(peer.getKey());
                    section.say("%s failed, and was left out from then on: %s", peer.getKey(), e.getMessage());
                }
            }
            if (floors) {
                Scratch.chill(capture.file());
                floors(runs, capture, replay, scratch, budget);
            }
            return replay;
        });
        section.add(table(runs));
        section.keep("truth", capture.truth());
        section.keep("runs", runs);
        if (workload.mix == Traffic.Mix.MIX && choice.isAll()) {
            reach(section, Target.RATIO_TO_TCPTRACE, runs, TCPTRACE);
            reach(section, Target.RATIO_TO_ARGUS, runs, ARGUS);
        }
    }

    private static void add(Map<String, List<Run>> runs, String name, Run run) {
        runs.computeIfAbsent(name, any -> new ArrayList<>()).add(run);
        tell("  %-32s %,12.0f segments/s %6.2f us of CPU", name, run.rate(), run.cpuPerSegment());
    }

    private static void reach(Section section, Target target, Map<String, List<Run>> runs, String peer) {
        if (runs.containsKey(peer)) {
            section.reach(target, rate(runs, FLOWSTATE) / rate(runs, peer));
        }
    }

    private static double rate(Map<String, List<Run>> runs, String name) {
        return Samples.of(runs.getOrDefault(name, List.of()), Run::rate).median();
    }

    private static Table table(Map<String, List<Run>> runs) {
        Table table = new Table("", "segments/s, median", "spread", "CPU, us/segment", "flowstate is", "rounds");
        runs.forEach((name, all) -> {
            Samples rate = Samples.of(all, Run::rate);
            double ratio = rate(runs, FLOWSTATE) / rate.median();
            table.row(
                    name,
                    Text.number(rate.median()),
                    rate.spread(),
                    Text.number(Samples.of(all, Run::cpuPerSegment).median()),
                    name.equals(FLOWSTATE) ? "" : Text.number(ratio) + " x",
                    Integer.toString(all.size()));
        });
        return table;
    }

    private static Map<String, List<String>> installed(Workload.Capture capture, Section section) {
        String file = capture.file().toString();
        Map<String, List<String>> all = new LinkedHashMap<>();
        all.put(TCPTRACE, List.of("tcptrace", "-n", file));
        all.put(ARGUS, List.of("argus", "-X", "-r", file, "-w", "argus.out"));
        all.put("tcpdump -w /dev/null", List.of("tcpdump", "-r", file, "-w", "/dev/null"));
        all.put(
                "tshark",
                List.of(
                        "tshark",
                        "-r",
                        file,
                        "-c",
                        Long.toString(MOST_FOR_TSHARK),
                        "-T",
                        "fields",
                        "-e",
                        "tcp.stream",
                        "-e",
                        "tcp.completeness",
                        "-e",
                        "tcp.analysis.flags"));
        all.put("zeek", List.of("zeek", "-C", "-r", file));
        all.entrySet().removeIf(peer -> {
            boolean missing = find(peer.getValue().get(0)) == null;
            if (missing) {
                section.say(
                        "%s is not installed here, and left out.",
                        peer.getValue().get(0));
            }
            return missing;
        });
        return all;
    }

    static @Nullable Path find(String program) {
        for (String folder : (System.getenv("PATH") + ":/usr/sbin:/usr/local/zeek/bin:/opt/zeek/bin").split(":")) {
            Path path = Path.of(folder, program);
            if (Files.isExecutable(path)) {
                return path;
            }
        }
        return null;
    }

    private static Run run(String name, List<String> words, Workload.Capture capture, Scratch scratch, Budget budget)
            throws IOException, InterruptedException, WrongResultException {
        Path folder = scratch.fresh("peer");
        // tcpdump gives up root before it writes, argus before it makes its file
        folder.toFile().setWritable(true, false);
        List<String> command = new ArrayList<>(words);
        command.set(0, String.valueOf(find(words.get(0))));
        long segments = capture.truth().segments();
        try (Program program = Program.start(
                new Program.Command(command, folder.resolve("out.txt"), folder.resolve("err.txt"), Map.of(), folder),
                thread -> name,
                () -> {})) {
            program.awaitSuccess(budget.atMost(LIMIT));
            return new Run(
                    name.equals("tshark") ? Math.min(segments, MOST_FOR_TSHARK) : segments,
                    program.seconds(),
                    program.cpuSeconds());
        } finally {
            scratch.fresh("peer");
        }
    }

    /** The agent alone; Kafka Streams that only copies; Kafka's own producer with records of the same number and size. */
    private void floors(
            Map<String, List<Run>> runs, Workload.Capture capture, Replay replay, Scratch scratch, Budget budget)
            throws IOException, InterruptedException, WrongResultException {
        long segments = capture.truth().segments();
        Cluster.Settings settings = Cluster.Settings.OF_REPLAY;
        Path folder = scratch.fresh("floors");
        try (Cluster cluster = Cluster.start(this, settings, folder)) {
            createTopics(cluster);
            try (Program agent = cluster.startAgent(capture.file(), "peers")) {
                agent.awaitSuccess(budget.atMost(LIMIT));
                add(runs, "agent to Kafka, alone", new Run(segments, agent.seconds(), agent.cpuSeconds()));
            }
            long records = records(cluster);
            long octets;
            try (Program copy = cluster.startOwn(
                    PassThrough.class,
                    "copy",
                    cluster.servers(),
                    COPY,
                    folder.resolve("copy").toString(),
                    Integer.toString(settings.threads()),
                    Long.toString(records))) {
                copy.awaitSuccess(budget.atMost(LIMIT));
                Matcher copied = matched(COPIED, copy.output());
                octets = Long.parseLong(copied.group(2));
                add(
                        runs,
                        "Kafka Streams that copies",
                        new Run(segments, Double.parseDouble(copied.group(1)), copy.cpuSeconds()));
            }
            performance(runs, cluster, replay.batches(), octets / records, segments, budget);
        } finally {
            scratch.fresh("floors");
        }
    }

    private static void performance(
            Map<String, List<Run>> runs, Cluster cluster, long records, long size, long segments, Budget budget)
            throws IOException, InterruptedException, WrongResultException {
        // as the agent's producer is set
        List<String> words = new ArrayList<>(List.of(
                Cluster.java(),
                "-cp",
                Cluster.classPath(),
                "-Dlogback.configurationFile=flowstate/standalone/logback.xml",
                "org.apache.kafka.tools.ProducerPerformance",
                "--topic",
                PERFORMANCE,
                "--num-records",
                Long.toString(records),
                "--record-size",
                Long.toString(size),
                "--throughput",
                "-1",
                "--bootstrap-server",
                cluster.servers(),
                "--command-property",
                "acks=all",
                "compression.type=lz4",
                "linger.ms=15",
                "batch.size=262144",
                "buffer.memory=67108864"));
        try (Program program = cluster.start(words, "performance")) {
            program.awaitSuccess(budget.atMost(LIMIT));
            add(
                    runs,
                    "kafka-producer-perf",
                    new Run(segments, segments / last(program.output(), segments, records), program.cpuSeconds()));
        }
    }

    /** Segments a second, from the last line of Kafka's producer test. */
    private static double last(String output, long segments, long records) throws WrongResultException {
        double rate = 0;
        Matcher sent = SENT.matcher(output);
        while (sent.find()) {
            rate = Double.parseDouble(sent.group(2));
        }
        if (rate == 0) {
            throw new WrongResultException("kafka-producer-perf said: " + output);
        }
        return rate * segments / records;
    }

    private static Matcher matched(Pattern pattern, String output) throws WrongResultException {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new WrongResultException("expected \"" + pattern + "\" but was told: " + output);
        }
        return matcher;
    }

    private static void createTopics(Cluster cluster) throws InterruptedException, WrongResultException {
        int partitions = cluster.settings().partitions();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.servers()))) {
            admin.createTopics(List.of(
                            new NewTopic(COPY, partitions, (short) 1),
                            new NewTopic(PERFORMANCE, partitions, (short) 1)))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            throw new WrongResultException("topics could not be made: " + e.getMessage());
        }
    }

    private static long records(Cluster cluster) throws InterruptedException, WrongResultException {
        Map<TopicPartition, OffsetSpec> ends = new LinkedHashMap<>();
        for (int i = 0; i < cluster.settings().partitions(); i++) {
            ends.put(new TopicPartition(Topics.SEGMENTS.name(), i), OffsetSpec.latest());
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.servers()))) {
            return admin.listOffsets(ends).all().get().values().stream()
                    .mapToLong(end -> end.offset())
                    .sum();
        } catch (ExecutionException e) {
            throw new WrongResultException("the end of the topic is not known: " + e.getMessage());
        }
    }
}
