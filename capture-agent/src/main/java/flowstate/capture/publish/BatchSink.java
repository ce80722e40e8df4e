package flowstate.capture.publish;

import flowstate.schema.SegmentBatch;
import org.jspecify.annotations.Nullable;

/** Where finished batches go, in the order in which a partition is to hold them. */
@FunctionalInterface
interface BatchSink {

    /**
     * Takes one batch.
     *
     * @param partition where it belongs
     * @param key the connection key's bytes, not to be changed; null if it carries only progress
     * @param batch is the taker's own
     * @throws PublishException if this or an earlier batch could not be published
     */
    void accept(int partition, byte @Nullable [] key, SegmentBatch batch) throws PublishException;
}
