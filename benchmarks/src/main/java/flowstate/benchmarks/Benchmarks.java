package flowstate.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The measurements, each a command. */
@Command(
        name = "benchmarks",
        description = "Measures Flowstate against the truth of generated traffic. See docs/benchmarks.md.",
        mixinStandardHelpOptions = true,
        subcommands = {
            All.class,
            Pipeline.class,
            Processes.class,
            Recorded.class,
            Peers.class,
            Curves.class,
            Latency.class,
            Restore.class,
            Startup.class,
            Jmh.class,
            LiveRate.class,
            LiveLatency.class,
            Soak.class,
            Benchmarks.Generate.class
        })
public final class Benchmarks implements Runnable {
    @Spec
    private CommandSpec spec;

    public static void main(String[] args) {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "flowstate/standalone/logback.xml");
        }
        System.exit(new CommandLine(new Benchmarks()).execute(args));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Writes a capture and prints its truth. */
    @Command(name = "generate", description = "Writes a capture of generated traffic, and prints what is in it.")
    static final class Generate implements Callable<Integer> {
        @Parameters(paramLabel = "FILE", description = "The capture to write.")
        private Path file;

        @Mixin
        private Workload workload = new Workload();

        @Override
        public Integer call() throws IOException {
            System.out.println(Traffic.write(file, workload.seed, workload.mix, workload.segments, workload.open));
            return 0;
        }
    }
}
