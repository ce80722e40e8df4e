package flowstate.topology;

import flowstate.schema.AvroOutput;
import flowstate.schema.ConnectionId;
import flowstate.schema.ConnectionKey;
import flowstate.schema.EndReason;
import flowstate.schema.EventKind;
import flowstate.schema.Handshake;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.SingleObjectSerde;
import flowstate.schema.TcpState;
import flowstate.schema.Teardown;
import flowstate.tcp.Cause;
import flowstate.tcp.Connection;
import flowstate.tcp.End;
import flowstate.tcp.Observer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lifecycle events, straight from a connection to the octets of the topic: there is one for every few segments, and records
 * of Avro's classes cost more than all the rest. A test holds that Avro reads what is written here. Not thread-safe.
 */
final class LifecycleWriter {
    private static final double NANOSECONDS = 1e9;

    private static final SingleObjectSerde<LifecycleEvent> FORM = new SingleObjectSerde<>(LifecycleEvent.class);

    private static final Symbols<flowstate.tcp.EventKind, EventKind> EVENTS =
            Symbols.of(flowstate.tcp.EventKind.class, EventKind.class);
    private static final Symbols<Cause, flowstate.schema.Cause> CAUSES =
            Symbols.of(Cause.class, flowstate.schema.Cause.class);
    private static final Symbols<flowstate.tcp.TcpState, TcpState> STATES =
            Symbols.of(flowstate.tcp.TcpState.class, TcpState.class);
    private static final Symbols<flowstate.tcp.Handshake, Handshake> HANDSHAKES =
            Symbols.of(flowstate.tcp.Handshake.class, Handshake.class);
    private static final Symbols<flowstate.tcp.Teardown, Teardown> TEARDOWNS =
            Symbols.of(flowstate.tcp.Teardown.class, Teardown.class);
    private static final Symbols<flowstate.tcp.EndReason, EndReason> REASONS =
            Symbols.of(flowstate.tcp.EndReason.class, EndReason.class);

    private final AvroOutput out = new AvroOutput(1024);
    // most events have the capture and the agent of the one before
    private final Latest capture = new Latest();
    private final Latest agent = new Latest();

    /** A string, as it is written. */
    private static final class Latest {
        private String text = "";
        private byte[] encoded = AvroOutput.strings("");

        byte[] encoded(String wanted) {
            if (!wanted.equals(text)) {
                text = wanted;
                encoded = AvroOutput.strings(wanted);
            }
            return encoded;
        }
    }

    /**
     * An event, with the summary of the connection as it is now.
     *
     * @param key the connection's key
     * @param c the connection after the event
     * @param kind what happened
     * @param cause what made the tracker say so
     * @param atNs when, nanoseconds since 1970
     * @param originatorBefore the originator's state after the previous event
     * @param responderBefore the responder's state after the previous event
     */
    byte[] write(
            ConnectionKey key,
            Connection c,
            flowstate.tcp.EventKind kind,
            Cause cause,
            long atNs,
            flowstate.tcp.TcpState originatorBefore,
            flowstate.tcp.TcpState responderBefore) {
        FORM.begin(out);
        out.writeRaw(capture.encoded(c.capture()));
        out.writeInt(EVENTS.index(kind));
        out.writeBoolean(kind == flowstate.tcp.EventKind.ENDED);
        out.writeInt(CAUSES.index(cause));
        out.writeLong(atNs);
        out.writeLong(c.startedNs());
        out.writeDouble(c.durationNs() / NANOSECONDS);
        out.writeRaw(key.namesOf(ConnectionId.instanceOf(c.startSequence(), c.startedNs())));
        writeEnd(key, c, true, originatorBefore, c.originatorState());
        writeEnd(key, c, false, responderBefore, c.responderState());
        out.writeDouble(c.roleConfidence());
        out.writeString(c.connState());
        out.writeString(c.history());
        out.writeInt(c.completeness());
        out.writeInt(HANDSHAKES.index(c.handshake()));
        writeSeconds(c.synToSynAckNs());
        writeSeconds(c.synAckToAckNs());
        out.writeInt(TEARDOWNS.index(c.teardown()));
        out.writeInt(EventRecords.ROLES.index(c.closedFirst()));
        writeSeconds(c.halfClosedNs(atNs));
        flowstate.tcp.EndReason reason = c.endReason();
        out.writeInt(reason == null ? 0 : 1);
        if (reason != null) {
            out.writeInt(REASONS.index(reason));
        }
        out.writeBoolean(c.unseenSegments());
        writeObservers(c);
        out.writeBoolean(c.captureLossSuspected());
        String tunnel = c.tunnel();
        out.writeInt(tunnel == null ? 0 : 1);
        if (tunnel != null) {
            out.writeString(tunnel);
        }
        return out.toBytes();
    }

