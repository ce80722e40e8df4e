package flowstate.capture;

import flowstate.capture.own.OwnTraffic;
import flowstate.capture.publish.LiveAccount;
import flowstate.capture.publish.LivePublisher;
import flowstate.capture.publish.LivePublisher.SpoolConfig;
import flowstate.capture.publish.Notices;
import flowstate.capture.publish.PublishException;
import flowstate.capture.publish.PublisherConfig;
import flowstate.capture.source.CaptureException;
import flowstate.capture.source.LiveOptions;
import flowstate.capture.source.LiveSource;
import flowstate.capture.source.PcapngFile;
import flowstate.schema.EpochNanos;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Interfaces that are captured and published, from {@link #start} to {@link #close(Duration)}. Thread-safe.
 *
 * <p>One interface is observed under the agent's id. Of several, each is an observer of its own, {@code ID/IFACE}: a
 * packet that passes two of them is then known to be one.
 */
public final class LiveCapture implements AutoCloseable {
    private final LivePublisher publisher;
    private final @Nullable PcapngFile copy;

    private LiveCapture(LivePublisher publisher, @Nullable PcapngFile copy) {
        this.publisher = publisher;
        this.copy = copy;
    }

    /**
     * Starts to capture.
     *
     * @param live how, from {@link InterfaceOptions#live}
     * @param spool where batches go while no broker takes them; null for nowhere
     * @throws CaptureException if capturing can never work
     * @throws PublishException if there is no broker, or something of its settings or the spool is wrong
     * @throws IOException if the file to write to cannot be made
     * @throws IllegalArgumentException if the filter is not understood
     */
    public static LiveCapture start(
            PublisherConfig config,
            InterfaceOptions options,
            LiveOptions live,
            @Nullable SpoolConfig spool,
            Notices notices)
            throws CaptureException, PublishException, IOException, InterruptedException {
        List<LiveSource> sources = new ArrayList<>();
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            for (String each : options.interfaces()) {
                LiveSource source =
                        LiveSource.open(each, live, EpochNanos::now, line -> notices.say("interface " + line, line));
                sources.add(source);
                opened.add(source);
            }
            PcapngFile copy = options.copy(line -> notices.say("write " + line, line));
            if (copy != null) {
                opened.add(copy);
            }
            OwnTraffic own = new OwnTraffic(config.cluster().brokers());
            LivePublisher publisher = LivePublisher.connect(config, spool, own, own::brokersAre, notices);
            long sessionNs = EpochNanos.now();
            for (int i = 0; i < sources.size(); i++) {
                String name = options.interfaces().get(i);
                publisher.add(
                        sources.get(i),
                        name,
                        sources.size() == 1 ? config.agent() : config.agent() + "/" + name,
                        sessionNs,
                        copy);
            }
            opened.clear();
            return new LiveCapture(publisher, copy);
        } finally {
            for (AutoCloseable each : opened) {
                closeQuietly(each);
            }
        }
    }

    private static void closeQuietly(AutoCloseable each) {
        try {
            each.close();
        } catch (Exception e) {
            // there is a better reason for failing
        }
    }

    /** What became of each packet up to now. */
    public LiveAccount account() {
        return publisher.account();
    }

    /** Packets that are not in the file that they are written to beside publishing; 0 if there is none. */
    public long unwritten() {
        return copy == null ? 0 : copy.unwritten();
    }

    /** Whether every interface is captured at present. */
    public boolean isCapturing() {
        return publisher.isCapturing();
    }

    /** One line that says why the broker does not take segments; null while it does. */
    public @Nullable String problem() {
        return publisher.problem();
    }

    /** Whether a capture has ended by itself, which is a defect. */
    public boolean hasDied() {
        return publisher.hasDied();
    }

    /** Stops capturing, and waits until the broker has all, at most so long. */
    public void close(Duration limit) {
        publisher.close(limit);
        if (copy != null) {
            closeQuietly(copy);
        }
    }

    @Override
    public void close() {
        close(Duration.ZERO);
    }
}
