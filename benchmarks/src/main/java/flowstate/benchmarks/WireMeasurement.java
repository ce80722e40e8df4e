package flowstate.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A measurement on a {@link Wire}; where there can be none it says so, and is done. */
abstract class WireMeasurement extends Measurement {
    @Option(names = "--mix", defaultValue = "MIX", description = "Traffic (default: ${DEFAULT-VALUE}).")
    Traffic.Mix mix = Traffic.Mix.MIX;

    @Option(names = "--open", defaultValue = "1000", description = "Connections at once (default: ${DEFAULT-VALUE}).")
    int open;

    /** Beside {@link Wire#FAR}, how many interfaces each packet passes. */
    int mirrors() {
        return 0;
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Writes what is sent over and over. */
    final Truth write(Path file) throws IOException {
        return Wire.write(file, mix, 300_000, open);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (Wire.isInside()) {
            return super.call();
        }
        String missing = Wire.missing();
        if (missing != null) {
            System.out.println("## " + title() + "\n\n" + missing + ": nothing was measured.");
            return 0;
        }
        return Wire.enter(
                home, mirrors(), spec.root().commandLine().getParseResult().originalArgs());
    }
}
