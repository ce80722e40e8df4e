package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import flowstate.schema.ConnectionId;
import flowstate.schema.ConnectionKey;
import flowstate.schema.ConnectionSegments;
import flowstate.schema.EventKind;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.Role;
import flowstate.schema.SegmentBatch;
import flowstate.schema.TcpSegment;
import flowstate.schema.TcpState;
import flowstate.schema.Teardown;
import flowstate.schema.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.kafka.KafkaContainer;

/** The runnable jars against a real Kafka: two processors that share the work, and an agent. */
@Tag("docker")
class TwoInstancesIT {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final Pattern RUNS = Pattern.compile("instance (\\S+) of flowstate runs");

    private static final List<AutoCloseable> OPEN = new ArrayList<>();

    @TempDir
    static Path scratch;

    private static String brokers = "";
    private static String one = "";
    private static String other = "";

    @BeforeAll
    static void start() throws Exception {
        Docker.assumeImages(scratch, Docker.KAFKA_IMAGE);
        KafkaContainer kafka = new KafkaContainer(Docker.KAFKA_IMAGE).withStartupTimeout(LIMIT);
        OPEN.add(kafka);
        kafka.start();
        brokers = kafka.getBootstrapServers();
        JarProcess oneProcess = processor("one");
        JarProcess otherProcess = processor("other");
        one = address(oneProcess);
        other = address(otherProcess);
        await("both have partitions").atMost(LIMIT).until(() -> {
            var instances = HttpQuestions.get(one, "/v1/instances").json().path("instances");
            int partitions = 0;
            for (var instance : instances) {
                int mine = instance.path("active_partitions").size();
                partitions += mine == 0 ? -Topics.DEFAULT_PARTITIONS : mine;
            }
            return instances.size() == 2
                    && partitions == Topics.DEFAULT_PARTITIONS
                    && HttpQuestions.get(one, "/readyz").status() == 200
                    && HttpQuestions.get(other, "/readyz").status() == 200;
        });
    }

    private static JarProcess processor(String name) throws Exception {
        JarProcess process = JarProcess.start(
                "stream-processor",
                scratch,
                name,
                "--brokers",
                brokers,
                "--http",
                "127.0.0.1:0",
                "--state-dir",
                scratch.resolve(name).toString(),
                "--commit-interval-ms",
                "100");
        OPEN.add(process);
        return process;
    }

