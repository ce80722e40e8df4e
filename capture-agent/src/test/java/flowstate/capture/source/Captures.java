package flowstate.capture.source;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where the captures that tests read lie: those of the repository, and those shared beside it. */
public final class Captures {
    private Captures() {}

    /** The captures in the repository's docs folder; tests run in their module's folder. */
    public static Path ofTheProject() {
        return Path.of("..", "docs", "captures");
    }

    /**
     * The shared captures: the system property {@code flowstate.captures}, the environment variable {@code
     * FLOWSTATE_CAPTURES}, or the folder beside the repository; empty if there are none, then skip the test.
     */
    public static Optional<Path> shared() {
        @Nullable String property = System.getProperty("flowstate.captures");
        @Nullable String variable = System.getenv("FLOWSTATE_CAPTURES");
        return Stream.of(property, variable, "../../shared/captures")
                .filter(name -> name != null)
                .map(Path::of)
                .filter(Files::isDirectory)
                .findFirst();
    }
}
