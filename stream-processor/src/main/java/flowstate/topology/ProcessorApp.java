package flowstate.topology;

import flowstate.tcp.Standing;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;

/** A running instance of the topology. Thread-safe. */
public final class ProcessorApp implements AutoCloseable {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

    private final OpenConnections open = new OpenConnections();
    private final KafkaStreams streams;
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** An instance that has not been started. */
    public ProcessorApp(ProcessorConfig config) {
        streams = new KafkaStreams(ConnectionTopology.build(config.tracker(), open), config.streamsProperties());
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                running.countDown();
            }
            if (now.hasCompletedShutdown()) {
                stopped.countDown();
                running.countDown();
            }
        });
        streams.setUncaughtExceptionHandler(exception -> {
            failure.compareAndSet(null, exception);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    }

    /** Starts; returns at once. The topics must be there. */
    public void start() {
        streams.start();
    }

    /**
     * Waits until it has had its partitions with their stores restored, or has stopped; returns whether it goes on. Another
     * instance that joins takes some of them away at once, so it may be in the midst of that again.
     */
    public boolean awaitRunning(Duration limit) throws InterruptedException {
        return running.await(limit.toMillis(), TimeUnit.MILLISECONDS) && !hasStopped();
    }

    /** Whether it has stopped, by {@link #close} or by a failure. */
    public boolean hasStopped() {
        return stopped.getCount() == 0;
    }

    /** Waits until it has stopped, by {@link #close} or by a failure. */
    public void awaitStopped() throws InterruptedException {
        stopped.await();
    }

    /** What stopped it; null while nothing has. */
    public @Nullable Throwable failure() {
        return failure.get();
    }

    /**
     * Whether it has read that an agent is done and has not ended all of its connections yet. Once it has not, that is
     * committed.
     */
    public boolean isEnding() {
        return open.isEnding();
    }

    /** How many connections it holds that stand so. */
    long open(Standing standing) {
        return open.count(standing);
    }

    /** For interactive queries. */
    public KafkaStreams streams() {
        return streams;
    }

    /** Stops, within 30 s; does nothing the second time. */
    @Override
    public void close() {
        streams.close(CLOSE_LIMIT);
    }
}
