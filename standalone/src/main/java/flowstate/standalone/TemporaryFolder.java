package flowstate.standalone;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A new folder, for this user only, that is deleted with all it holds when it is closed. */
final class TemporaryFolder implements AutoCloseable {
    // what still runs may make files while they are being deleted
    private static final int DELETE_ATTEMPTS = 20;
    private static final long DELETE_PAUSE_MS = 50;
    // the broker and the processor take about 3 MB before the first segment
    private static final long LEAST_FREE_OCTETS = 16_000_000;
    // Kafka gives up when a write fails, which it may with some octets left
    private static final long FULL_BELOW_OCTETS = 4 << 20;

    private final Path path;

    private TemporaryFolder(Path path) {
        this.path = path;
    }

    /**
     * A new folder in {@code parent}.
     *
     * @throws StandaloneException if {@code parent} is not a folder, cannot be written to or has no space left
     */
    static TemporaryFolder in(Path parent) throws StandaloneException {
        try {
            long free = Files.getFileStore(parent).getUsableSpace();
            if (free < LEAST_FREE_OCTETS) {
                throw new StandaloneException(String.format(
                        Locale.ROOT,
                        "only %.1f MB are left in %s, at least %d are needed: give another folder with --temp-dir",
                        free / 1e6,
                        parent,
                        LEAST_FREE_OCTETS / 1_000_000));
            }
            return new TemporaryFolder(Files.createTempDirectory(parent.toAbsolutePath(), "flowstate-"));
        } catch (IOException e) {
            throw new StandaloneException(
                    "cannot make a temporary folder in " + parent + " (" + Words.reason(e)
                            + "): give a folder that can be written to with --temp-dir",
                    e);
        }
    }

    Path path() {
        return path;
    }

    /** Whether the file system that holds it has next to no space left. */
    boolean isFull() {
        try {
            return Files.getFileStore(path).getUsableSpace() < FULL_BELOW_OCTETS;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        for (int attempt = 1; attempt <= DELETE_ATTEMPTS && Files.exists(path); attempt++) {
            try {
                Files.walkFileTree(path, new Deletion());
            } catch (IOException e) {
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(DELETE_PAUSE_MS);
        } catch (InterruptedException e) {
            // deleting is worth the second that it may take at most
            Thread.currentThread().interrupt();
        }
    }

    private static final class Deletion extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            // gone in the meantime; if not, its folder will not be empty and all is tried again
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
        }
    }
}
