package flowstate.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A temporary folder that is deleted with all that is in it, also when the JVM is told to stop. */
record Scratch(Path path, Thread onExit) implements AutoCloseable {
    private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");

    static Scratch create() throws IOException {
        Path path = Files.createTempDirectory("flowstate-bench");
        // tcpdump gives up root before it reads
        path.toFile().setReadable(true, false);
        path.toFile().setExecutable(true, false);
        Thread onExit = new Thread(() -> delete(path), "scratch-exit");
        Runtime.getRuntime().addShutdownHook(onExit);
        return new Scratch(path, onExit);
    }

    /** A folder of a name in here, empty. */
    Path fresh(String name) throws IOException {
        Path folder = path.resolve(name);
        delete(folder);
        return Files.createDirectories(folder);
    }

    /**
     * What the kernel has cached is dropped, where this user may do that (root), and the capture is read once: every
     * program finds it in memory, and nothing else.
     *
     * @return whether the caches were dropped
     */
    static boolean chill(Path capture) throws IOException {
        boolean dropped = false;
        if (Files.isWritable(DROP_CACHES)) {
            try {
                new ProcessBuilder("sync").inheritIO().start().waitFor();
                Files.writeString(DROP_CACHES, "1");
                dropped = true;
            } catch (IOException e) {
                // as in containers: writable by its mode only
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        try (var in = Files.newInputStream(capture)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return dropped;
    }

    static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (NoSuchFileException e) {
            // nothing to do
        } catch (IOException | UncheckedIOException e) {
            System.err.println("benchmarks: cannot delete " + folder + ": " + e.getMessage());
        }
    }

    @Override
    public void close() {
        delete(path);
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException e) {
            // the JVM is ending: the hook does the same
        }
    }
}
