package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The tables of options in docs/operations.md are what the programs themselves say. */
class OptionDocsTest {

    @ParameterizedTest
    @ValueSource(strings = {"live", "agent", "processor"})
    void theTableOfOptionsIsTheProgramsOwn(String command) throws IOException {
        String docs = Files.readString(Path.of("../docs/operations.md"));
        CommandLine flowstate = Flowstate.commandLine(PipelineParts::create, Writer.nullWriter());
        String table = table(Objects.requireNonNull(flowstate.getSubcommands().get(command)));

        String marker = "<!-- options of " + command + " -->\n";
        assertThat(docs).contains(marker);
        String section = docs.substring(docs.indexOf(marker) + marker.length());
        assertThat(section.substring(0, section.indexOf("\n\n") + 1)).isEqualTo(table);
    }

    private static String table(CommandLine command) {
        StringBuilder rows = new StringBuilder("| option | meaning |\n|---|---|\n");
        for (OptionSpec option : command.getCommandSpec().options()) {
            if (!option.usageHelp() && !option.versionHelp() && !option.inherited()) {
                rows.append(row(option));
            }
        }
        return rows.toString();
    }

    private static String row(OptionSpec option) {
        StringBuilder names = new StringBuilder(String.join("`, `", option.names()));
        if (option.negatable()) {
            names.insert(2, "[no-]");
        }
        if (!option.typeInfo().isBoolean()) {
            names.append(' ').append(option.paramLabel());
        }
        String meaning = String.join(" ", option.description()).replace("|", "\\|");
        return "| `" + names.toString().replace("|", "\\|") + "` | " + meaning + " |\n";
    }
}
