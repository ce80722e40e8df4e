package flowstate.benchmarks;

import flowstate.schema.Topics;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Broker, processor and agents as processes of their own, from the jars that are shipped. One thread. */
final class Cluster implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Pattern LISTENS = Pattern.compile("listens on (\\S+)");
    private static final String LOGGING = "-Dlogback.configurationFile=flowstate/standalone/logback.xml";
    /** As Kafka's own scripts start a broker. */
    private static final List<String> BROKER_OPTIONS = List.of(
            "-Xmx1G", "-Xms1G", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35");

    /**
     * How it is to be.
     *
     * @param partitions of each topic
     * @param threads of the processor
     * @param commitMs the processor's commit interval
     */
    record Settings(int partitions, int threads, long commitMs) {
        static final Settings OF_REPLAY = new Settings(2, 2, 1000);
    }

    private final Measurement measurement;
    private final Settings settings;
    private final Path folder;
    private final Program broker;
    private final String servers;
    private final KafkaFiles files;
    private @Nullable Program processor;
    private int started;

    private Cluster(Measurement measurement, Settings settings, Path folder)
            throws IOException, InterruptedException, WrongResultException {
        this.measurement = measurement;
        this.settings = settings;
        this.folder = folder;
        Path kafka = Files.createDirectories(folder.resolve("kafka"));
        this.files = new KafkaFiles(kafka);
        List<String> words = new ArrayList<>(List.of(java()));
        words.addAll(BROKER_OPTIONS);
        words.addAll(List.of(LOGGING, "-cp", measurement.jar("standalone") + File.pathSeparator + classPath()));
        words.addAll(List.of(BrokerProcess.class.getName(), kafka.toString()));
        this.broker = start(words, "broker");
        try {
            this.servers = awaitServers();
            createTopics();
        } catch (IOException | InterruptedException | WrongResultException | RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    /** A broker with the topics, in a folder that is empty. */
    static Cluster start(Measurement measurement, Settings settings, Path folder)
            throws IOException, InterruptedException, WrongResultException {
        return new Cluster(measurement, settings, folder);
    }

    /** A port of the loopback interface that nobody uses at present. */
    static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    static String classPath() {
        return System.getProperty("java.class.path");
    }

    /** Starts a program of this cluster; CPU of its threads is told apart as that of a JVM. */
    Program start(List<String> words, String name) throws IOException {
        String file = name + "-" + started++;
        return Program.start(
                new Program.Command(words, folder.resolve(file + ".out"), folder.resolve(file + ".err")),
                thread -> {
                    String ofJvm = Replay.partOfJvm(thread);
                    return ofJvm.isEmpty() ? name : name + " " + ofJvm;
                },
                () -> {});
    }

    /** Starts a JVM with one of this module's programs. */
    Program startOwn(Class<?> program, String name, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(java(), LOGGING, "-cp", classPath(), program.getName()));
        words.addAll(List.of(arguments));
        return start(words, name);
    }

    private String awaitServers() throws IOException, InterruptedException, WrongResultException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (System.nanoTime() < deadline && broker.isAlive()) {
            Matcher listens = LISTENS.matcher(broker.output());
            if (listens.find()) {
                return listens.group(1);
            }
            Thread.sleep(20);
        }
        throw new WrongResultException("the broker did not start: " + broker.errors());
    }

    private void createTopics() throws InterruptedException, WrongResultException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            Topics.create(admin, settings.partitions, (short) 1, START_LIMIT);
        } catch (ExecutionException | TimeoutException e) {
            throw new WrongResultException("the topics could not be made: " + e.getMessage());
        }
    }

    String servers() {
        return servers;
    }

    Settings settings() {
        return settings;
    }

    Program broker() {
        return broker;
    }

    KafkaFiles files() {
        files.look();
        return files;
    }

    Path stateFolder() {
        return folder.resolve("state");
    }

    /**
     * Starts the processor and waits until it has its partitions, and has restored its stores.
     *
     * @param kafka settings as its option -X takes them
     */
    Program startProcessor(Duration limit, String... kafka)
            throws IOException, InterruptedException, WrongResultException {
        int port = freePort();
        List<String> words = new ArrayList<>(List.of(
                java(),
                "-XX:MaxRAMPercentage=50",
                "-XX:FreqInlineSize=100",
                "-XX:InlineSmallCode=1000",
                "-jar",
                measurement.jar("stream-processor").toString(),
                "--brokers",
                servers,
                "--http",
                "127.0.0.1:" + port,
                "--state-dir",
                stateFolder().toString(),
                "--threads",
                Integer.toString(settings.threads),
                "--commit-interval-ms",
                Long.toString(settings.commitMs)));
        for (String setting : kafka) {
            words.addAll(List.of("-X", setting));
        }
        Program program = start(words, "processor");
        processor = program;
        long deadline = System.nanoTime() + limit.toNanos();
        while (!isReady(port)) {
            if (System.nanoTime() > deadline || !program.isAlive()) {
                throw new WrongResultException(
                        "the processor was not ready within " + limit.toSeconds() + " s: " + program.errors());
            }
            Thread.sleep(10);
        }
        return program;
    }

    private static boolean isReady(int port) throws IOException {
        HttpURLConnection question = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + "/readyz").toURL().openConnection();
        question.setConnectTimeout(1_000);
        question.setReadTimeout(1_000);
        try {
            return question.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (ConnectException | SocketTimeoutException e) {
            // it has not come that far
            return false;
        } finally {
            question.disconnect();
        }
    }

    /** Starts an agent on a capture file or pipe. */
    Program startAgent(Path file, String id) throws IOException, WrongResultException {
        return start(
                List.of(
                        java(),
                        "-jar",
                        measurement.jar("capture-agent").toString(),
                        "--brokers",
                        servers,
                        "--agent",
                        id,
                        file.toString()),
                "agent");
    }

    EventReader reader() {
        return new EventReader(servers, settings.partitions);
    }

    /** When the first record of flowstate.segments was given to its producer, nanoseconds since 1970. */
    long firstSegmentNs() throws WrongResultException {
        long first = Long.MAX_VALUE;
        Map<String, Object> client = new HashMap<>();
        client.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        client.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        try (var consumer = new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            for (int i = 0; i < settings.partitions; i++) {
                List<TopicPartition> one = List.of(new TopicPartition(Topics.SEGMENTS.name(), i));
                consumer.assign(one);
                consumer.seekToBeginning(one);
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(2))) {
                    first = Math.min(first, record.timestamp());
                }
            }
        }
        if (first == Long.MAX_VALUE) {
            throw new WrongResultException("nothing is in " + Topics.SEGMENTS.name());
        }
        return first * 1_000_000;
    }

    @Override
    public void close() {
        // SIGTERM would have it commit and leave: nobody needs that any more
        if (processor != null) {
            processor.close();
        }
        broker.close();
    }
}
