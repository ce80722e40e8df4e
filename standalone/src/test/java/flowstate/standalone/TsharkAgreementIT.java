package flowstate.standalone;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import flowstate.capture.source.Captures;
import flowstate.tcp.AnomalyKind;
import flowstate.tcp.Connection;
import flowstate.trace.Scenarios;
import flowstate.trace.Trace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the model finds in transfers beside what tshark finds. In the captures of others, stream by stream: where the two
 * differ stands in {@code tshark-differences.txt} with the reason, and nowhere else. In made-up transfers, segment by segment; so,
 * too, in the scenarios, whose differences are in {@code tshark-scenario-differences.txt}.
 */
class TsharkAgreementIT {
    private static final String DIFFERENCES = "/tshark-differences.txt";
    private static final String SCENARIOS = "/tshark-scenario-differences.txt";
    private static final int FIRST_PORT = 50_000;
    private static final Path REPORT = Path.of("target", "tshark-agreement.txt");

    /** What is counted together: for tshark, a SYN that comes again is a retransmission like any other. */
    private static final Map<AnomalyKind, String> COUNTED = new LinkedHashMap<>();

    static {
        COUNTED.put(AnomalyKind.RETRANSMISSION, "retransmission");
        COUNTED.put(AnomalyKind.FAST_RETRANSMISSION, "retransmission");
        COUNTED.put(AnomalyKind.SPURIOUS_RETRANSMISSION, "retransmission");
        COUNTED.put(AnomalyKind.SYN_RETRANSMITTED, "retransmission");
        COUNTED.put(AnomalyKind.OUT_OF_ORDER, "out of order");
        COUNTED.put(AnomalyKind.DUPLICATE_ACK, "duplicate ACK");
        COUNTED.put(AnomalyKind.SEGMENT_GAP, "lost segment");
        COUNTED.put(AnomalyKind.ACK_UNSEEN, "acknowledged unseen");
        COUNTED.put(AnomalyKind.ZERO_WINDOW, "zero window");
        COUNTED.put(AnomalyKind.WINDOW_FULL, "window full");
        COUNTED.put(AnomalyKind.ZERO_WINDOW_PROBE, "zero window probe");
        COUNTED.put(AnomalyKind.KEEP_ALIVE, "keep-alive");
    }

    @TempDir
    private Path folder;

    @BeforeEach
    void tsharkIsThere() {
        assumeTrue(Tshark.isInstalled(), "skipped: tshark and mergecap are not installed");
    }

    /** Files that can be read by one run of tshark: no two have a connection between the same ends. */
    private static final class Group {
        private final Set<String> ends = new HashSet<>();
        private final List<TrackedFile> files = new ArrayList<>();

        boolean takes(TrackedFile file) {
            if (file.ends().stream().anyMatch(ends::contains)) {
                return false;
            }
            ends.addAll(file.ends());
            return files.add(file);
        }
    }

    /** One of tshark's streams: its frames as both see them. */
    private static final class TsharkStream {
        private final List<Tshark.Frame> theirs = new ArrayList<>();
        private final List<TrackedFile.Frame> ours = new ArrayList<>();

        String name(TrackedFile file) {
            return file.name() + " | " + ours.get(0).ends() + " from frame "
                    + ours.get(0).number();
        }

        /** What differs, empty if nothing does. */
        List<String> differences() {
            List<String> differences = new ArrayList<>();
            long connections = connections().count();
            if (connections > 1) {
                differences.add("streams tshark 1 ours " + connections);
            }
            if (completenessOfTshark() != completeness()) {
                differences.add("completeness tshark " + completenessOfTshark() + " ours " + completeness());
            }
            Map<String, Integer> their =
                    counts(theirs.stream().map(Tshark.Frame::kinds).toList());
            Map<String, Integer> our =
                    counts(ours.stream().map(TrackedFile.Frame::kinds).toList());
            for (String what : new TreeSet<>(COUNTED.values())) {
                int theirCount = their.getOrDefault(what, 0);
                int ourCount = our.getOrDefault(what, 0);
                if (theirCount != ourCount) {
                    differences.add(what + " tshark " + theirCount + " ours " + ourCount);
                }
            }
            return differences;
        }

