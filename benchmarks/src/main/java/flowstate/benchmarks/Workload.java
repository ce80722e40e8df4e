package flowstate.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options that choose the traffic to measure with. */
final class Workload {
    @Option(
            names = "--mix",
            defaultValue = "SHORT",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    Traffic.Mix mix = Traffic.Mix.SHORT;

    @Option(names = "--segments", defaultValue = "2000000", description = "At least (default: ${DEFAULT-VALUE}).")
    long segments;

    @Option(names = "--open", defaultValue = "1000", description = "Connections at once (default: ${DEFAULT-VALUE}).")
    int open;

    @Option(names = "--seed", defaultValue = "1", description = "Of the random numbers (default: ${DEFAULT-VALUE}).")
    long seed;

    /** A capture on disk, and what it holds. */
    record Capture(Path file, Truth truth) {
        String describe() throws IOException {
            return Text.of(
                    "%,d segments of %,d connections, a file of %,d MB",
                    truth.segments(), truth.connections(), Files.size(file) >> 20);
        }
    }

    /** For titles. */
    String name() {
        return mix + Text.of(", %,d segments", segments);
    }

    Capture write(Path folder) throws IOException {
        Path file = folder.resolve(mix.name().toLowerCase(java.util.Locale.ROOT) + ".pcap");
        return new Capture(file, Traffic.write(file, seed, mix, segments, open));
    }
}
