package flowstate.program;

import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** How a program behaves on the command line: options from three places, and one line for what is wrong. */
public final class Program {
    private Program() {}

    /**
     * The command line of a program whose options may also come from the environment and from its {@code --config} file;
     * see {@link OptionDefaults}.
     *
     * @param command an instance of a class annotated as picocli's {@code Command}
     * @param environment variables by name
     */
    public static CommandLine commandLine(Object command, Map<String, String> environment) {
        CommandLine line = new CommandLine(command);
        OptionDefaults defaults = new OptionDefaults(environment);
        line.getCommandSpec().preprocessor(defaults);
        return line.setDefaultValueProvider(defaults).setParameterExceptionHandler(Program::explainUsage);
    }

    /** One line, and where to read more; the whole usage text would hide it. */
    private static int explainUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        command.getErr().println(name + ": " + oneLine(String.valueOf(e.getMessage())) + " (see " + name + " --help)");
        return CommandLine.ExitCode.USAGE;
    }

    /**
     * What a check of option values returns; what it refuses is wrong usage.
     *
     * @throws ParameterException with the message of the IllegalArgumentException that the check has thrown
     */
    public static <T> T usage(CommandSpec spec, Supplier<T> checked) {
        try {
            return checked.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** What {@code --version} says: the version that the build wrote into the manifest of the jar with this class. */
    public static String[] version(String name, Class<?> program) {
        String version = program.getPackage().getImplementationVersion();
        return new String[] {"flowstate " + name + " " + (version == null ? "(not from a jar)" : version)};
    }

    /** The message of the innermost cause that has one, in one line. */
    public static String reason(Throwable failure) {
        String reason = failure.getClass().getSimpleName();
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each.getMessage() != null && !each.getMessage().isBlank()) {
                boolean speaksForItself = each.getClass().getName().startsWith("org.apache.kafka.");
                reason = speaksForItself
                        ? each.getMessage()
                        : each.getClass().getSimpleName() + ": " + each.getMessage();
            }
        }
        return oneLine(reason);
    }

    /** The text with its line breaks made spaces. */
    public static String oneLine(@Nullable String text) {
        return String.valueOf(text).strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
