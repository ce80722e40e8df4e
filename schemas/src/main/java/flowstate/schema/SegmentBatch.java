package flowstate.schema;

import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What one agent saw of the connections of one partition within a short linger: the value of topic
 * {@code flowstate.segments}.
 * On the wire it is Avro, as {@link SegmentBatchSerde} writes it; here segments have their numbers as they are. What each
 * field means is in the schema, {@link #getClassSchema}. Not thread-safe.
 */
public final class SegmentBatch {
    private String agent = "";
    private long session;
    private String captureInterface = "";
    private long sequence;
    private long clock;
    private List<ConnectionSegments> connections = List.of();
    private @Nullable Progress progress;

    /** A batch of nothing, to be filled in. */
    public SegmentBatch() {}

    /** The schema in which batches are written. */
    public static Schema getClassSchema() {
        return SegmentBatchSerde.SCHEMA;
    }

    public String getAgent() {
        return agent;
    }

    public void setAgent(String agent) {
        this.agent = agent;
    }

    public long getSession() {
        return session;
    }

    public void setSession(long session) {
        this.session = session;
    }

    public String getInterface() {
        return captureInterface;
    }

    public void setInterface(String captureInterface) {
        this.captureInterface = captureInterface;
    }

    public long getSequence() {
        return sequence;
    }

    public void setSequence(long sequence) {
        this.sequence = sequence;
    }

    public long getClock() {
        return clock;
    }

    public void setClock(long clock) {
        this.clock = clock;
    }

    public List<ConnectionSegments> getConnections() {
        return connections;
    }

    public void setConnections(List<ConnectionSegments> connections) {
        this.connections = connections;
    }

    public @Nullable Progress getProgress() {
        return progress;
    }

    public void setProgress(@Nullable Progress progress) {
        this.progress = progress;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SegmentBatch b
                && agent.equals(b.agent)
                && session == b.session
                && captureInterface.equals(b.captureInterface)
                && sequence == b.sequence
                && clock == b.clock
                && connections.equals(b.connections)
                && Objects.equals(progress, b.progress);
    }

    @Override
    public int hashCode() {
        return Objects.hash(agent, session, sequence);
    }

    @Override
    public String toString() {
        return agent + " session " + session + " batch " + sequence + ": " + connections
                + (progress == null ? "" : " " + progress);
    }
}
