package flowstate.topology;

import flowstate.schema.AgentView;
import flowstate.schema.Anomaly;
import flowstate.schema.AnomalyKind;
import flowstate.schema.AnomalyStatus;
import flowstate.schema.ConnectionId;
import flowstate.schema.ConnectionKey;
import flowstate.schema.EndReason;
import flowstate.schema.EndpointSummary;
import flowstate.schema.EventKind;
import flowstate.schema.Evidence;
import flowstate.schema.Handshake;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.Role;
import flowstate.schema.Severity;
import flowstate.schema.TcpState;
import flowstate.schema.Teardown;
import flowstate.tcp.Cause;
import flowstate.tcp.Connection;
import flowstate.tcp.End;
import flowstate.tcp.Flags;
import flowstate.tcp.Observer;
import flowstate.tcp.Segment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes what the model says as the records of the topics. */
public final class EventRecords {
    private static final double NANOSECONDS = 1e9;

    private static final Symbols<flowstate.tcp.EventKind, EventKind> EVENTS =
            Symbols.of(flowstate.tcp.EventKind.class, EventKind.class);
    private static final Symbols<Cause, flowstate.schema.Cause> CAUSES =
            Symbols.of(Cause.class, flowstate.schema.Cause.class);
    private static final Symbols<flowstate.tcp.TcpState, TcpState> STATES =
            Symbols.of(flowstate.tcp.TcpState.class, TcpState.class);
    private static final Symbols<flowstate.tcp.Role, Role> ROLES = Symbols.of(flowstate.tcp.Role.class, Role.class);
    private static final Symbols<flowstate.tcp.Handshake, Handshake> HANDSHAKES =
            Symbols.of(flowstate.tcp.Handshake.class, Handshake.class);
    private static final Symbols<flowstate.tcp.Teardown, Teardown> TEARDOWNS =
            Symbols.of(flowstate.tcp.Teardown.class, Teardown.class);
    private static final Symbols<flowstate.tcp.EndReason, EndReason> REASONS =
            Symbols.of(flowstate.tcp.EndReason.class, EndReason.class);
    private static final Symbols<flowstate.tcp.AnomalyKind, AnomalyKind> ANOMALIES =
            Symbols.of(flowstate.tcp.AnomalyKind.class, AnomalyKind.class);
    private static final Symbols<flowstate.tcp.Severity, Severity> SEVERITIES =
            Symbols.of(flowstate.tcp.Severity.class, Severity.class);

    private EventRecords() {}

    /**
     * A lifecycle event, with the summary of the connection as it is now.
     *
     * @param key the connection's key
     * @param c the connection after the event
     * @param kind what happened
     * @param cause what made the tracker say so
     * @param atNs when, nanoseconds since 1970
     * @param originatorBefore the originator's state after the previous event
     * @param responderBefore the responder's state after the previous event
     */
    public static LifecycleEvent lifecycle(
            ConnectionKey key,
            Connection c,
            flowstate.tcp.EventKind kind,
            Cause cause,
            long atNs,
            flowstate.tcp.TcpState originatorBefore,
            flowstate.tcp.TcpState responderBefore) {
        flowstate.tcp.EndReason reason = c.endReason();
        LifecycleEvent event = new LifecycleEvent();
        event.setCapture(c.capture());
        event.setEvent(EVENTS.of(kind));
        event.setFinal$(kind == flowstate.tcp.EventKind.ENDED);
        event.setCause(CAUSES.of(cause));
        event.setAt(atNs);
        event.setStartedAt(c.startedNs());
        event.setDurationSeconds(c.durationNs() / NANOSECONDS);
        event.setConnectionId(connectionId(key, c));
        event.setCommunityId(key.communityId());
        event.setScope(key.scope());
        event.setOriginator(end(key, c, true, originatorBefore, c.originatorState()));
        event.setResponder(end(key, c, false, responderBefore, c.responderState()));
        event.setRoleConfidence(c.roleConfidence());
        event.setConnState(c.connState());
        event.setCompleteness(c.completeness());
        event.setHistory(c.history());
        event.setHandshake(HANDSHAKES.of(c.handshake()));
        event.setSynToSynackSeconds(seconds(c.synToSynAckNs()));
        event.setSynackToAckSeconds(seconds(c.synAckToAckNs()));
        event.setTeardown(TEARDOWNS.of(c.teardown()));
        event.setClosedFirst(ROLES.of(c.closedFirst()));
        event.setHalfClosedSeconds(seconds(c.halfClosedNs(atNs)));
        event.setEndReason(reason == null ? null : REASONS.of(reason));
        event.setUnseenSegments(c.unseenSegments());
        event.setObservers(agents(c));
        event.setViews(views(c));
        event.setCaptureLossSuspected(c.captureLossSuspected());
        event.setTunnel(c.tunnel());
        return event;
    }

