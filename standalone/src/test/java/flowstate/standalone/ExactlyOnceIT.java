package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import flowstate.capture.decode.Checksums;
import flowstate.capture.publish.CaptureAccount;
import flowstate.capture.publish.PublisherConfig;
import flowstate.capture.publish.SegmentPublisher;
import flowstate.capture.source.CaptureException;
import flowstate.capture.source.CaptureFile;
import flowstate.capture.source.PacketSource;
import flowstate.capture.source.PcapWriter;
import flowstate.capture.source.RawPacket;
import flowstate.capture.source.TcpFrame;
import flowstate.program.KafkaCluster;
import flowstate.schema.EndReason;
import flowstate.schema.EventKind;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.Topics;
import flowstate.topology.ProcessorApp;
import flowstate.topology.ProcessorConfig;
import flowstate.topology.TrackerSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A processor goes while segments flow, and another one takes over, which goes on with what the first one saved, or has to restore
 * everything from Kafka: the events are as if nothing had happened.
 */
class ExactlyOnceIT {
    private static final int CONNECTIONS = 300;
    private static final int PARTITIONS = 2;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long START_NS = 1_767_225_600_000_000_000L;
    private static final long BETWEEN_CONNECTIONS_NS = 7_000_000;
    private static final long BETWEEN_SEGMENTS_NS = 100_000_000;
    private static final int FIRST_PORT = 20_000;
    private static final int REQUEST = 100;
    private static final int RESPONSE = 200;

    /** Kafka notices soon that an instance is gone, and gives up its transaction. */
    private static final Map<String, String> IMPATIENT = Map.of(
            "main.consumer.session.timeout.ms", "6000",
            "main.consumer.heartbeat.interval.ms", "2000",
            "producer.transaction.timeout.ms", "10000");

    @TempDir
    private Path scratch;

