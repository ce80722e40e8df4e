package flowstate.schema;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.avro.Schema;

/**
 * Keeps the schemas of a release, fully expanded, for {@link SchemasTest}. To be run once at each release, with the
 * folder {@code src/main/resources/flowstate/schema/released/VERSION} as its argument. What is out is never written again; the coming
 * version's folder may be.
 */
final class ReleasedSchemas {
    private ReleasedSchemas() {}

    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        for (Schema schema : SchemasTest.schemas()) {
            Files.writeString(folder.resolve(schema.getName() + ".avsc"), schema.toString(true) + "\n");
        }
    }
}