        private Stream<Connection> connections() {
            return ours.stream().map(TrackedFile.Frame::connection).distinct();
        }

        /** What all of our connections that the stream's segments belong to have shown. */
        private int completeness() {
            return connections().mapToInt(Connection::completeness).reduce(0, (a, b) -> a | b);
        }

        private int completenessOfTshark() {
            return theirs.get(theirs.size() - 1).completeness();
        }

        boolean sameCompleteness() {
            return completeness() == completenessOfTshark();
        }

        private static Map<String, Integer> counts(List<Set<AnomalyKind>> frames) {
            Map<String, Integer> counts = new TreeMap<>();
            for (Set<AnomalyKind> kinds : frames) {
                kinds.stream()
                        .map(COUNTED::get)
                        .filter(what -> what != null)
                        .distinct()
                        .forEach(what -> counts.merge(what, 1, Integer::sum));
            }
            return counts;
        }
    }

    @Test
    void streamsOfOthersAreJudgedAsTsharkDoes() throws Exception {
        Optional<Path> shared = Captures.shared();
        assumeTrue(shared.isPresent(), "skipped: the shared captures are not here, see Captures.shared()");
        Path captures = shared.orElseThrow().resolve("zeek");
        List<Group> groups = new ArrayList<>();
        for (Path file : files(captures)) {
            TrackedFile tracked =
                    TrackedFile.read(file, captures.relativize(file).toString());
            if (groups.stream().noneMatch(group -> group.takes(tracked))) {
                Group another = new Group();
                another.takes(tracked);
                groups.add(another);
            }
        }
        int streams = 0;
        int complete = 0;
        Set<String> differences = new TreeSet<>();
        for (Group group : groups) {
            for (Map.Entry<TsharkStream, TrackedFile> each : streams(group).entrySet()) {
                TsharkStream stream = each.getKey();
                streams++;
                complete += stream.sameCompleteness() ? 1 : 0;
                stream.differences()
                        .forEach(difference -> differences.add(stream.name(each.getValue()) + " | " + difference));
            }
        }
        String summary = String.format(
                Locale.ROOT,
                "agreement with tshark: completeness of %d of %d streams (%.2f %%); %d differences; %d runs",
                complete,
                streams,
                100.0 * complete / streams,
                differences.size(),
                groups.size());
        System.out.println(summary);
        Files.createDirectories(REPORT.toAbsolutePath().getParent());
        Files.writeString(REPORT, summary + "\n\n" + String.join("\n", differences) + "\n");

        assertThat(streams).isGreaterThan(1000);
        assertThat(100.0 * complete / streams).as("completeness, per cent").isGreaterThanOrEqualTo(99.5);
        assertThat(differences)
                .as("differences, each with its reason in " + DIFFERENCES)
                .containsExactlyInAnyOrderElementsOf(explained(DIFFERENCES));
    }

    @Test
    void madeUpTransfersAreJudgedAsTsharkDoes() throws Exception {
        Path file = folder.resolve("made-up.pcap");
        new MadeUpTransfers(4711).write(file, 300);
        TrackedFile tracked = TrackedFile.read(file, "made-up.pcap");
        Map<Integer, Tshark.Frame> theirs = new Tshark(folder).analyse(List.of(file));

        List<String> differences = new ArrayList<>();
        for (TrackedFile.Frame our : tracked.frames()) {
            Set<AnomalyKind> expected = requireNonNull(theirs.get(our.number())).kinds();
            Set<AnomalyKind> found = our.kindsOfTshark();
            if (!found.equals(expected)) {
                differences.add(our.ends() + " frame " + our.number() + ": tshark " + expected + " ours " + found);
            }
        }

        assertThat(tracked.frames()).hasSizeGreaterThan(5000).hasSameSizeAs(theirs.keySet());
        // the duplicates that follow what is acknowledged unseen tshark counts in a way of its own
        assertThat(differences)
                .hasSizeLessThan(tracked.frames().size() / 1000)
                .allSatisfy(difference -> assertThat(difference).contains("FAST_RETRANSMISSION"));
        assertThat(theirs.values().stream().flatMap(frame -> frame.kinds().stream()))
                .as("kinds that occur")
                .containsAll(Tshark.KINDS);
    }

