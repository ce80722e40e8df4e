package flowstate.trace;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The named scenarios: the files {@code traces/*.trace}, from a folder or from the test jar. */
public final class Scenarios {

    private Scenarios() {}

    /** All of them, by name. */
    public static List<Trace> all() {
        return Holder.ALL;
    }

    /** Read once: what reads a trace a second time spends most of its time on that. */
    private static final class Holder {
        private static final List<Trace> ALL = readAll();
    }

    private static List<Trace> readAll() {
        URL folder = Scenarios.class.getResource("/traces");
        if (folder == null) {
            throw new IllegalStateException("no folder 'traces' on the class path: is the test jar there?");
        }
        try {
            URI uri = folder.toURI();
            if (uri.getScheme().equals("jar")) {
                try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
                    return read(jar.getPath("/traces"));
                }
            }
            return read(Path.of(uri));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the scenarios in " + folder, e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("not a URI: " + folder, e);
        }
    }

    /**
     * One of them.
     *
     * @param name the file's name without {@code .trace}
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Trace named(String name) {
        return all().stream()
                .filter(trace -> trace.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no scenario is called '" + name + "'"));
    }

    private static List<Trace> read(Path folder) throws IOException {
        List<Trace> traces = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".trace")).sorted().toList()) {
                traces.add(Trace.read(file));
            }
        }
        return List.copyOf(traces);
    }
}
