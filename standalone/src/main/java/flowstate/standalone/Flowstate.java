package flowstate.standalone;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import flowstate.capture.CaptureAgent;
import flowstate.topology.StreamProcessor;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.Writer;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The {@code flowstate} command, with its subcommands. Exit status: 0 done; 1 something could not be read or failed; 2
 * usage. Errors are one line on stderr; stack traces only with {@code --verbose}.
 */
@Command(
        name = "flowstate",
        description = {"Tracks the life of every TCP connection.", ""},
        mixinStandardHelpOptions = true,
        versionProvider = Flowstate.Version.class,
        usageHelpAutoWidth = true,
        commandListHeading = "%nCommands:%n")
public final class Flowstate implements Runnable {
    /** Named, because the modules' programs have one each, and they share a class path here. */
    private static final String LOGGING = "flowstate/standalone/logback.xml";
    /** As shells say it of a command that SIGINT ended. */
    private static final int STATUS_INTERRUPTED = 130;
    /** Set by the launcher when stderr is a terminal. */
    private static final String TERMINAL = "flowstate.terminal";

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Show what Kafka logs, and where errors come from.")
    private boolean verbose;

    /** The program: parses the command line, runs, and ends the JVM with the exit status. */
    public static void main(String[] args) {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", LOGGING);
        }
        Writer out = new Utf8Writer(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16));
        System.exit(commandLine(PipelineParts::create, out).execute(args));
    }

    /**
     * The command line.
     *
     * @param parts makes what a replay runs
     * @param out takes the events
     */
    static CommandLine commandLine(ReplayParts.Factory parts, Writer out) {
        Flowstate flowstate = new Flowstate();
        return new CommandLine(flowstate)
                .addSubcommand(new ReplayCommand(parts, out))
                .addSubcommand(new LiveCommand(out))
                .addSubcommand(CaptureAgent.commandLine().setCommandName("agent"))
                .addSubcommand(StreamProcessor.commandLine().setCommandName("processor"))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Flowstate::explainUsage)
                .setExecutionExceptionHandler(flowstate::explainFailure)
                .setExecutionStrategy(flowstate::prepareAndRun);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Whether somebody is likely to watch stderr. */
    static boolean isWatched() {
        return Boolean.getBoolean(TERMINAL);
    }

    private int prepareAndRun(ParseResult parsed) {
        // not by a setting that logback reads: making the commands' options has made loggers
        if (verbose && LoggerFactory.getILoggerFactory() instanceof LoggerContext loggers) {
            // those of Kafka's own parts
            loggers.getLoggerList().stream()
                    .filter(logger -> logger.getLevel() == Level.OFF)
                    .forEach(logger -> logger.setLevel(Level.INFO));
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    /** One line, and where to read more; the whole usage text would hide it. */
    private static int explainUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        command.getErr()
                .println("flowstate: " + Words.oneLine(String.valueOf(e.getMessage())) + " (see " + name + " --help)");
        return CommandLine.ExitCode.USAGE;
    }

    private int explainFailure(Exception e, CommandLine command, ParseResult parsed) {
        if (e instanceof InterruptedException) {
            // told to stop: whoever did knows
            return STATUS_INTERRUPTED;
        }
        if (e instanceof StandaloneException) {
            command.getErr().println("flowstate: " + Words.oneLine(String.valueOf(e.getMessage())));
        } else {
            command.getErr()
                    .println("flowstate: unexpected " + Words.oneLine(e.toString())
                            + "; this is a defect, --verbose shows where");
        }
        if (verbose) {
            e.printStackTrace(command.getErr());
        }
        command.getErr().flush();
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** The version that the build wrote into the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Flowstate.class.getPackage().getImplementationVersion();
            return new String[] {"flowstate " + (version == null ? "(not from a jar)" : version)};
        }
    }
}
