package flowstate.capture.publish;

import flowstate.capture.decode.DecodedSegment;
import flowstate.capture.decode.PacketDecoder;
import flowstate.capture.decode.SkipReason;
import flowstate.capture.source.CaptureException;
import flowstate.capture.source.CaptureFile;
import flowstate.capture.source.PacketFilter;
import flowstate.capture.source.PacketSource;
import flowstate.capture.source.RawPacket;
import flowstate.program.KafkaCluster;
import flowstate.program.Program;
import flowstate.schema.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Publishes captures to topic {@code flowstate.segments}, one session each, and accounts for every packet.
 *
 * <p>{@link #publish} and {@link #publishFile} are for one thread at a time; {@link #stop} and {@link #packetsRead} may
 * be called from any.
 */
public final class SegmentPublisher implements AutoCloseable {
    private static final int PACKETS_BETWEEN_COUNTS = 4096;
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final PublisherConfig config;
    private final Producer<byte[], byte[]> producer;
    private long lastSession = Long.MIN_VALUE;
    private volatile boolean stopped;
    private volatile long packetsRead;

    SegmentPublisher(PublisherConfig config, Producer<byte[], byte[]> producer) {
        this.config = config;
        this.producer = producer;
    }

    /**
     * A publisher to brokers that answer and topics that exist: they are made if the configuration says so.
     *
     * @throws PublishException if no broker answers within the limit, the topics do not exist, or a setting is wrong
     * @throws InterruptedException if the thread is interrupted meanwhile
     */
    public static SegmentPublisher connect(PublisherConfig config) throws PublishException, InterruptedException {
        KafkaCluster cluster = config.cluster();
        try {
            awaitTopics(config, cluster);
        } catch (IOException e) {
            throw new PublishException(String.valueOf(e.getMessage()), e);
        }
        try {
            Map<String, Object> settings = producerSettings(config);
            settings.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
            settings.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000);
            return new SegmentPublisher(
                    config, new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()));
        } catch (KafkaException e) {
            IOException failure = cluster.cannotSetUp(e);
            throw new PublishException(String.valueOf(failure.getMessage()), failure);
        }
    }

    /** Waits until a broker answers and the topics are there; see {@link KafkaCluster#await}. */
    static void awaitTopics(PublisherConfig config, KafkaCluster cluster) throws IOException, InterruptedException {
        Map<String, Object> settings = new HashMap<>();
        settings.put(AdminClientConfig.CLIENT_ID_CONFIG, clientId(config));
        settings.putAll(cluster.settings());
        cluster.await(settings, List.of(Topics.SEGMENTS.name()));
    }

    private static String clientId(PublisherConfig config) {
        return "flowstate-agent-" + config.agent();
    }

    /** What all producers of segments have; limits of time are the caller's. */
    static Map<String, Object> producerSettings(PublisherConfig config) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, clientId(config));
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 15);
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024);
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
        settings.putAll(config.cluster().settings());
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.cluster().brokers());
        // sequence numbers promise that nothing is doubled or reordered on its way to the broker
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        return settings;
    }

    /**
     * Publishes a capture file as one session; see {@link #publish}.
     *
     * @param file pcap or pcapng, gzipped or not
     * @throws CaptureException if the file cannot be opened or is no capture file
     * @throws PublishException as {@link #publish}
     */
    public CaptureAccount publishFile(Path file, String captureName, long sessionNs, @Nullable PacketFilter filter)
            throws CaptureException, PublishException {
        try (PacketSource source = CaptureFile.open(file)) {
            return publish(source, captureName, sessionNs, filter);
        }
    }

    /**
     * Publishes a capture as one session, up to its end, or until it breaks off or the agent is stopped: then all that
     * was read is still published, and the end of the capture is told, as if it had ended there. Returns when the broker
     * has acknowledged everything. An interruption of the thread stops it likewise, and stays set.
     *
     * @param source is not closed
     * @param captureName what records name as the interface
     * @param sessionNs nanoseconds since 1970 at the session's start; raised if it is not above the previous session's
     * @param filter what to publish; null for everything
     * @throws PublishException if a segment could not be published, with the account
     */
    public CaptureAccount publish(
            PacketSource source, String captureName, long sessionNs, @Nullable PacketFilter filter)
            throws PublishException {
        lastSession = Math.max(sessionNs, lastSession + 1);
        Run run = new Run(captureName, lastSession);
        try {
            run.readAll(source, filter);
            run.batcher.finish();
            run.awaitAcknowledgements();
            run.delivery.check();
            return run.account();
        } catch (PublishException e) {
            run.awaitAcknowledgements();
            throw new PublishException(String.valueOf(e.getMessage()), e.getCause(), run.account());
        } finally {
            if (run.interruptions) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Makes {@link #publish} come to its end after the packet in hand, now and ever after. */
    public void stop() {
        stopped = true;
    }

    /** Packets read so far, over all captures; some thousands behind while one is being read. */
    public long packetsRead() {
        return packetsRead;
    }

    /** Lets go of the brokers; what has not been acknowledged after 5 s is given up. */
    @Override
    public void close() {
        producer.close(CLOSE_LIMIT);
    }

    /** One capture on its way. */
    private final class Run {
        private final String captureName;
        private final Delivery delivery = new Delivery(this);
        private final Batcher batcher;
        private final long packetsReadBefore = packetsRead;
        private final Map<SkipReason, Long> skippedByReason = new EnumMap<>(SkipReason.class);
        private long read;
        private long filteredOut;
        private int unknownLinkType;
        private boolean atEnd;
        private boolean interruptions;
        private @Nullable String brokenOff;

        Run(String captureName, long session) throws PublishException {
            this.captureName = captureName;
            int partitions;
            try {
                partitions = producer.partitionsFor(Topics.SEGMENTS.name()).size();
            } catch (KafkaException e) {
                throw publishFailure(e);
            }
            this.batcher = new Batcher(config, captureName, session, partitions, delivery);
        }

        void readAll(PacketSource source, @Nullable PacketFilter filter) throws PublishException {
            RawPacket packet = new RawPacket();
            DecodedSegment segment = new DecodedSegment();
            PacketDecoder decoder = new PacketDecoder(config.checksums());
            long[] skipped = new long[SkipReason.values().length];
            try {
                while (!isStopped()) {
                    if (!source.next(packet)) {
                        atEnd = true;
                        break;
                    }
                    boolean wanted = filter == null || filter.accepts(packet);
                    if (++read % PACKETS_BETWEEN_COUNTS == 0) {
                        packetsRead = packetsReadBefore + read;
                    }
                    batcher.advance(packet.clockNs);
                    if (!wanted) {
                        filteredOut++;
                        continue;
                    }
                    SkipReason reason = decoder.decode(
                            packet.linkType,
                            packet.buffer,
                            packet.offset,
                            packet.capturedLength,
                            packet.originalLength,
                            segment);
                    if (reason == null) {
                        batcher.add(segment, packet.timeNs);
                    } else if (++skipped[reason.ordinal()] == read && reason == SkipReason.UNKNOWN_LINK_TYPE) {
                        unknownLinkType = packet.linkType;
                    }
                }
                if (atEnd && read > 0 && skipped[SkipReason.UNKNOWN_LINK_TYPE.ordinal()] == read) {
                    brokenOff = captureName + ": its link type " + unknownLinkType
                            + " is not known, so that none of its packets could be read. Capture on an interface whose"
                            + " packets are Ethernet or IP";
                }
            } catch (CaptureException e) {
                brokenOff = e.getMessage();
            } catch (InternalError e) {
                // a mapped page is gone: compiled code reports that a little later, when the source has returned
                brokenOff = captureName + ": it became shorter while it was read; what came before was read";
            } finally {
                packetsRead = packetsReadBefore + read;
                for (SkipReason reason : SkipReason.values()) {
                    skippedByReason.put(reason, skipped[reason.ordinal()]);
                }
            }
        }

        private boolean isStopped() {
            if (Thread.currentThread().isInterrupted()) {
                takeInterruption();
            }
            return stopped;
        }

        /** Turns an interruption into a stop: what was read must still get through the producer, which refuses else. */
        private void takeInterruption() {
            interruptions |= Thread.interrupted();
            stop();
        }

        void awaitAcknowledgements() {
            while (true) {
                try {
                    producer.flush();
                    return;
                } catch (InterruptException e) {
                    takeInterruption();
                }
            }
        }

        CaptureAccount account() {
            long skipped =
                    skippedByReason.values().stream().mapToLong(Long::longValue).sum();
            // the packet in hand when the producer failed
            long notTaken = read - filteredOut - skipped - batcher.takenSegments();
            return new CaptureAccount(
                    captureName,
                    read,
                    delivery.acknowledgedSegments.get(),
                    delivery.acknowledgedBatches.get(),
                    filteredOut,
                    skippedByReason,
                    delivery.failedSegments.get() + batcher.openSegments() + notTaken,
                    !atEnd && brokenOff == null && stopped,
                    brokenOff);
        }
    }

    /** Hands batches to the producer and keeps what became of each; the producer's thread reports it. */
    private final class Delivery implements BatchSink {
        private final Run run;
        private final AtomicLong acknowledgedSegments = new AtomicLong();
        private final AtomicLong acknowledgedBatches = new AtomicLong();
        private final AtomicLong failedSegments = new AtomicLong();
        private final AtomicReference<@Nullable Exception> firstFailure = new AtomicReference<>();

        Delivery(Run run) {
            this.run = run;
        }

        @Override
        public void accept(int partition, byte[] batch, int segments) throws PublishException {
            try {
                check();
                send(new ProducerRecord<>(Topics.SEGMENTS.name(), partition, null, batch), segments);
            } catch (PublishException e) {
                failedSegments.addAndGet(segments);
                throw e;
            }
        }

        private void send(ProducerRecord<byte[], byte[]> record, int segments) throws PublishException {
            while (true) {
                try {
                    producer.send(record, (metadata, failure) -> settle(segments, failure));
                    return;
                } catch (InterruptException e) {
                    // thrown before the record is taken: while waiting for memory or metadata
                    run.takeInterruption();
                } catch (KafkaException | IllegalStateException e) {
                    throw publishFailure(e);
                }
            }
        }

        private void settle(int segments, @Nullable Exception failure) {
            if (failure != null) {
                firstFailure.compareAndSet(null, failure);
                failedSegments.addAndGet(segments);
            } else if (segments > 0) {
                acknowledgedSegments.addAndGet(segments);
                acknowledgedBatches.incrementAndGet();
            }
        }

        void check() throws PublishException {
            Exception failure = firstFailure.get();
            if (failure != null) {
                throw publishFailure(failure);
            }
        }
    }

    private PublishException publishFailure(Exception failure) {
        return new PublishException(
                "cannot publish to " + Topics.SEGMENTS.name() + " on "
                        + config.cluster().brokers() + ": " + Program.reason(failure)
                        + "; what was not acknowledged is lost, publish the capture again",
                failure);
    }
}
