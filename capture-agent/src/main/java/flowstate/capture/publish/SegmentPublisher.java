package flowstate.capture.publish;

import flowstate.capture.decode.DecodedSegment;
import flowstate.capture.decode.PacketDecoder;
import flowstate.capture.decode.SkipReason;
import flowstate.capture.source.CaptureException;
import flowstate.capture.source.CaptureFile;
import flowstate.capture.source.PacketFilter;
import flowstate.capture.source.PacketSource;
import flowstate.capture.source.RawPacket;
import flowstate.schema.SegmentBatch;
import flowstate.schema.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
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
    private final Producer<byte[], SegmentBatch> producer;
    private long lastSession = Long.MIN_VALUE;
    private volatile boolean stopped;
    private volatile long packetsRead;

    SegmentPublisher(PublisherConfig config, Producer<byte[], SegmentBatch> producer) {
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
        Admin admin = null;
        try {
            admin = Admin.create(adminSettings(config));
            awaitTopics(admin, config);
            return new SegmentPublisher(
                    config,
                    new KafkaProducer<>(
                            producerSettings(config),
                            Topics.SEGMENTS.key().serializer(),
                            Topics.SEGMENTS.value().serializer()));
        } catch (KafkaException e) {
            throw new PublishException(
                    "cannot set up the Kafka client for " + config.brokers() + ": " + reason(e)
                            + "; check the address and the settings",
                    e);
        } finally {
            if (admin != null) {
                admin.close(Duration.ZERO);
            }
        }
    }

    private static void awaitTopics(Admin admin, PublisherConfig config) throws PublishException, InterruptedException {
        long limitNs = config.connectLimit().toNanos();
        String name = Topics.SEGMENTS.name();
        try {
            admin.describeCluster().nodes().get(limitNs, TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw unreachable(config, e);
        }
        try {
            if (config.createTopics()) {
                Topics.create(admin, config.partitions(), (short) -1, config.connectLimit());
            } else {
                admin.describeTopics(List.of(name)).allTopicNames().get(limitNs, TimeUnit.NANOSECONDS);
            }
        } catch (TimeoutException e) {
            throw new PublishException(
                    "topic " + name + " on " + config.brokers() + " has partitions without a leader after "
                            + seconds(config) + ": check that all brokers run",
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                throw new PublishException(
                        "topic " + name + " does not exist on " + config.brokers()
                                + ": create it, or let the agent do it (--create-topics)",
                        e);
            }
            throw new PublishException(
                    (config.createTopics() ? "cannot create the topics on " : "cannot look up topic " + name + " on ")
                            + config.brokers() + ": " + reason(e),
                    e);
        }
    }

    private static PublishException unreachable(PublisherConfig config, Exception e) {
        boolean silent = e instanceof TimeoutException
                || e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException;
        return silent
                ? new PublishException(
                        "no Kafka broker answered at " + config.brokers() + " within " + seconds(config)
                                + ": check the address, and that Kafka runs there",
                        e)
                : new PublishException("cannot talk to Kafka at " + config.brokers() + ": " + reason(e), e);
    }

    private static String seconds(PublisherConfig config) {
        return config.connectLimit().toMillis() / 1000.0 + " s";
    }

    private static Map<String, Object> adminSettings(PublisherConfig config) {
        long limitMs = Math.max(1, Math.min(config.connectLimit().toMillis(), Integer.MAX_VALUE));
        Map<String, Object> settings = new HashMap<>();
        settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "flowstate-agent-" + config.agent());
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) limitMs);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) limitMs);
        settings.putAll(config.kafka());
        settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.brokers());
        return settings;
    }

    private static Map<String, Object> producerSettings(PublisherConfig config) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, "flowstate-agent-" + config.agent());
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 15);
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024);
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000);
        settings.putAll(config.kafka());
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.brokers());
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
            PacketDecoder decoder = new PacketDecoder(true);
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
        public void accept(int partition, byte @Nullable [] key, SegmentBatch batch) throws PublishException {
            int segments = batch.getSegments().size();
            try {
                check();
                send(new ProducerRecord<>(Topics.SEGMENTS.name(), partition, key, batch), segments);
            } catch (PublishException e) {
                failedSegments.addAndGet(segments);
                throw e;
            }
        }

        private void send(ProducerRecord<byte[], SegmentBatch> record, int segments) throws PublishException {
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
                "cannot publish to " + Topics.SEGMENTS.name() + " on " + config.brokers() + ": " + reason(failure)
                        + "; what was not acknowledged is lost, publish the capture again",
                failure);
    }

    /** The innermost cause that says something, in one line. */
    private static String reason(Throwable failure) {
        String reason = failure.getClass().getSimpleName();
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each.getMessage() != null && !each.getMessage().isBlank()) {
                reason = each instanceof ConfigException || each instanceof KafkaException
                        ? each.getMessage()
                        : each.getClass().getSimpleName() + ": " + each.getMessage();
            }
        }
        return reason.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