    private void writeEnd(
            ConnectionKey key,
            Connection c,
            boolean originator,
            flowstate.tcp.TcpState before,
            flowstate.tcp.TcpState after) {
        End end = originator ? c.originator() : c.responder();
        boolean low = originator == c.originatorIsLow();
        out.writeRaw(key.encodedAddress(low));
        out.writeInt(low ? key.lowPort() : key.highPort());
        out.writeInt(STATES.index(before));
        out.writeInt(STATES.index(after));
        List<flowstate.tcp.TcpState> states = c.states(originator);
        out.setItemCount(states.size());
        for (int i = 0; i < states.size(); i++) {
            out.writeInt(STATES.index(states.get(i)));
        }
        out.writeArrayEnd();
        out.writeLong(c.segments(originator));
        out.writeLong(end.bytes());
        out.writeLong(c.wireBytes(originator));
        out.writeLong(c.retransmittedSegments(originator));
        out.writeLong(c.retransmittedBytes(originator));
        out.writeLong(c.zeroWindows(originator));
        out.writeInt(end.synSeen() ? 1 : 0);
        if (end.synSeen()) {
            out.writeLong(end.initialSequence());
        }
        writeOption(end.mss());
        writeOption(end.windowScale());
        out.writeBoolean(end.sackPermitted());
        out.writeBoolean(end.timestamps());
    }

    /** Null where it is negative. */
    private void writeOption(int value) {
        out.writeInt(value < 0 ? 0 : 1);
        if (value >= 0) {
            out.writeInt(value);
        }
    }

    /** Null where it is negative. */
    private void writeSeconds(long ns) {
        out.writeInt(ns < 0 ? 0 : 1);
        if (ns >= 0) {
            out.writeDouble(ns / NANOSECONDS);
        }
    }

    private void writeSignedSeconds(@Nullable Long ns) {
        out.writeInt(ns == null ? 0 : 1);
        if (ns != null) {
            out.writeDouble(ns / NANOSECONDS);
        }
    }

    /** The agents, and where there are several, what each saw. */
    private void writeObservers(Connection c) {
        List<Observer> observers = c.observers();
        int count = observers.size();
        out.setItemCount(count);
        for (int i = 0; i < count; i++) {
            out.writeRaw(agent.encoded(observers.get(i).agent()));
        }
        out.writeArrayEnd();
        out.writeInt(count == 1 ? 0 : 1);
        if (count != 1) {
            out.setItemCount(count);
            observers.forEach(each -> writeView(each, c.originatorIsLow()));
            out.writeArrayEnd();
        }
    }

    private void writeView(Observer o, boolean originatorLow) {
        out.writeString(o.agent());
        out.writeLong(o.segments(originatorLow));
        out.writeLong(o.segments(!originatorLow));
        writeSignedSeconds(o.laterByNs(originatorLow));
        writeSignedSeconds(o.laterByNs(!originatorLow));
        writeSeconds(o.roundTripNs());
        writeSignedSeconds(o.clockOffsetNs());
    }
}
