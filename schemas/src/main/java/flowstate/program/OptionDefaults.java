package flowstate.program;

import java.util.Locale;
import java.util.Map;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * Where an option's value comes from when the command line does not give it: the variable {@code FLOWSTATE_NAME}, else
 * {@code flowstate.name} in the file of {@code --config}, else the option's own default. The name is the option's long
 * one: {@code --connect-limit} is {@code FLOWSTATE_CONNECT_LIMIT} and {@code flowstate.connect-limit}. A value that is
 * empty counts as none.
 */
final class OptionDefaults implements IDefaultValueProvider, IParameterPreprocessor {
    private static final String CONFIG = "--config";

    private final Map<String, String> environment;
    private Map<String, String> file = Map.of();

    OptionDefaults(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Picocli asks for defaults before it reads the arguments; so the file's name is looked up beforehand. */
    @Override
    @SuppressWarnings("JdkObsolete") // picocli's signature
    public boolean preprocess(Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> info) {
        file = Map.of();
        OptionSpec config = command.findOption(CONFIG);
        String name = config == null ? null : configFile(arguments);
        if (name != null) {
            read(name, command);
        }
        return false;
    }

    private void read(String name, CommandSpec command) {
        try {
            file = ConfigFile.read(name).options();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
        for (String key : file.keySet()) {
            OptionSpec known = command.findOption("--" + key);
            if (known == null || key.equals("config")) {
                throw new ParameterException(
                        command.commandLine(),
                        name + ": " + ConfigFile.PREFIX + key + " is no option that a file can set: check its name");
            }
        }
    }

    /** @param arguments the next one is on top, the last of the list */
    private @Nullable String configFile(Stack<String> arguments) {
        String name = value(environment.get(variable("config")));
        for (int i = arguments.size() - 1; i >= 0; i--) {
            String argument = arguments.get(i);
            if (argument.startsWith(CONFIG + "=")) {
                name = argument.substring(CONFIG.length() + 1);
            } else if (argument.equals(CONFIG) && i > 0) {
                name = arguments.get(i - 1);
            }
        }
        return name;
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option)
                || option.usageHelp()
                || option.versionHelp()
                || !option.longestName().startsWith("--")) {
            return null;
        }
        String name = option.longestName().substring(2);
        String ofEnvironment = value(environment.get(variable(name)));
        return ofEnvironment != null ? ofEnvironment : value(file.get(name));
    }

    private static @Nullable String value(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }

    private static String variable(String name) {
        return "FLOWSTATE_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