    private EmbeddedBroker broker;
    private Admin admin;
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        broker = EmbeddedBroker.start(scratch, EmbeddedBroker.FREE_PORT, LIMIT);
        open.add(broker);
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
        open.add(admin);
        Topics.create(admin, PARTITIONS, (short) 1, LIMIT);
    }

    @AfterEach
    void stop() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    /** @param next the folder of the next one: what the first one saved, or empty */
    @ParameterizedTest
    @ValueSource(strings = {"first", "second"})
    void aProcessorThatIsStoppedInOrderLeavesNothingToLoseOrDouble(String next) throws Exception {
        List<Packet> traffic = traffic();
        ProcessorApp first = processor("first");

        publish(traffic, Map.of(traffic.size() / 2, () -> {
            await("the first commits").atMost(LIMIT).until(() -> ends(IsolationLevel.READ_COMMITTED) > 0);
            first.close();
            processor(next);
        }));

        assertThat(first.failure()).isNull();
        assertEachConnectionOnce(outgoing());
    }

    @Test
    void aProcessorThatIsKilledInATransactionLeavesNothingToLoseOrDouble() throws Exception {
        List<Packet> traffic = traffic();
        List<String> arguments = new ArrayList<>(List.of(
                "--brokers",
                broker.bootstrapServers(),
                "--http",
                "127.0.0.1:0",
                "--state-dir",
                scratch.resolve("killed").toString(),
                // long enough to be caught between two commits
                "--commit-interval-ms",
                "2000"));
        IMPATIENT.forEach((setting, value) -> arguments.addAll(List.of("-X", setting + "=" + value)));
        JarProcess first =
                JarProcess.start("stream-processor", scratch, "killed-output", arguments.toArray(String[]::new));
        open.add(first);

        publish(
                traffic,
                Map.of(
                        traffic.size() / 3,
                        () -> await("the first commits")
                                .atMost(LIMIT)
                                .until(() -> ends(IsolationLevel.READ_COMMITTED) > 0),
                        2 * traffic.size() / 3,
                        () -> {
                            await("the first has written what it has not committed")
                                    .atMost(LIMIT)
                                    .pollInterval(Duration.ofMillis(5))
                                    .until(this::isTransactionOpen);
                            first.close();
                            assertThat(isTransactionOpen())
                                    .as("killed within a transaction: " + first.printed())
                                    .isTrue();
                            processor("killed");
                        }));

        assertEachConnectionOnce(outgoing());
    }

    private ProcessorApp processor(String name) {
        ProcessorApp app = new ProcessorApp(new ProcessorConfig(
                broker.bootstrapServers(),
                ProcessorConfig.DEFAULT_APPLICATION_ID,
                "",
                scratch.resolve(name),
                TrackerSettings.DEFAULT,
                Duration.ofMillis(100),
                PARTITIONS,
                IMPATIENT));
        open.add(app);
        app.start();
        return app;
    }

    private boolean isTransactionOpen() throws Exception {
        return ends(IsolationLevel.READ_UNCOMMITTED) > ends(IsolationLevel.READ_COMMITTED);
    }

    /** Where the partitions of flowstate.lifecycle end for those who read them so, summed up. */
    private long ends(IsolationLevel isolation) throws Exception {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            latest.put(new TopicPartition(Topics.LIFECYCLE.name(), partition), OffsetSpec.latest());
        }
        return admin.listOffsets(latest, new ListOffsetsOptions(isolation)).all().get().values().stream()
                .mapToLong(end -> end.offset())
                .sum();
    }

    private record Packet(long timeNs, byte[] frame) {}

    /** Something that happens before a packet is read. */
    private interface Incident {
        void happen() throws Exception;
    }

    /** Publishes as one capture; before the packets of these numbers, something happens. */
    private void publish(List<Packet> traffic, Map<Integer, Incident> incidents) throws Exception {
        Path file = scratch.resolve("traffic.pcap");
        try (PcapWriter pcap = PcapWriter.create(file, PcapWriter.LINKTYPE_ETHERNET)) {
            for (Packet packet : traffic) {
                pcap.write(packet.timeNs, packet.frame);
            }
        }
        PublisherConfig config =
                PublisherConfig.of(KafkaCluster.at(broker.bootstrapServers(), Map.of()), "test", Checksums.verify);
        try (SegmentPublisher publisher = SegmentPublisher.connect(config);
                PacketSource source = new EventfulSource(CaptureFile.open(file), incidents)) {
            CaptureAccount account = publisher.publish(source, "traffic", START_NS, null);
            assertThat(account.balances()).as(account.render()).isTrue();
            assertThat(account.read()).isEqualTo(traffic.size());
        }
    }

    private static final class EventfulSource implements PacketSource {
        private final PacketSource packets;
        private final Map<Integer, Incident> incidents;
        private int number;

        EventfulSource(PacketSource packets, Map<Integer, Incident> incidents) {
            this.packets = packets;
            this.incidents = incidents;
        }

        @Override
        public boolean next(RawPacket packet) throws CaptureException {
            Incident incident = incidents.get(number++);
            if (incident != null) {
                try {
                    incident.happen();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
            return packets.next(packet);
        }

        @Override
        public void close() {
            packets.close();
        }
    }

    /** All that the processors committed, once they have committed all that was published. */
    private List<Event> outgoing() throws Exception {
        List<Event> events = new ArrayList<>();
        try (OutgoingTopics topics = new OutgoingTopics(
                broker.bootstrapServers(),
                admin,
                ProcessorConfig.DEFAULT_APPLICATION_ID,
                () -> false,
                Duration.ofMillis(500))) {
            OutgoingTopics.Mark mark = topics.mark();
            await("all is processed").atMost(LIMIT).until(() -> {
                events.addAll(topics.poll(Duration.ofMillis(50)));
                return topics.reached(mark);
            });
        }
        return events;
    }

    /** Requests and responses of a connection: not the same number for all. */
    private static int rounds(int connection) {
        return 1 + connection % 3;
    }

    /**
     * Connections that open one soon after the other, ask and are answered, and close in four segments; in the order of
     * time, so that wherever it is cut, some are opening, some are closing, and others are between.
     */
    private static List<Packet> traffic() {
        List<Packet> all = new ArrayList<>();
        for (int connection = 0; connection < CONNECTIONS; connection++) {
            long client = 1_000L * connection;
            long server = 5_000_000L + client;
            long timeNs = START_NS + connection * BETWEEN_CONNECTIONS_NS;
            List<TcpFrame> frames = new ArrayList<>();
            frames.add(fromClient(connection, "S").seq(client++));
            frames.add(fromServer(connection, "S.").seq(server++).ack(client));
            frames.add(fromClient(connection, ".").seq(client).ack(server));
            for (int round = 0; round < rounds(connection); round++) {
                frames.add(fromClient(connection, "P.").seq(client).ack(server).payload(new byte[REQUEST]));
                client += REQUEST;
                frames.add(fromServer(connection, ".").seq(server).ack(client));
                frames.add(fromServer(connection, "P.").seq(server).ack(client).payload(new byte[RESPONSE]));
                server += RESPONSE;
                frames.add(fromClient(connection, ".").seq(client).ack(server));
            }
            frames.add(fromClient(connection, "F.").seq(client++).ack(server));
            frames.add(fromServer(connection, ".").seq(server).ack(client));
            frames.add(fromServer(connection, "F.").seq(server++).ack(client));
            frames.add(fromClient(connection, ".").seq(client).ack(server));
            for (TcpFrame frame : frames) {
                all.add(new Packet(timeNs, frame.ethernet()));
                timeNs += BETWEEN_SEGMENTS_NS;
            }
        }
        all.sort(Comparator.comparingLong(Packet::timeNs));
        return all;
    }

    private static TcpFrame fromClient(int connection, String flags) {
        return new TcpFrame()
                .from("10.0.0.1", FIRST_PORT + connection)
                .to("10.0.0.2", 80)
                .flags(flags);
    }

    private static TcpFrame fromServer(int connection, String flags) {
        return new TcpFrame()
                .from("10.0.0.2", 80)
                .to("10.0.0.1", FIRST_PORT + connection)
                .flags(flags);
    }

    private static void assertEachConnectionOnce(List<Event> events) {
        Map<Integer, List<LifecycleEvent>> byConnection = new TreeMap<>();
        for (Event event : events) {
            assertThat(event).as("nothing is wrong with the traffic").isInstanceOf(Event.Lifecycle.class);
            LifecycleEvent lifecycle = Topics.LIFECYCLE
                    .value()
                    .deserializer()
                    .deserialize(Topics.LIFECYCLE.name(), ((Event.Lifecycle) event).octets());
            byConnection
                    .computeIfAbsent(lifecycle.getOriginator().getPort() - FIRST_PORT, port -> new ArrayList<>())
                    .add(lifecycle);
        }
        assertThat(byConnection).hasSize(CONNECTIONS);
        byConnection.forEach((connection, its) -> {
            assertThat(its)
                    .as("events of connection " + connection)
                    .extracting(LifecycleEvent::getEvent)
                    .containsExactly(
                            EventKind.OPENING,
                            EventKind.ESTABLISHED,
                            EventKind.HALF_CLOSED,
                            EventKind.CLOSED,
                            EventKind.ENDED);
            assertThat(its)
                    .extracting(LifecycleEvent::getConnectionId)
                    .containsOnly(its.get(0).getConnectionId());
            LifecycleEvent settled = its.get(its.size() - 1);
            int rounds = rounds(connection);
            assertThat(settled.getEndReason()).isEqualTo(EndReason.FIN);
            assertThat(settled.getConnState()).isEqualTo("SF");
            assertThat(settled.getHistory()).isEqualTo("ShADadFf");
            assertThat(settled.getStartedAt()).isEqualTo(START_NS + connection * BETWEEN_CONNECTIONS_NS);
            assertThat(settled.getOriginator().getSegments()).isEqualTo(4L + 2 * rounds);
            assertThat(settled.getResponder().getSegments()).isEqualTo(3L + 2 * rounds);
            assertThat(settled.getOriginator().getBytes()).isEqualTo((long) rounds * REQUEST);
            assertThat(settled.getResponder().getBytes()).isEqualTo((long) rounds * RESPONSE);
            assertThat(settled.getOriginator().getRetransmittedSegments()).isZero();
            assertThat(settled.getResponder().getRetransmittedSegments()).isZero();
        });
    }
}
