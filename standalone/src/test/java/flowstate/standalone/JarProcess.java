package flowstate.standalone;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A runnable jar of ours in a JVM of its own; closing ends it. */
final class JarProcess implements AutoCloseable {
    private final Process process;
    private final Path output;

    private JarProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Starts it; what it prints goes to a file of the given name in {@code scratch}. */
    static JarProcess start(String module, Path scratch, String name, String... arguments) throws IOException {
        Path output = scratch.resolve(name + ".out");
        List<String> command = new ArrayList<>(List.of(
                TestJvm.JAVA,
                "-Xmx384m",
                // it does not live long enough for the second compiler
                "-XX:TieredStopAtLevel=1",
                "-jar",
                Repository.jar(module).toString()));
        command.addAll(List.of(arguments));
        return new JarProcess(
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start(),
                output);
    }

    /** What it has printed so far. */
    String printed() {
        return Docker.text(output);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Asks it to stop, as SIGTERM does, and waits; returns the exit status. */
    int terminate(Duration limit) throws InterruptedException {
        process.destroy();
        return awaitExit(limit);
    }

    /** Waits until it has ended; returns the exit status, or -1 if it still runs. */
    int awaitExit(Duration limit) throws InterruptedException {
        return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS) ? process.exitValue() : -1;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
