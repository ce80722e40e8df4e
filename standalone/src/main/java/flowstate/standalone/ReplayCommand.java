package flowstate.standalone;

import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flowstate replay}: capture files in, events on stdout. */
@Command(
        name = "replay",
        description = {
            "Replays capture files and prints what happened to each TCP connection.",
            "",
            "Starts a Kafka broker of its own on 127.0.0.1, publishes the segments of each file to it, runs the stream"
                    + " processor, and prints its events on stdout; progress and accounts go to stderr. Several files"
                    + " are several captures, one after the other.",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = Flowstate.Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done",
            "1:a file could not be read to its end, or something failed; the reason is on stderr",
            "2:wrong usage"
        })
final class ReplayCommand implements Callable<Integer> {
    private final ReplayParts.Factory factory;
    private final Writer out;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Capture files: pcap or pcapng, gzipped or not.")
    private List<Path> files;

    @Mixin
    private PipelineOptions pipeline;

    @Option(
            names = "--filter",
            paramLabel = "BPF",
            description = "Only packets that this filter, in tcpdump's language, selects; needs libpcap.")
    private @Nullable String filter;

    ReplayCommand(ReplayParts.Factory factory, Writer out) {
        this.factory = factory;
        this.out = out;
    }

    @Override
    public Integer call() throws StandaloneException, InterruptedException {
        ReplayOptions options = new ReplayOptions(
                files, pipeline.format(), pipeline.temporaryFolder(), pipeline.port(spec), Flowstate.isWatched());
        PrintWriter err = spec.commandLine().getErr();
        try (ReplayParts parts = parts()) {
            return new ReplayRun(options, parts, out, err).run();
        } catch (OutputClosedException e) {
            return 0;
        }
    }

    private ReplayParts parts() throws StandaloneException {
        try {
            return factory.create(filter, pipeline.tracker(), pipeline.checksumsInFiles());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--filter: " + e.getMessage(), e);
        }
    }
}