    @Test
    void scenariosAreJudgedAsTsharkDoes() throws Exception {
        List<TrackedFile> tracked = new ArrayList<>();
        for (Trace trace : Scenarios.all()) {
            if (trace.agents().size() == 1) {
                Path file = folder.resolve(trace.name() + ".pcap");
                TraceCapture.write(trace, file, FIRST_PORT + tracked.size());
                tracked.add(TrackedFile.read(file, trace.name()));
            }
        }
        Map<Integer, Tshark.Frame> theirs = new Tshark(folder)
                .analyse(tracked.stream().map(TrackedFile::path).toList());

        Set<String> differences = new TreeSet<>();
        int segments = 0;
        int before = 0;
        for (TrackedFile file : tracked) {
            for (TrackedFile.Frame our : file.frames()) {
                Set<AnomalyKind> expected =
                        requireNonNull(theirs.get(before + our.number())).kinds();
                Set<AnomalyKind> found = our.kindsOfTshark();
                segments++;
                if (!found.equals(expected)) {
                    differences.add(
                            file.name() + " | frame " + our.number() + " | tshark " + expected + " ours " + found);
                }
            }
            before += file.packets();
        }
        System.out.printf(
                Locale.ROOT,
                "agreement with tshark: %d segments of %d scenarios, %d differ%n",
                segments,
                tracked.size(),
                differences.size());

        assertThat(tracked).hasSizeGreaterThan(100);
        assertThat(differences)
                .as("differences, each with its reason in " + SCENARIOS)
                .containsExactlyInAnyOrderElementsOf(explained(SCENARIOS));
    }

    /** Streams of tshark's that have segments of ours, with the file that each is in. */
    private Map<TsharkStream, TrackedFile> streams(Group group) throws IOException, InterruptedException {
        Map<Integer, Tshark.Frame> theirs = new Tshark(folder)
                .analyse(group.files.stream().map(TrackedFile::path).toList());
        Map<Integer, TsharkStream> byNumber = new TreeMap<>();
        Map<TsharkStream, TrackedFile> streams = new LinkedHashMap<>();
        int before = 0;
        for (TrackedFile file : group.files) {
            for (TrackedFile.Frame our : file.frames()) {
                Tshark.Frame their = theirs.get(before + our.number());
                if (their != null) {
                    TsharkStream stream = byNumber.computeIfAbsent(their.stream(), number -> new TsharkStream());
                    stream.theirs.add(their);
                    stream.ours.add(our);
                    streams.putIfAbsent(stream, file);
                }
            }
            before += file.packets();
        }
        return streams;
    }

    /** The listed differences; each must have a reason. */
    private static List<String> explained(String resource) throws IOException {
        List<String> keys = new ArrayList<>();
        try (InputStream in = TsharkAgreementIT.class.getResourceAsStream(resource)) {
            assertThat(in).as(resource).isNotNull();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(l -> !l.isBlank() && !l.startsWith("#"))
                    .toList()) {
                int reason = line.lastIndexOf(" | ");
                assertThat(line.substring(reason).strip())
                        .as("reason of " + line)
                        .hasSizeGreaterThan(10);
                keys.add(line.substring(0, reason));
            }
        }
        return keys;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
