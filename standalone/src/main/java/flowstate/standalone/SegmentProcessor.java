package flowstate.standalone;

import java.util.concurrent.CompletableFuture;

/** The processor's side of a replay: a running topology from flowstate.segments to the two outgoing topics. */
public interface SegmentProcessor extends AutoCloseable {

    /** The group whose committed offsets on flowstate.segments say how far it has come. */
    String applicationId();

    /** Completes with one line for a person if it stops by itself. */
    CompletableFuture<String> failure();

    /** Stops it, within a few seconds whatever state Kafka is in. */
    @Override
    void close();
}
