package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;

/** The Docker engine of this machine, by its command line. Every command has a limit. */
final class Docker {
    static final String KAFKA_IMAGE = "apache/kafka:4.3.1";
    static final String JAVA_IMAGE = "eclipse-temurin:17-jre";

    private static final Duration PULL_LIMIT = Duration.ofMinutes(2);

    private Docker() {}

    /** Skips the test where there is no engine, or an image is neither here nor quickly had. */
    static void assumeImages(Path scratch, String... images) throws IOException, InterruptedException {
        assumeTrue(DockerClientFactory.instance().isDockerAvailable(), "skipped: Docker does not answer");
        for (String image : images) {
            boolean there = run(scratch, Map.of(), Duration.ofSeconds(20), "docker", "image", "inspect", image) == 0
                    || run(scratch, Map.of(), PULL_LIMIT, "docker", "pull", "--quiet", image) == 0;
            assumeTrue(there, "skipped: image " + image + " is not here and cannot be pulled");
        }
    }

    /** Skips the test where there is no {@code docker compose}. */
    static void assumeCompose(Path scratch) throws IOException, InterruptedException {
        assumeTrue(
                run(scratch, Map.of(), Duration.ofSeconds(20), "docker", "compose", "version") == 0,
                "skipped: there is no docker compose");
    }

    /** Runs a command in the repository's folder; fails the test with its output if it fails. */
    static void succeed(Path scratch, Map<String, String> environment, Duration limit, String... command)
            throws IOException, InterruptedException {
        int status = run(scratch, environment, limit, command);
        assertThat(status)
                .as(() -> String.join(" ", command) + " printed:\n" + text(output(scratch)))
                .isZero();
    }

    private static int run(Path scratch, Map<String, String> environment, Duration limit, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(command)))
                .directory(Repository.root().toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(output(scratch).toFile());
        builder.environment().putAll(environment);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            // no such program
            return -1;
        }
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly().waitFor();
            return -1;
        }
        return process.exitValue();
    }

    private static Path output(Path scratch) {
        return scratch.resolve("docker.out");
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
