package flowstate.standalone;

import org.jspecify.annotations.Nullable;

/** The processor's side of a replay: a running topology from flowstate.segments to the two outgoing topics. */
public interface SegmentProcessor extends AutoCloseable {

    /** The group whose committed offsets on flowstate.segments say how far it has come. */
    String applicationId();

    /** Whether it has read that a capture has ended, but not yet told so, and committed, of all its connections. */
    boolean isEnding();

    /** One line for a person that says why it stopped by itself; null while it has not. */
    @Nullable
    String failure();

    /** Stops it, within a few seconds whatever state Kafka is in. */
    @Override
    void close();
}