    /**
     * An anomaly.
     *
     * @param evidence the segment that showed it; null for a timer
     */
    static Anomaly anomaly(
            ConnectionKey key,
            Connection c,
            flowstate.tcp.AnomalyKind kind,
            long count,
            double confidence,
            long atNs,
            @Nullable Segment evidence,
            String agent,
            String message) {
        boolean low = c.originatorIsLow();
        Anomaly anomaly = new Anomaly();
        anomaly.setCapture(c.capture());
        anomaly.setAnomaly(ANOMALIES.of(kind));
        anomaly.setSeverity(SEVERITIES.of(kind.severity()));
        anomaly.setConfidence(confidence);
        anomaly.setStatus(AnomalyStatus.MOMENT);
        anomaly.setCount(count);
        anomaly.setAt(atNs);
        anomaly.setConnectionId(connectionId(key, c));
        anomaly.setCommunityId(key.communityId());
        anomaly.setScope(key.scope());
        anomaly.setOriginatorAddress(address(key, low));
        anomaly.setOriginatorPort(port(key, low));
        anomaly.setResponderAddress(address(key, !low));
        anomaly.setResponderPort(port(key, !low));
        anomaly.setMessage(message);
        anomaly.setEvidence(evidence == null ? null : evidence(c, evidence, agent));
        return anomaly;
    }

    private static Evidence evidence(Connection c, Segment s, String agent) {
        Evidence record = new Evidence();
        record.setTime(s.timeNs());
        record.setAgent(agent);
        record.setFrom(ROLES.of(c.role(s.fromLow())));
        record.setSeq(Integer.toUnsignedLong(s.seq()));
        record.setAck(Integer.toUnsignedLong(s.ack()));
        record.setFlags(Flags.text(s.flags()));
        record.setPayloadLength(s.payload());
        return record;
    }

    static String connectionId(ConnectionKey key, Connection c) {
        return new ConnectionId(key, ConnectionId.instanceOf(c.startSequence(), c.startedNs())).toString();
    }

    private static EndpointSummary end(
            ConnectionKey key,
            Connection c,
            boolean originator,
            flowstate.tcp.TcpState before,
            flowstate.tcp.TcpState after) {
        End end = originator ? c.originator() : c.responder();
        boolean low = originator == c.originatorIsLow();
        EndpointSummary summary = new EndpointSummary();
        summary.setAddress(address(key, low));
        summary.setPort(port(key, low));
        summary.setStateBefore(STATES.of(before));
        summary.setState(STATES.of(after));
        summary.setStates(STATES.of(originator ? c.originatorStates() : c.responderStates()));
        summary.setSegments(c.segments(originator));
        summary.setBytes(end.bytes());
        summary.setWireBytes(c.wireBytes(originator));
        summary.setRetransmittedSegments(c.retransmittedSegments(originator));
        summary.setRetransmittedBytes(c.retransmittedBytes(originator));
        summary.setZeroWindows(c.zeroWindows(originator));
        summary.setIsn(end.synSeen() ? end.initialSequence() : null);
        summary.setMss(end.mss() < 0 ? null : end.mss());
        summary.setWindowScale(end.windowScale() < 0 ? null : end.windowScale());
        summary.setSackPermitted(end.sackPermitted());
        summary.setTimestamps(end.timestamps());
        return summary;
    }

    private static List<String> agents(Connection c) {
        List<Observer> observers = c.observers();
        // nearly all have one, and an event is told for every few segments
        return observers.size() == 1
                ? List.of(observers.get(0).agent())
                : observers.stream().map(Observer::agent).toList();
    }

    private static @Nullable List<AgentView> views(Connection c) {
        List<Observer> observers = c.observers();
        return observers.size() == 1
                ? null
                : observers.stream().map(o -> view(o, c.originatorIsLow())).toList();
    }

    private static AgentView view(Observer o, boolean originatorLow) {
        Long offset = o.clockOffsetNs();
        AgentView view = new AgentView();
        view.setAgent(o.agent());
        view.setOriginatorSegments(o.segments(originatorLow));
        view.setResponderSegments(o.segments(!originatorLow));
        view.setOriginatorLagSeconds(signedSeconds(o.laterByNs(originatorLow)));
        view.setResponderLagSeconds(signedSeconds(o.laterByNs(!originatorLow)));
        view.setRoundTripSeconds(seconds(o.roundTripNs()));
        view.setClockOffsetSeconds(signedSeconds(offset));
        return view;
    }

    private static @Nullable Double signedSeconds(@Nullable Long ns) {
        return ns == null ? null : ns / NANOSECONDS;
    }

    private static String address(ConnectionKey key, boolean low) {
        return low ? key.lowAddressText() : key.highAddressText();
    }

    private static int port(ConnectionKey key, boolean low) {
        return low ? key.lowPort() : key.highPort();
    }

    private static @Nullable Double seconds(long ns) {
        return ns < 0 ? null : ns / NANOSECONDS;
    }
}
