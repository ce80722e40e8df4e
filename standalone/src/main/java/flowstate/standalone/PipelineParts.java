package flowstate.standalone;

import flowstate.capture.decode.Checksums;
import flowstate.capture.publish.Batching;
import flowstate.capture.publish.CaptureAccount;
import flowstate.capture.publish.PublishException;
import flowstate.capture.publish.PublisherConfig;
import flowstate.capture.publish.SegmentPublisher;
import flowstate.capture.source.CaptureException;
import flowstate.capture.source.CaptureFile;
import flowstate.capture.source.PacketFilter;
import flowstate.capture.source.PacketSource;
import flowstate.hosts.HostRules;
import flowstate.program.KafkaCluster;
import flowstate.schema.EpochNanos;
import flowstate.topology.Limits;
import flowstate.topology.ProcessorApp;
import flowstate.topology.ProcessorConfig;
import flowstate.topology.TrackerSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;

/** The agent and the processor that run on a cluster, for a replay in one JVM. */
final class PipelineParts implements ReplayParts {
    /** The agent's id: loopback connections of all captures are scoped by it, and so have the same ids in each replay. */
    private static final String AGENT = "replay";

    private static final int THREADS = 2;

    /**
     * Nobody waits for a file's events as they come. The more segments a connection has in a batch, the fewer times it is looked up and
     * put back: 32 within 200 ms take a twelfth more of the processor's time. The linger, and the fifth of it until it is looked whose
     * is over, must be less than the second that the processor allows for.
     */
    private static final Batching BATCHING =
            new Batching(128, Duration.ofMillis(750), Batching.DEFAULT.open(), Batching.DEFAULT.progressInterval());

    /** Of what waits to go to the broker, for each partition. */
    static final String BATCH_OCTETS = Integer.toString(512 << 10);

    /** As with {@link #BATCHING}, nobody waits: so what goes to the broker waits longer for more, and at most until a file's end. */
    private static final Map<String, String> PUBLISHER_SETTINGS =
            Map.of(ProducerConfig.LINGER_MS_CONFIG, "100", ProducerConfig.BATCH_SIZE_CONFIG, BATCH_OCTETS);

    private final @Nullable PacketFilter filter;
    private final TrackerSettings tracker;
    private final Checksums checksums;

    private PipelineParts(@Nullable PacketFilter filter, TrackerSettings tracker, Checksums checksums) {
        this.filter = filter;
        this.tracker = tracker;
        this.checksums = checksums;
    }

    /**
     * See {@link ReplayParts.Factory}.
     *
     * @throws IllegalArgumentException if libpcap does not understand the filter
     */
    static ReplayParts create(@Nullable String filter, TrackerSettings tracker, Checksums checksums)
            throws StandaloneException {
        try {
            return new PipelineParts(filter == null ? null : PacketFilter.compile(filter), tracker, checksums);
        } catch (CaptureException e) {
            throw new StandaloneException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public PacketSource open(Path file) throws CaptureException {
        return CaptureFile.open(file);
    }

    @Override
    public FilePublisher publisher(String bootstrapServers) throws StandaloneException, InterruptedException {
        PublisherConfig config = new PublisherConfig(
                KafkaCluster.at(bootstrapServers, PUBLISHER_SETTINGS), AGENT, "", BATCHING, checksums);
        try {
            return new Publisher(SegmentPublisher.connect(config));
        } catch (PublishException e) {
            throw new StandaloneException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public SegmentProcessor processor(String bootstrapServers, Path stateFolder) {
        ProcessorConfig config = new ProcessorConfig(
                bootstrapServers,
                ProcessorConfig.DEFAULT_APPLICATION_ID,
                "",
                stateFolder,
                tracker.with(new Limits(Limits.DEFAULT_HALF_OPEN, HostRules.DEFAULT, ReplayRun.PARTITIONS)),
                ProcessorConfig.DEFAULT_COMMIT_INTERVAL,
                THREADS,
                ProcessorSettings.REPLAY);
        ProcessorApp app = new ProcessorApp(config);
        app.start();
        return new Processor(app);
    }

    @Override
    public void close() {
        if (filter != null) {
            filter.close();
        }
    }

    private final class Publisher implements FilePublisher {
        private final SegmentPublisher publisher;

        Publisher(SegmentPublisher publisher) {
            this.publisher = publisher;
        }

        @Override
        public FileAccount publish(String capture, PacketSource source) throws StandaloneException {
            try {
                CaptureAccount account = publisher.publish(source, capture, EpochNanos.now(), filter);
                return new FileAccount(account.render(), account.read(), account.balances(), account.brokenOff());
            } catch (PublishException e) {
                throw new StandaloneException(String.valueOf(e.getMessage()), e);
            }
        }

        @Override
        public long packetsRead() {
            return publisher.packetsRead();
        }

        @Override
        public void close() {
            publisher.stop();
            publisher.close();
        }
    }

    private static final class Processor implements SegmentProcessor {
        private final ProcessorApp app;

        Processor(ProcessorApp app) {
            this.app = app;
        }

        @Override
        public String applicationId() {
            return ProcessorConfig.DEFAULT_APPLICATION_ID;
        }

        @Override
        public boolean isEnding() {
            return app.isEnding();
        }

        @Override
        public @Nullable String failure() {
            Throwable failure = app.failure();
            return failure == null ? null : Words.reason(failure);
        }

        @Override
        public void close() {
            app.close();
        }
    }
}