    private static String address(JarProcess process) {
        await("it runs")
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(process.printed()).containsPattern(RUNS));
        Matcher runs = RUNS.matcher(process.printed());
        assertThat(runs.find()).isTrue();
        return runs.group(1);
    }

    @AfterAll
    static void stop() throws Exception {
        for (int i = OPEN.size() - 1; i >= 0; i--) {
            OPEN.get(i).close();
        }
    }

    @Test
    void aCaptureThatTheAgentPublishesBecomesLifecycleEvents() throws Exception {
        try (JarProcess agent = JarProcess.start(
                "capture-agent",
                scratch,
                "agent",
                "--brokers",
                brokers,
                "--agent",
                "test",
                Repository.root().resolve("docs/captures/four-way-close.pcap").toString())) {
            assertThat(agent.awaitExit(LIMIT)).as(agent.printed()).isZero();
        }

        List<LifecycleEvent> events = LifecycleTopic.readToTheFirstEnd(brokers, LIMIT);

        assertThat(events)
                .extracting(LifecycleEvent::getEvent)
                .containsExactly(
                        EventKind.OPENING,
                        EventKind.ESTABLISHED,
                        EventKind.HALF_CLOSED,
                        EventKind.CLOSED,
                        EventKind.ENDED);
        LifecycleEvent settled = events.get(events.size() - 1);
        assertThat(settled.getConnState()).isEqualTo("SF");
        assertThat(settled.getTeardown()).isEqualTo(Teardown.FOUR_SEGMENTS);
        assertThat(settled.getClosedFirst()).isEqualTo(Role.ORIGINATOR);
        assertThat(settled.getOriginator().getStates())
                .containsExactly(
                        TcpState.SYN_SENT,
                        TcpState.ESTABLISHED,
                        TcpState.FIN_WAIT1,
                        TcpState.FIN_WAIT2,
                        TcpState.TIME_WAIT,
                        TcpState.CLOSE);
        assertThat(settled.getResponder().getStates())
                .containsExactly(
                        TcpState.LISTEN,
                        TcpState.SYN_RECV,
                        TcpState.ESTABLISHED,
                        TcpState.CLOSE_WAIT,
                        TcpState.LAST_ACK,
                        TcpState.CLOSE);
        assertThat(settled.getHalfClosedSeconds()).isBetween(9.96, 9.97);
    }

    @Test
    void eitherInstanceAnswersForEveryLiveConnection() throws Exception {
        List<String> ids = open(24);

        Set<String> owners = new HashSet<>();
        for (String id : ids) {
            String path = "/v1/connections/" + id;
            await(id).atMost(LIMIT).until(() -> HttpQuestions.get(one, path).status() == 200);
            var fromOne = HttpQuestions.get(one, path);
            var fromOther = HttpQuestions.get(other, path);
            assertThat(fromOther).isEqualTo(fromOne);
            assertThat(fromOne.json().path("connection_id").asText()).isEqualTo(id);
            assertThat(fromOne.json().path("conn_state").asText()).isEqualTo("S1");
            assertThat(fromOne.json().path("originator").path("state").asText()).isEqualTo("ESTABLISHED");
            owners.add(fromOne.json().path("instance").asText());
        }
        assertThat(owners).containsExactlyInAnyOrder(one, other);

        List<String> metrics = new ArrayList<>();
        for (String instance : List.of(one, other)) {
            metrics.addAll(HttpQuestions.text(instance, "/metrics").lines().toList());
        }
        assertThat(metrics.stream()
                        .filter(line -> line.startsWith("flowstate_processor_connections{state=\"proven\"}"))
                        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                        .sum())
                .as("open connections of both")
                .isEqualTo(ids.size());
        assertThat(metrics).as("Kafka Streams' own").anyMatch(line -> line.startsWith("kafka_stream_thread_"));
    }

    /** Completes the handshakes of so many connections, without an end; returns their ids. */
    private static List<String> open(int connections) throws Exception {
        long start = 1_767_225_600_000_000_000L;
        List<String> ids = new ArrayList<>();
        try (KafkaProducer<byte[], SegmentBatch> producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers),
                Topics.SEGMENTS.key().serializer(),
                Topics.SEGMENTS.value().serializer())) {
            for (int i = 0; i < connections; i++) {
                ConnectionKey key =
                        ConnectionKey.of(new byte[] {10, 0, 0, 1}, 40000 + i, new byte[] {10, 0, 0, 2}, 80, "");
                SegmentBatch batch = new SegmentBatch();
                // an agent of its own each: batches are numbered by agent and partition
                batch.setAgent("tap-" + i);
                batch.setSession(start);
                batch.setInterface("eth0");
                batch.setSequence(0);
                batch.setClock(start + 3_000_000);
                batch.setConnections(List.of(new ConnectionSegments(
                        key.toBytes(),
                        batch.getClock(),
                        null,
                        List.of(
                                segment(start, true, 100, 0, 0x02),
                                segment(start + 2_000_000, false, 500, 101, 0x12),
                                segment(start + 3_000_000, true, 101, 501, 0x10)))));
                // the partitioner's choice by the key, as an agent makes it
                producer.send(new ProducerRecord<>(Topics.SEGMENTS.name(), key.toBytes(), batch))
                        .get();
                ids.add(new ConnectionId(key, ConnectionId.instanceOf(100, start)).toString());
            }
        }
        return ids;
    }

    private static TcpSegment segment(long timeNs, boolean fromLow, long seq, long ack, int flags) {
        TcpSegment s = new TcpSegment();
        s.setTime(timeNs);
        s.setFromLow(fromLow);
        s.setSeq(seq);
        s.setAck(ack);
        s.setFlags(flags);
        s.setWindow(65535);
        s.setPayloadLength(0);
        s.setWireLength(40);
        s.setTtl(64);
        s.setIpId(1);
        s.setTrafficClass(0);
        s.setVlanId(-1);
        s.setMss(-1);
        s.setWindowScale(-1);
        s.setSackPermitted(false);
        s.setTimestampValue(-1);
        s.setTimestampEcho(-1);
        s.setSackBlocks(List.of());
        s.setFastOpen(-1);
        return s;
    }

    @Test
    void theTermSignalEndsAnInstanceInOrder() throws Exception {
        try (JarProcess third = JarProcess.start(
                "stream-processor",
                scratch,
                "leaving",
                "--brokers",
                brokers,
                "--application-id",
                "flowstate-leaving",
                "--http",
                "127.0.0.1:0",
                "--state-dir",
                scratch.resolve("leaving").toString())) {
            await("it runs").atMost(LIMIT).until(() -> third.printed().contains(" runs, http://") || !third.isAlive());

            assertThat(third.terminate(LIMIT)).as(third.printed()).isEqualTo(128 + 15);
            assertThat(third.printed().lines()).as(third.printed()).hasSize(2);
        }
    }

    @Test
    void aSecondInstanceOnTheSameStateFolderIsRefusedInOneLine() throws Exception {
        try (JarProcess third = JarProcess.start(
                "stream-processor",
                scratch,
                "third",
                "--brokers",
                brokers,
                "--http",
                "127.0.0.1:0",
                "--state-dir",
                scratch.resolve("one").toString())) {
            assertThat(third.awaitExit(LIMIT)).as(third.printed()).isEqualTo(1);
            assertThat(third.printed().lines())
                    .singleElement()
                    .asString()
                    .contains("the state folder " + scratch.resolve("one") + " is in use")
                    .contains("--state-dir");
        }
    }
}
