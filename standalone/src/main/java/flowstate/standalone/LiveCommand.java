package flowstate.standalone;

import flowstate.capture.InterfaceOptions;
import flowstate.capture.source.CaptureException;
import flowstate.capture.source.LiveOptions;
import flowstate.capture.source.LiveSource;
import flowstate.program.Program;
import java.io.Writer;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code flowstate live}: network interfaces in, events on stdout as they come, until it is told to stop. */
@Command(
        name = "live",
        description = {
            "Captures on network interfaces and prints what happens to each TCP connection as it happens.",
            "",
            "Starts a Kafka broker of its own on 127.0.0.1, publishes what it sees to it, runs the stream processor, and"
                    + " prints its events on stdout. Its own traffic is left out. INT (Ctrl-C) and TERM end it: what was"
                    + " seen is still printed, and an account on stderr.",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = Flowstate.Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "1:an interface could not be captured, or something failed; the reason is on stderr",
            "2:wrong usage",
            "130, 143:stopped by INT, TERM"
        })
final class LiveCommand implements Callable<Integer> {
    private final Writer out;

    @Spec
    private CommandSpec spec;

    @Mixin
    private InterfaceOptions interfaces;

    @Option(
            names = "--filter",
            order = 31,
            paramLabel = "BPF",
            description = "Only packets that this filter, in tcpdump's language, selects.")
    private @Nullable String filter;

    @Option(
            names = "--list",
            order = 32,
            help = true,
            description = "List the interfaces that can be captured, and end.")
    private boolean list;

    @Mixin
    private PipelineOptions pipeline;

    LiveCommand(Writer out) {
        this.out = out;
    }

    @Override
    public Integer call() throws StandaloneException, InterruptedException {
        try {
            if (list) {
                spec.commandLine().getOut().println(LiveSource.list());
                return 0;
            }
            if (interfaces.interfaces().isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(), "name an interface with -i; --list shows which there are");
            }
            LiveOptions live = Program.usage(spec, () -> interfaces.live(filter));
            return new LiveRun(interfaces, live, pipeline, out, spec).run();
        } catch (CaptureException e) {
            throw new StandaloneException(String.valueOf(e.getMessage()), e);
        } catch (OutputClosedException e) {
            return 0;
        }
    }
}
