package flowstate.topology;

import flowstate.tcp.Cause;
import flowstate.tcp.EndReason;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Agents that are done, and whose connections are being let go of, so many at a time: with millions of them open, a
 * transaction that ends all would outlast Kafka's limit for transactions, and meanwhile nothing else would be read. One thread.
 */
final class Endings {
    /** A tenth or two of a second's work. An agent that has fewer is done at once. */
    static final int AT_ONCE = 10_000;

    /**
     * An agent that is done.
     *
     * @param session that ended
     * @param atNs by the agent's clock, nanoseconds since 1970
     * @param reason {@link EndReason#CAPTURE_ENDED} or {@link EndReason#OBSERVER_LOST}
     * @param timestampMs of the records that tell of it
     */
    record Ending(String agent, long session, long atNs, EndReason reason, long timestampMs) {
        Cause cause() {
            return reason == EndReason.CAPTURE_ENDED ? Cause.END_OF_CAPTURE : Cause.OBSERVER_LOST;
        }
    }

    private final Map<String, Ending> byAgent = new LinkedHashMap<>();
    private boolean awaitsCommit;

    void add(Ending ending) {
        byAgent.put(ending.agent(), ending);
    }

    @Nullable
    Ending of(String agent) {
        return byAgent.get(agent);
    }

    /** The one to go on with; null if there is none. */
    @Nullable
    Ending next() {
        return byAgent.isEmpty() ? null : byAgent.values().iterator().next();
    }

    /** All of its connections have ended; returns whether it was in here. */
    boolean remove(String agent) {
        boolean was = byAgent.remove(agent) != null;
        awaitsCommit |= was;
        return was;
    }

    /** Whether something was removed since this was asked last, so that a commit is still to come. */
    boolean awaitsCommit() {
        boolean awaits = awaitsCommit;
        awaitsCommit = false;
        return awaits;
    }
}
