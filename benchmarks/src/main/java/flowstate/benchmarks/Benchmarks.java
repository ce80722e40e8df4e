package flowstate.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The measurements, each a command. */
@Command(
        name = "benchmarks",
        description = "Measures Flowstate against the truth of generated traffic.",
        mixinStandardHelpOptions = true,
        subcommands = {Pipeline.class, Benchmarks.Generate.class})
public final class Benchmarks implements Runnable {
    @Spec
    private CommandSpec spec;

    public static void main(String[] args) {
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

        @Option(names = "--segments", defaultValue = "2000000", description = "At least (default: ${DEFAULT-VALUE}).")
        private long segments;

        @Option(
                names = "--open",
                defaultValue = "1000",
                description = "Connections at once (default: ${DEFAULT-VALUE}).")
        private int open;

        @Option(
                names = "--seed",
                defaultValue = "1",
                description = "Of the random numbers (default: ${DEFAULT-VALUE}).")
        private long seed;

        @Option(
                names = "--mix",
                defaultValue = "SHORT",
                description = "SHORT or LONG connections (default: ${DEFAULT-VALUE}).")
        private Traffic.Mix mix;

        @Override
        public Integer call() throws IOException {
            System.out.println(Traffic.write(file, seed, mix, segments, open));
            return 0;
        }
    }
}
