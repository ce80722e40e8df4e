package flowstate.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where this repository's own files are. */
final class Repository {
    private Repository() {}

    /** The folder with docker-compose.yml; tests run in a module's. */
    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docker-compose.yml"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException("these tests run inside the repository");
            }
        }
        return folder;
    }

    /** The runnable jar of a module; Maven has packaged it before integration tests run. */
    static Path jar(String module) throws IOException {
        try (Stream<Path> files = Files.list(root().resolve(module).resolve("target"))) {
            List<Path> jars = files.filter(each -> each.getFileName().toString().endsWith("-all.jar"))
                    .toList();
            if (jars.size() != 1) {
                throw new IllegalStateException(
                        "one jar of " + module + " is wanted, there are " + jars + ": run mvn package first");
            }
            return jars.get(0);
        }
    }
}
