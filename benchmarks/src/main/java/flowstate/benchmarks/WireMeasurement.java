package flowstate.benchmarks;

import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A measurement on a {@link Wire}; where there can be none it says so, and is done. */
abstract class WireMeasurement extends Measurement {
    @Spec
    private CommandSpec spec = CommandSpec.create();

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
        return Wire.enter(home, spec.root().commandLine().getParseResult().originalArgs());
    }
}
