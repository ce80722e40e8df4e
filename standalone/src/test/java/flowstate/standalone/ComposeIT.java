package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import flowstate.schema.LifecycleEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The repository's own docker-compose.yml and Dockerfiles, as a user starts them. */
@Tag("docker")
class ComposeIT {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final Duration BUILD_LIMIT = Duration.ofMinutes(6);

    @TempDir
    Path scratch;

    @Test
    void composeUpTurnsTheRepositorysCaptureIntoEvents() throws Exception {
        Docker.assumeImages(scratch, Docker.KAFKA_IMAGE, Docker.JAVA_IMAGE);
        Docker.assumeCompose(scratch);
        int http = freePort();
        int kafka = freePort();
        Map<String, String> environment = Map.of(
                "COMPOSE_PROJECT_NAME",
                        "flowstate-it-" + ProcessHandle.current().pid(),
                "FLOWSTATE_HTTP_PORT", Integer.toString(http),
                "FLOWSTATE_KAFKA_PORT", Integer.toString(kafka));
        try {
            Docker.succeed(scratch, environment, BUILD_LIMIT, "docker", "compose", "up", "--build", "--detach");

            await("the processor is ready")
                    .atMost(LIMIT)
                    .until(() ->
                            HttpQuestions.get("127.0.0.1:" + http, "/readyz").status() == 200);
            List<LifecycleEvent> events = LifecycleTopic.readToTheFirstEnd("localhost:" + kafka, LIMIT);
            assertThat(events).isNotEmpty();
            LifecycleEvent settled = events.get(events.size() - 1);
            assertThat(settled.getFinal$()).isTrue();
            assertThat(settled.getConnState()).isEqualTo("SF");
            assertThat(settled.getCapture()).isEqualTo("/captures/four-way-close.pcap");
        } finally {
            Docker.succeed(
                    scratch,
                    environment,
                    LIMIT,
                    "docker",
                    "compose",
                    "down",
                    "--volumes",
                    "--rmi",
                    "local",
                    "--timeout",
                    "5");
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
