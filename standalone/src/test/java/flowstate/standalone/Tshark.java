package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.tcp.AnomalyKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs tshark, and reads its TCP analysis. */
final class Tshark {
    /** Fields and the kinds that they stand for; one that is there has a value. */
    private static final Map<String, AnomalyKind> ANALYSIS = new TreeMap<>(Map.ofEntries(
            Map.entry("retransmission", AnomalyKind.RETRANSMISSION),
            Map.entry("fast_retransmission", AnomalyKind.FAST_RETRANSMISSION),
            Map.entry("spurious_retransmission", AnomalyKind.SPURIOUS_RETRANSMISSION),
            Map.entry("out_of_order", AnomalyKind.OUT_OF_ORDER),
            Map.entry("duplicate_ack", AnomalyKind.DUPLICATE_ACK),
            Map.entry("lost_segment", AnomalyKind.SEGMENT_GAP),
            Map.entry("ack_lost_segment", AnomalyKind.ACK_UNSEEN),
            Map.entry("zero_window", AnomalyKind.ZERO_WINDOW),
            Map.entry("window_full", AnomalyKind.WINDOW_FULL),
            Map.entry("zero_window_probe", AnomalyKind.ZERO_WINDOW_PROBE),
            Map.entry("keep_alive", AnomalyKind.KEEP_ALIVE)));

    /** What it has found, and those that {@link #ANALYSIS} does not name. */
    static final Set<AnomalyKind> KINDS = EnumSet.copyOf(ANALYSIS.values());

    /**
     * What tshark says of one frame.
     *
     * @param stream number of the conversation
     * @param completeness of the whole conversation
     */
    record Frame(int stream, int completeness, Set<AnomalyKind> kinds) {}

    private final Path folder;

    /** @param folder for its output */
    Tshark(Path folder) {
        this.folder = folder;
    }

    static boolean isInstalled() {
        return Stream.of("tshark", "mergecap")
                .allMatch(tool -> Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(entry -> Files.isExecutable(Path.of(entry, tool))));
    }

    /** Files one after the other, their frames counted on; frames without TCP are left out. */
    Map<Integer, Frame> analyse(List<Path> files) throws IOException, InterruptedException {
        Path merged = folder.resolve("merged.pcapng");
        List<String> merge = new ArrayList<>(List.of("mergecap", "-a", "-F", "pcapng", "-w", merged.toString()));
        files.forEach(file -> merge.add(file.toString()));
        run(merge, folder.resolve("mergecap.txt"));

        // two passes: a conversation's completeness is known at its end
        List<String> command = new ArrayList<>(List.of("tshark", "-2", "-n", "-r", merged.toString()));
        for (String preference : List.of(
                "ip.defragment:FALSE",
                "ipv6.defragment:FALSE",
                "tcp.desegment_tcp_streams:FALSE",
                "tcp.relative_sequence_numbers:TRUE")) {
            command.addAll(List.of("-o", preference));
        }
        command.addAll(List.of("--enable-heuristic", "teredo_udp", "--disable-protocol", "ftp"));
        command.addAll(List.of("-T", "fields", "-E", "separator=|", "-E", "occurrence=l"));
        command.addAll(List.of("-e", "frame.number", "-e", "tcp.stream", "-e", "tcp.completeness"));
        ANALYSIS.keySet().forEach(field -> command.addAll(List.of("-e", "tcp.analysis." + field)));
        Path listing = folder.resolve("tshark.txt");
        run(command, listing);
        Map<Integer, Frame> frames = new TreeMap<>();
        for (String line : Files.readAllLines(listing)) {
            String[] row = line.split("\\|", -1);
            if (!row[1].isEmpty() && !row[2].isEmpty()) {
                frames.put(Integer.valueOf(row[0]), frame(row));
            }
        }
        return frames;
    }

    private static Frame frame(String[] row) {
        Set<AnomalyKind> kinds = EnumSet.noneOf(AnomalyKind.class);
        int column = 3;
        for (AnomalyKind kind : ANALYSIS.values()) {
            if (!row[column++].isEmpty()) {
                kinds.add(kind);
            }
        }
        // for tshark the others are retransmissions too
        if (kinds.contains(AnomalyKind.FAST_RETRANSMISSION) || kinds.contains(AnomalyKind.SPURIOUS_RETRANSMISSION)) {
            kinds.remove(AnomalyKind.RETRANSMISSION);
        }
        return new Frame(Integer.parseInt(row[1]), Integer.parseInt(row[2]), kinds);
    }

    private static void run(List<String> command, Path output) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES))
                    .as(command.get(0) + " ends")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
    }
}
