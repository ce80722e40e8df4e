package flowstate.trace;

import flowstate.tcp.Segment;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A level of the system that a trace can drive line by line: the pure model, or the topology. It starts with nothing
 * known. Each step returns what the tracker said because of it, rendered: {@code OPENING [SYN_SENT/LISTEN]} (the states
 * of originator and responder after the event; may be left out where the level does not know them), and anomalies
 * {@code !RETRANSMISSION} or, with how many times so far, {@code !RETRANSMISSION x10}.
 */
public interface TraceTarget {

    /** An agent sees a segment; its clock has been moved to the segment's before, by {@link #timer}. */
    List<String> feed(Segment segment, String agent);

    /**
     * The clocks of all agents that take part have come this far; what is due then, or was before, happens.
     *
     * @param clockNs nanoseconds since 1970, by a clock that is right; never goes back
     */
    List<String> timer(long clockNs);

    /** The capture ends, for all agents. */
    List<String> end();

    /**
     * The states of originator and responder as they are, {@code FIN_WAIT2/CLOSE_WAIT}; null where the level cannot
     * tell, and then what lines without event say of states is not compared.
     */
    default @Nullable String states() {
        return null;
    }

    /**
     * The settled record of each ENDED event so far, in order, by the field names of the lifecycle event; of an end's
     * fields, {@code originator.bytes}. A field that is null may be missing.
     */
    List<Map<String, String>> verdicts();
}
