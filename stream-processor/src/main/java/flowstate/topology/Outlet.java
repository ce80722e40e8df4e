package flowstate.topology;

import flowstate.schema.ConnectionKey;
import flowstate.tcp.AnomalyKind;
import flowstate.tcp.Cause;
import flowstate.tcp.Connection;
import flowstate.tcp.EventKind;
import flowstate.tcp.Listener;
import flowstate.tcp.Segment;
import flowstate.tcp.TcpState;
import flowstate.topology.RecentKeys.Known;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * What a task tells: what the model says of a connection as records of the lifecycle and anomalies topics, and how attempts
 * came out to those who watch hosts. One thread.
 */
final class Outlet implements Listener {
    private final ProcessorContext<byte[], Object> context;
    private final TrackerSettings settings;
    private final AttemptOutlet attempts;
    private final LifecycleWriter lifecycleWriter = new LifecycleWriter();

    private long timestampMs;
    private @Nullable Known known;
    private String agent = "";

    Outlet(ProcessorContext<byte[], Object> context, TrackerSettings settings) {
        this.context = context;
        this.settings = settings;
        this.attempts = new AttemptOutlet(
                settings.limits().separateCaptures(),
                context.taskId().partition(),
                (key, value) ->
                        context.forward(new Record<>(key, value, timestampMs), ConnectionTopology.ATTEMPTS_SINK));
    }

    /**
     * What is told from now on comes of an agent's session.
     *
     * @param timestampMs of the records that tell it
     */
    void of(long session, long timestampMs) {
        this.timestampMs = timestampMs;
        attempts.session(session);
    }

    /**
     * What the model tells from now on is of a connection.
     *
     * @param agent whose segments or clock made the model tell it
     */
    void at(Known known, String agent) {
        this.known = known;
        this.agent = agent;
    }

    /** Must be called at the end of all that is told at once. */
    void handOn() {
        attempts.handOn();
    }

    /** A capture has ended in this partition. */
    void endOfCapture() {
        attempts.endOfCapture();
    }

    private Known known() {
        if (known == null) {
            throw new IllegalStateException("the model told something of no connection");
        }
        return known;
    }

    @Override
    public void lifecycle(
            Connection c, EventKind kind, Cause cause, long atNs, TcpState originatorBefore, TcpState responderBefore) {
        ConnectionKey key = known().key();
        attempts.lifecycle(key, c, kind);
        if (!settings.events().contains(kind)) {
            return;
        }
        context.forward(
                new Record<>(
                        known().octets(),
                        lifecycleWriter.write(key, c, kind, cause, atNs, originatorBefore, responderBefore),
                        timestampMs),
                ConnectionTopology.LIFECYCLE_SINK);
    }

    @Override
    public void anomaly(
            Connection c,
            AnomalyKind kind,
            long count,
            double confidence,
            long atNs,
            @Nullable Segment evidence,
            String message) {
        ConnectionKey key = known().key();
        attempts.anomaly(key, c, kind, count);
        context.forward(
                new Record<>(
                        known().octets(),
                        EventRecords.anomaly(key, c, kind, count, confidence, atNs, evidence, agent, message),
                        timestampMs),
                ConnectionTopology.ANOMALY_SINK);
    }
}
