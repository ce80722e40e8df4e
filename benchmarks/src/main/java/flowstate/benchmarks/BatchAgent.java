package flowstate.benchmarks;

import flowstate.capture.publish.PublishException;
import flowstate.capture.publish.PublisherConfig;
import flowstate.capture.publish.SegmentPublisher;
import flowstate.capture.source.CaptureException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A program: the agent with another size of batch, which its command line does not offer. Arguments: servers, agent id,
 * capture file, segments a batch.
 */
final class BatchAgent {
    private static final Duration LINGER = Duration.ofMillis(50);
    private static final int OPEN_BATCHES = 65_536;

    private BatchAgent() {}

    public static void main(String[] args) throws CaptureException, PublishException, InterruptedException {
        PublisherConfig config =
                PublisherConfig.of(args[0], args[1]).withBatching(Integer.parseInt(args[3]), LINGER, OPEN_BATCHES);
        try (SegmentPublisher publisher = SegmentPublisher.connect(config)) {
            System.err.println(publisher
                    .publishFile(Path.of(args[2]), args[2], System.currentTimeMillis() * 1_000_000, null)
                    .render());
        }
    }
}
