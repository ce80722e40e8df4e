package flowstate.tcp;

import flowstate.trace.TraceTarget;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The pure model as a level that traces run on. */
final class ModelTarget implements TraceTarget {
    private static final double NANOSECONDS = 1e9;

    private final Tracker tracker;
    private final Map<String, Long> clocks;
    private final Recorder recorder = new Recorder();
    private final List<Map<String, String>> verdicts = new ArrayList<>();
    private @Nullable Connection connection;
    private long clockNs;

    /** @param clocks how far the clock of each agent is ahead */
    ModelTarget(Timers timers, Map<String, Long> clocks) {
        this.tracker = new Tracker(timers);
        this.clocks = clocks;
    }

    List<String> details() {
        return recorder.details();
    }

    @Nullable
    Connection connection() {
        return connection;
    }

    /** Goes on with what was stored of the connection. */
    void take(Connection stored) {
        connection = stored;
    }

    private List<String> taken() {
        List<String> told = recorder.take();
        for (Connection ended : recorder.takeEnded()) {
            verdicts.add(verdict(ended, clockNs));
        }
        return told;
    }

    @Override
    public List<String> feed(Segment segment, String agent) {
        clockNs = segment.clockNs() - clocks.getOrDefault(agent, 0L);
        connection = tracker.onSegment(connection, 40000, 50000, segment, agent, "trace", recorder);
        return taken();
    }

    @Override
    public List<String> timer(long nowNs) {
        clockNs = nowNs;
        for (Map.Entry<String, Long> clock : clocks.entrySet()) {
            String agent = clock.getKey();
            Connection c = connection;
            if (c != null
                    && c.observerNamed(agent) != null
                    && tracker.driver(c, agent).equals(agent)) {
                connection = tracker.onClock(c, nowNs + clock.getValue(), agent, recorder);
            }
        }
        return taken();
    }

    @Override
    public List<String> end() {
        if (connection != null) {
            tracker.end(connection, EndReason.CAPTURE_ENDED, Cause.END_OF_CAPTURE, clockNs, recorder);
            connection = null;
        }
        return taken();
    }

    @Override
    public @Nullable String states() {
        return connection == null ? null : connection.originatorState() + "/" + connection.responderState();
    }

    @Override
    public List<Map<String, String>> verdicts() {
        return verdicts;
    }

    private static Map<String, String> verdict(Connection c, long nowNs) {
        Map<String, String> v = new LinkedHashMap<>();
        v.put("conn_state", c.connState());
        v.put("history", c.history());
        v.put("handshake", c.handshake().name());
        v.put("teardown", c.teardown().name());
        v.put("closed_first", c.closedFirst().name());
        EndReason reason = c.endReason();
        if (reason != null) {
            v.put("end_reason", reason.name());
        }
        v.put("role_confidence", String.valueOf(c.roleConfidence()));
        v.put("unseen_segments", String.valueOf(c.unseenSegments()));
        v.put("capture_loss_suspected", String.valueOf(c.captureLossSuspected()));
        v.put("duration_seconds", String.valueOf(c.durationNs() / NANOSECONDS));
        seconds(v, "half_closed_seconds", c.halfClosedNs(nowNs));
        seconds(v, "syn_to_synack_seconds", c.synToSynAckNs());
        seconds(v, "synack_to_ack_seconds", c.synAckToAckNs());
        end(v, "originator.", c, true);
        end(v, "responder.", c, false);
        return v;
    }

    private static void end(Map<String, String> v, String prefix, Connection c, boolean originator) {
        End end = originator ? c.originator() : c.responder();
        v.put(prefix + "segments", String.valueOf(c.segments(originator)));
        v.put(prefix + "bytes", String.valueOf(end.bytes()));
        v.put(prefix + "wire_bytes", String.valueOf(c.wireBytes(originator)));
        v.put(prefix + "retransmitted_segments", String.valueOf(c.retransmittedSegments(originator)));
        v.put(prefix + "retransmitted_bytes", String.valueOf(c.retransmittedBytes(originator)));
        v.put(prefix + "zero_windows", String.valueOf(c.zeroWindows(originator)));
    }

    private static void seconds(Map<String, String> v, String field, long ns) {
        if (ns >= 0) {
            v.put(field, String.valueOf(ns / NANOSECONDS));
        }
    }
}
