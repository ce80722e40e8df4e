package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerTest {
    @TempDir
    private Path parent;

    /** A JVM of its own that runs a broker until it is told to stop. */
    static final class UntilStopped {
        private UntilStopped() {}

        public static void main(String[] args) throws Exception {
            EmbeddedBroker broker = EmbeddedBroker.start(
                    Path.of(args[0]), EmbeddedBroker.FREE_PORT, EmbeddedBroker.DEFAULT_START_LIMIT);
            System.out.println(broker.bootstrapServers());
            Thread.currentThread().join();
        }
    }

    @Test
    void recordsWithAnyTimeAreTakenUntilItIsClosedAndThenNoFolderOrPortIsLeft() throws Exception {
        EmbeddedBroker broker = start(EmbeddedBroker.FREE_PORT);
        try (broker) {
            Map<String, Object> client = Map.of("bootstrap.servers", broker.bootstrapServers());
            try (Admin admin = Admin.create(client);
                    KafkaProducer<String, String> producer =
                            new KafkaProducer<>(client, new StringSerializer(), new StringSerializer())) {
                admin.createTopics(List.of(new NewTopic("t", 1, (short) 1)))
                        .all()
                        .get();
                for (long time : new long[] {0, 1_457_835_843_518L, 32_503_680_000_000L}) {
                    producer.send(new ProducerRecord<>("t", 0, time, "k", "v")).get();
                }
            }
            assertThat(broker.folder()).isDirectory().hasParent(parent);
            assertThat(broker.failure()).isNotDone();
        }

        assertThat(parent).isEmptyDirectory();
        assertPortIsFree(broker.bootstrapServers());
    }

    @Test
    void onlyThisMachineReachesIt() throws Exception {
        try (EmbeddedBroker broker = start(EmbeddedBroker.FREE_PORT)) {
            int port = port(broker.bootstrapServers());
            // all of 127.0.0.0/8 is this machine; a socket bound to the wildcard address would answer here too
            assertThatThrownBy(() -> {
                        try (Socket socket = new Socket()) {
                            socket.connect(new InetSocketAddress("127.0.0.2", port), 1000);
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aSignalLeavesNoFolderAndNoPort() throws Exception {
        Process jvm = new ProcessBuilder(
                        TestJvm.JAVA,
                        "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile", ""),
                        "-cp",
                        System.getProperty("java.class.path"),
                        UntilStopped.class.getName(),
                        parent.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = jvm.inputReader(StandardCharsets.UTF_8)) {
            String servers = String.valueOf(out.readLine());
            assertThat(parent).isNotEmptyDirectory();

            jvm.destroy();

            assertThat(jvm.waitFor(30, TimeUnit.SECONDS)).isTrue();
            // 128 + SIGTERM
            assertThat(jvm.exitValue()).isEqualTo(143);
            assertThat(parent).isEmptyDirectory();
            assertPortIsFree(servers);
        } finally {
            jvm.destroyForcibly();
        }
    }

    @Test
    void aPortInUseIsSaid() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThatThrownBy(() -> start(taken.getLocalPort()))
                    .isInstanceOf(StandaloneException.class)
                    .hasMessage(
                            "port " + taken.getLocalPort() + " on 127.0.0.1 cannot be used (Address already in use):"
                                    + " give another with --port, or none for a free one");
        }
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void aFolderThatCannotBeWrittenToIsSaid() throws Exception {
        Path file = Files.createFile(parent.resolve("file"));

        assertThatThrownBy(() -> EmbeddedBroker.start(file, 0, EmbeddedBroker.DEFAULT_START_LIMIT))
                .isInstanceOf(StandaloneException.class)
                .hasMessage("cannot make a temporary folder in " + file
                        + " (Not a directory): give a folder that can be written to with --temp-dir");
        assertThatThrownBy(() -> EmbeddedBroker.start(parent.resolve("absent"), 0, EmbeddedBroker.DEFAULT_START_LIMIT))
                .hasMessageContaining("absent (no such file or folder): give");
    }

    @Test
    void aStartThatTakesTooLongIsGivenUpAndLeavesNothing() throws Exception {
        assertThatThrownBy(() -> EmbeddedBroker.start(parent, EmbeddedBroker.FREE_PORT, Duration.ofMillis(1)))
                .isInstanceOf(StandaloneException.class)
                .hasMessageContaining("did not start within");
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void aBrokerThatLosesItsFolderFailsWithAReasonInsteadOfEndingTheJvm() throws Exception {
        try (EmbeddedBroker broker = start(EmbeddedBroker.FREE_PORT);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            deleteAll(broker.folder().resolve("kafka"));
            Files.createFile(broker.folder().resolve("kafka"));
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1)));

            assertThat(broker.failure())
                    .succeedsWithin(Duration.ofSeconds(30))
                    .asString()
                    .startsWith("the embedded Kafka broker gave up");
        }
        assertThat(parent).isEmptyDirectory();
    }

    private EmbeddedBroker start(int port) throws StandaloneException {
        return EmbeddedBroker.start(parent, port, EmbeddedBroker.DEFAULT_START_LIMIT);
    }

    private static void deleteAll(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static void assertPortIsFree(String servers) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress("127.0.0.1", port(servers)));
            assertThat(probe.isBound()).isTrue();
        }
    }

    private static int port(String servers) {
        assertThat(servers).startsWith("127.0.0.1:");
        return Integer.parseInt(servers.substring("127.0.0.1:".length()));
    }
}
