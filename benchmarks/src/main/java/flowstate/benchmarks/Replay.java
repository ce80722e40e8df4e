package flowstate.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One run of {@code ./flowstate replay}, as a user starts it, with events going to a file; checked against the truth.
 *
 * @param segments of the capture
 * @param seconds as it says itself: from the first packet to the last line, without the start of JVM and broker
 * @param wallSeconds from the command to its end
 * @param cpuSeconds of the whole run, by part
 * @param startCpuSeconds of it before there was a thread that publishes
 * @param peakMegabytes most resident memory
 * @param allocated octets on the Java heap
 * @param segmentOctets of topic flowstate.segments on disk
 * @param changelogOctets of the changelogs on disk
 * @param eventOctets of the outgoing topics on disk
 * @param batches records of flowstate.segments
 * @param events printed, anomalies included
 */
record Replay(
        long segments,
        double seconds,
        double wallSeconds,
        Map<String, Double> cpuSeconds,
        double startCpuSeconds,
        long peakMegabytes,
        long allocated,
        double gcPauseSeconds,
        long segmentOctets,
        long changelogOctets,
        long eventOctets,
        long batches,
        long events) {
    private static final Pattern SECONDS = Pattern.compile("packets in ([0-9.,]+) s");
    private static final Pattern BATCHES = Pattern.compile("published +[0-9,]+ in ([0-9,]+) batches");
    private static final Pattern PAYLOAD = Pattern.compile(" (\\d+)/(\\d+) bytes");
    private static final Duration LIMIT = Duration.ofMinutes(10);

    /**
     * Runs it.
     *
     * @param options besides the file
     * @throws WrongResultException if it fails, takes too long, or prints what is not true
     */
    static Replay run(Path launcher, Workload.Capture capture, List<String> options, Scratch scratch, Budget budget)
            throws IOException, InterruptedException, WrongResultException {
        Path folder = scratch.fresh("replay");
        Path events = folder.resolve("events.txt");
        Path gc = folder.resolve("gc.log");
        Path kafka = Files.createDirectory(folder.resolve("kafka"));
        List<String> words = new ArrayList<>(
                List.of(launcher.toString(), "replay", capture.file().toString(), "--temp-dir", kafka.toString()));
        words.addAll(options);
        Program.Command command =
                new Program.Command(words, events, folder.resolve("errors.txt"), GcLog.environment(gc), folder);
        KafkaFiles files = new KafkaFiles(kafka);
        try (Program program = Program.start(command, Replay::part, files::look)) {
            program.awaitSuccess(budget.atMost(LIMIT));
            Truth.Told told = told(events);
            capture.truth().check(told);
            String said = program.errors();
            GcLog collections = GcLog.read(gc);
            return new Replay(
                    capture.truth().segments(),
                    Double.parseDouble(found(SECONDS, said)),
                    program.seconds(),
                    program.cpuByPart(),
                    program.cpuSecondsBefore("agent"),
                    program.peakMegabytes(),
                    collections.allocated(),
                    collections.pauseSeconds(),
                    files.segments(),
                    files.changelogs(),
                    files.events(),
                    Long.parseLong(found(BATCHES, said)),
                    told.events);
        } finally {
            scratch.fresh("replay");
        }
    }

    private static String found(Pattern pattern, String said) throws WrongResultException {
        Matcher matcher = pattern.matcher(said);
        if (!matcher.find()) {
            throw new WrongResultException("replay did not say \"" + pattern + "\" but: " + said);
        }
        return matcher.group(1).replace(",", "");
    }

    private static Truth.Told told(Path events) throws IOException {
        Truth.Told told = new Truth.Told();
        try (BufferedReader lines = Files.newBufferedReader(events)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                told.events++;
                if (!line.contains("  ENDED  ")) {
                    continue;
                }
                told.connections++;
                Close close = Close.of(line);
                if (close != null) {
                    told.closed[close.ordinal()]++;
                }
                Matcher payload = PAYLOAD.matcher(line);
                if (payload.find()) {
                    told.payload += Long.parseLong(payload.group(1)) + Long.parseLong(payload.group(2));
                }
            }
        }
        return told;
    }

    double rate() {
        return segments / seconds;
    }

    /** Of the whole run, microseconds. */
    double cpuPerSegment() {
        return perSegment(cpuSeconds.values().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum())
                * 1e6;
    }

    /** Without the start of JVM, broker and processor, microseconds. */
    double cpuPerSegmentAfterStart() {
        return cpuPerSegment() - perSegment(startCpuSeconds) * 1e6;
    }

    double cpuPerSegment(String part) {
        return perSegment(cpuSeconds.getOrDefault(part, 0.0)) * 1e6;
    }

    double perSegment(double amount) {
        return amount / segments;
    }

    /** The parts that any of the runs had. */
    static List<String> parts(List<Replay> rounds) {
        List<String> parts = new ArrayList<>();
        rounds.forEach(round -> round.cpuSeconds.keySet().stream()
                .filter(part -> !parts.contains(part))
                .forEach(parts::add));
        return parts;
    }

    /** What a thread of the one JVM is for; Linux keeps the first 15 characters of its name. */
    static String part(String thread) {
        String ofJvm = partOfJvm(thread);
        if (!ofJvm.isEmpty()) {
            return ofJvm;
        }
        if (thread.startsWith("flowstate-publi") || thread.contains("agent")) {
            return "agent";
        }
        // Streams names its threads by application and a random id
        if (thread.matches("flowstate-[0-9a-f]{5}")) {
            return "streams";
        }
        if (thread.startsWith("rocksdb")) {
            return "rocksdb";
        }
        if (thread.startsWith("kafka-producer")) {
            return "producers";
        }
        if (thread.startsWith("java") || thread.startsWith("main") || thread.startsWith("flowstate-print")) {
            return "printing";
        }
        return "broker";
    }

    /** GC, JIT, or empty. */
    static String partOfJvm(String thread) {
        if (thread.startsWith("GC ") || thread.startsWith("G1 ") || thread.startsWith("VM ")) {
            return "gc";
        }
        return thread.contains("Compiler") ? "jit" : "";
    }
}
