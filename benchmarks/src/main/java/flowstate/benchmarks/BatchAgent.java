package flowstate.benchmarks;

import flowstate.capture.decode.Checksums;
import flowstate.capture.publish.Batching;
import flowstate.capture.publish.PublishException;
import flowstate.capture.publish.PublisherConfig;
import flowstate.capture.publish.SegmentPublisher;
import flowstate.capture.source.CaptureException;
import flowstate.program.KafkaCluster;
import flowstate.schema.EpochNanos;
import java.nio.file.Path;
import java.util.Map;

/**
 * A program: the agent with another size of batch, which its command line does not offer. Arguments: servers, agent id,
 * capture file, segments a batch.
 */
final class BatchAgent {
    private BatchAgent() {}

    public static void main(String[] args) throws CaptureException, PublishException, InterruptedException {
        Batching usual = Batching.DEFAULT;
        PublisherConfig config = new PublisherConfig(
                KafkaCluster.at(args[0], Map.of()),
                args[1],
                "",
                new Batching(Integer.parseInt(args[3]), usual.linger(), usual.open(), usual.progressInterval()),
                Checksums.verify);
        try (SegmentPublisher publisher = SegmentPublisher.connect(config)) {
            System.err.println(publisher
                    .publishFile(Path.of(args[2]), args[2], EpochNanos.now(), null)
                    .render());
        }
    }
}
