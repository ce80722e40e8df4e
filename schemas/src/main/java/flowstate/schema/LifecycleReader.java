package flowstate.schema;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Lifecycle events out of their octets, by hand, into one record that is used again and again: for readers of very many, who
 * keep none. A test holds that it reads what Avro writes. Not thread-safe.
 */
public final class LifecycleReader {
    private static final SingleObjectSerde<LifecycleEvent> FORM = new SingleObjectSerde<>(LifecycleEvent.class);

    private static final EventKind[] EVENTS = EventKind.values();
    private static final Cause[] CAUSES = Cause.values();
    private static final TcpState[] STATES = TcpState.values();
    private static final Handshake[] HANDSHAKES = Handshake.values();
    private static final Teardown[] TEARDOWNS = Teardown.values();
    private static final Role[] ROLES = Role.values();
    private static final EndReason[] REASONS = EndReason.values();

    private final AvroInput in = new AvroInput();
    private final LifecycleEvent event = new LifecycleEvent();
    private final EndpointSummary originator = new EndpointSummary();
    private final EndpointSummary responder = new EndpointSummary();
    private final List<TcpState> originatorStates = new ArrayList<>();
    private final List<TcpState> responderStates = new ArrayList<>();
    private final List<String> observers = new ArrayList<>();

    // most events have those of the event before
    private String capture = "";
    private String scope = "";
    private String connState = "";
    private String history = "";
    private String observer = "";

    /** What puts an event in order. */
    public record Head(String capture, boolean last, long at, String connectionId) {}

    public LifecycleReader() {
        event.setOriginator(originator);
        event.setResponder(responder);
        originator.setStates(originatorStates);
        responder.setStates(responderStates);
        event.setObservers(observers);
    }

    /**
     * The first fields of an event.
     *
     * @throws SerializationException if no known version of the schema wrote it, or it is cut short or wrong, as far as read
     */
    public Head head(byte[] octets) {
        FORM.open(Topics.LIFECYCLE.name(), octets, in);
        try {
            capture = in.takeString(capture);
            in.takeIndex(EVENTS.length);
            boolean last = in.takeBoolean();
            in.takeIndex(CAUSES.length);
            long at = in.takeLong();
            in.takeLong();
            in.takeDouble();
            return new Head(capture, last, at, in.takeString(""));
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw unreadable(octets, e);
        }
    }

    /**
     * An event. The record, and all in it but strings, is the reader's: it holds until the next is read.
     *
     * @throws SerializationException if no known version of the schema wrote it, or it is cut short or wrong
     */
    public LifecycleEvent read(byte[] octets) {
        FORM.open(Topics.LIFECYCLE.name(), octets, in);
        try {
            read();
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw unreadable(octets, e);
        }
        return event;
    }

    private static SerializationException unreadable(byte[] octets, RuntimeException why) {
        return new SerializationException("cannot read a LifecycleEvent of " + octets.length + " octets", why);
    }

    private void read() {
        capture = in.takeString(capture);
        event.setCapture(capture);
        event.setEvent(EVENTS[in.takeIndex(EVENTS.length)]);
        event.setFinal$(in.takeBoolean());
        event.setCause(CAUSES[in.takeIndex(CAUSES.length)]);
        event.setAt(in.takeLong());
        event.setStartedAt(in.takeLong());
        event.setDurationSeconds(in.takeDouble());
        event.setConnectionId(in.takeString(""));
        event.setCommunityId(in.takeString(""));
        scope = in.takeString(scope);
        event.setScope(scope);
        readEnd(originator, originatorStates);
        readEnd(responder, responderStates);
        event.setRoleConfidence(in.takeDouble());
        connState = in.takeString(connState);
        event.setConnState(connState);
        history = in.takeString(history);
        event.setHistory(history);
        event.setCompleteness(in.takeInt());
        event.setHandshake(HANDSHAKES[in.takeIndex(HANDSHAKES.length)]);
        event.setSynToSynackSeconds(takeDouble());
        event.setSynackToAckSeconds(takeDouble());
        event.setTeardown(TEARDOWNS[in.takeIndex(TEARDOWNS.length)]);
        event.setClosedFirst(ROLES[in.takeIndex(ROLES.length)]);
        event.setHalfClosedSeconds(takeDouble());
        event.setEndReason(isThere() ? REASONS[in.takeIndex(REASONS.length)] : null);
        event.setUnseenSegments(in.takeBoolean());
        observers.clear();
        for (int count = in.takeBlock(); count > 0; count = in.takeBlock()) {
            for (int i = 0; i < count; i++) {
                observer = in.takeString(observer);
                observers.add(observer);
            }
        }
        event.setViews(isThere() ? readViews() : null);
        event.setCaptureLossSuspected(in.takeBoolean());
        event.setTunnel(isThere() ? in.takeString("") : null);
    }

    private void readEnd(EndpointSummary end, List<TcpState> states) {
        end.setAddress(in.takeString(""));
        end.setPort(in.takeInt());
        end.setStateBefore(STATES[in.takeIndex(STATES.length)]);
        end.setState(STATES[in.takeIndex(STATES.length)]);
        states.clear();
        for (int count = in.takeBlock(); count > 0; count = in.takeBlock()) {
            for (int i = 0; i < count; i++) {
                states.add(STATES[in.takeIndex(STATES.length)]);
            }
        }
        end.setSegments(in.takeLong());
        end.setBytes(in.takeLong());
        end.setWireBytes(in.takeLong());
        end.setRetransmittedSegments(in.takeLong());
        end.setRetransmittedBytes(in.takeLong());
        end.setZeroWindows(in.takeLong());
        end.setIsn(isThere() ? (Long) in.takeLong() : null);
        end.setMss(isThere() ? (Integer) in.takeInt() : null);
        end.setWindowScale(isThere() ? (Integer) in.takeInt() : null);
        end.setSackPermitted(in.takeBoolean());
        end.setTimestamps(in.takeBoolean());
    }

    private List<AgentView> readViews() {
        List<AgentView> views = new ArrayList<>();
        for (int count = in.takeBlock(); count > 0; count = in.takeBlock()) {
            for (int i = 0; i < count; i++) {
                AgentView view = new AgentView();
                view.setAgent(in.takeString(""));
                view.setOriginatorSegments(in.takeLong());
                view.setResponderSegments(in.takeLong());
                view.setOriginatorLagSeconds(takeDouble());
                view.setResponderLagSeconds(takeDouble());
                view.setRoundTripSeconds(takeDouble());
                view.setClockOffsetSeconds(takeDouble());
                views.add(view);
            }
        }
        return views;
    }

    /** Which branch of a union of null and something. */
    private boolean isThere() {
        return in.takeIndex(2) == 1;
    }

    private @Nullable Double takeDouble() {
        return isThere() ? (Double) in.takeDouble() : null;
    }
}
