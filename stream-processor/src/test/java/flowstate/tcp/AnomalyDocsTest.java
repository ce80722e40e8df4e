package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class AnomalyDocsTest {
    private static final Pattern ROW = Pattern.compile("^\\| ([A-Z_]+) \\| (INFO|WARNING) \\|");

    @Test
    void everyKindIsExplainedWithItsSeverity() throws IOException {
        var explained = Files.readAllLines(Path.of("../docs/anomalies.md")).stream()
                .map(ROW::matcher)
                .filter(java.util.regex.Matcher::find)
                .map(row -> row.group(1) + " " + row.group(2))
                .toList();
        assertThat(explained)
                .containsExactlyElementsOf(Arrays.stream(AnomalyKind.values())
                        .map(kind -> kind + " " + kind.severity())
                        .toList());
    }

    @Test
    void theSchemaKnowsEveryKind() {
        assertThat(Arrays.stream(AnomalyKind.values()).map(Enum::name))
                .isSubsetOf(Arrays.stream(flowstate.schema.AnomalyKind.values())
                        .map(Enum::name)
                        .toList());
    }
}
