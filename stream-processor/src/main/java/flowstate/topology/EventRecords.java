package flowstate.topology;

import flowstate.schema.Anomaly;
import flowstate.schema.AnomalyKind;
import flowstate.schema.AnomalyStatus;
import flowstate.schema.ConnectionId;
import flowstate.schema.ConnectionKey;
import flowstate.schema.Evidence;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.Role;
import flowstate.schema.Severity;
import flowstate.schema.Topics;
import flowstate.tcp.Cause;
import flowstate.tcp.Connection;
import flowstate.tcp.Flags;
import flowstate.tcp.Segment;
import org.jspecify.annotations.Nullable;

/** Writes what the model says as the records of the topics. */
public final class EventRecords {
    static final Symbols<flowstate.tcp.Role, Role> ROLES = Symbols.of(flowstate.tcp.Role.class, Role.class);
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
        byte[] octets = new LifecycleWriter().write(key, c, kind, cause, atNs, originatorBefore, responderBefore);
        return Topics.LIFECYCLE.value().deserializer().deserialize(Topics.LIFECYCLE.name(), octets);
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
        return key.idOf(ConnectionId.instanceOf(c.startSequence(), c.startedNs()));
    }

    private static String address(ConnectionKey key, boolean low) {
        return low ? key.lowAddressText() : key.highAddressText();
    }

    private static int port(ConnectionKey key, boolean low) {
        return low ? key.lowPort() : key.highPort();
    }
}
