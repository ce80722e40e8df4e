package flowstate.standalone;

import flowstate.schema.Anomaly;
import flowstate.schema.AnomalyKind;
import flowstate.schema.AnomalyStatus;
import flowstate.schema.Cause;
import flowstate.schema.EndReason;
import flowstate.schema.EndpointSummary;
import flowstate.schema.EpochNanos;
import flowstate.schema.EventKind;
import flowstate.schema.Evidence;
import flowstate.schema.Handshake;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.Role;
import flowstate.schema.Severity;
import flowstate.schema.TcpState;
import flowstate.schema.Teardown;
import java.time.Instant;
import java.util.List;

/**
 * What there is to say of the connection in the first seed listing (a close in four segments), written down from the
 * listing by hand.
 */
final class SeedEvents {
    static final String CAPTURE = "four-way-close.pcap";

    private SeedEvents() {}

    /** A time of that day, HH:mm:ss.ffffff. */
    static long at(String timeOfDay) {
        return EpochNanos.of(Instant.parse("2016-03-13T" + timeOfDay + "Z"));
    }

    static EndpointSummary.Builder end(int port, TcpState before, TcpState now) {
        return EndpointSummary.newBuilder()
                .setAddress("127.0.0.1")
                .setPort(port)
                .setStateBefore(before)
                .setState(now)
                .setStates(List.of(now))
                .setSegments(0)
                .setBytes(0)
                .setWireBytes(0)
                .setRetransmittedSegments(0)
                .setRetransmittedBytes(0)
                .setZeroWindows(0)
                .setMss(65495)
                .setWindowScale(11)
                .setSackPermitted(true)
                .setTimestamps(true);
    }

    static EndpointSummary.Builder client(TcpState before, TcpState now) {
        return end(27749, before, now).setIsn(1527358664L);
    }

    static EndpointSummary.Builder server(TcpState before, TcpState now) {
        return end(12456, before, now).setIsn(2031984515L);
    }

    static LifecycleEvent.Builder event(
            EventKind kind, String timeOfDay, EndpointSummary.Builder originator, EndpointSummary.Builder responder) {
        return LifecycleEvent.newBuilder()
                .setCapture(CAPTURE)
                .setEvent(kind)
                .setFinal$(kind == EventKind.ENDED)
                .setCause(Cause.SEGMENT)
                .setAt(at(timeOfDay))
                .setStartedAt(at("02:24:03.518594"))
                .setDurationSeconds(0)
                .setConnectionId("c1")
                .setCommunityId("1:community")
                .setScope("host")
                .setOriginator(originator.build())
                .setResponder(responder.build())
                .setRoleConfidence(1)
                .setConnState("S0")
                .setHistory("S")
                .setHandshake(Handshake.NONE)
                .setTeardown(Teardown.NONE)
                .setClosedFirst(Role.NONE)
                .setUnseenSegments(false)
                .setObservers(List.of("host"))
                .setCaptureLossSuspected(false);
    }

    static LifecycleEvent opening() {
        return event(
                        EventKind.OPENING,
                        "02:24:03.518594",
                        client(TcpState.CLOSE, TcpState.SYN_SENT),
                        server(TcpState.LISTEN, TcpState.LISTEN))
                .build();
    }

    static LifecycleEvent established() {
        return event(
                        EventKind.ESTABLISHED,
                        "02:24:03.518636",
                        client(TcpState.SYN_SENT, TcpState.ESTABLISHED),
                        server(TcpState.LISTEN, TcpState.ESTABLISHED)
                                .setStates(List.of(TcpState.LISTEN, TcpState.SYN_RECV, TcpState.ESTABLISHED)))
                .setHandshake(Handshake.THREE_WAY)
                .build();
    }

    static LifecycleEvent closing() {
        return event(
                        EventKind.CLOSING,
                        "02:24:25.615242",
                        client(TcpState.FIN_WAIT2, TcpState.TIME_WAIT),
                        server(TcpState.CLOSE_WAIT, TcpState.LAST_ACK))
                .setHandshake(Handshake.THREE_WAY)
                .setHalfClosedSeconds(9.960399)
                .build();
    }

    static LifecycleEvent.Builder ended() {
        return event(
                        EventKind.ENDED,
                        "02:25:25.615276",
                        client(TcpState.TIME_WAIT, TcpState.CLOSE)
                                .setSegments(5)
                                .setBytes(3)
                                .setWireBytes(267),
                        server(TcpState.CLOSE, TcpState.CLOSE).setSegments(4).setWireBytes(216))
                .setCause(Cause.TIMER)
                .setDurationSeconds(22.096682)
                .setConnState("SF")
                .setHistory("ShADaFf")
                .setCompleteness(31)
                .setHandshake(Handshake.THREE_WAY)
                .setTeardown(Teardown.FOUR_SEGMENTS)
                .setClosedFirst(Role.ORIGINATOR)
                .setHalfClosedSeconds(9.960399)
                .setEndReason(EndReason.FIN);
    }

    static Anomaly.Builder halfClosed() {
        return Anomaly.newBuilder()
                .setCapture(CAPTURE)
                .setAnomaly(AnomalyKind.HALF_CLOSED)
                .setSeverity(Severity.WARNING)
                .setConfidence(1)
                .setStatus(AnomalyStatus.MOMENT)
                .setCount(1)
                .setAt(at("02:24:20.654843"))
                .setConnectionId("c1")
                .setCommunityId("1:community")
                .setOriginatorAddress("127.0.0.1")
                .setOriginatorPort(27749)
                .setResponderAddress("127.0.0.1")
                .setResponderPort(12456)
                .setMessage("the originator closed 5 s ago, the responder has not")
                .setEvidence(Evidence.newBuilder()
                        .setTime(at("02:24:15.654843"))
                        .setAgent("host")
                        .setFrom(Role.RESPONDER)
                        .setSeq(2031984516L)
                        .setAck(1527358669L)
                        .setFlags(".")
                        .setPayloadLength(0)
                        .build());
    }

    /** About a host: no connection, and no originator that would be one. */
    static Anomaly.Builder synFlood() {
        return Anomaly.newBuilder()
                .setCapture(CAPTURE)
                .setAnomaly(AnomalyKind.SYN_FLOOD)
                .setSeverity(Severity.WARNING)
                .setConfidence(1)
                .setStatus(AnomalyStatus.ENDED)
                .setBeganAt(at("02:24:05.000000"))
                .setCount(3000)
                .setAt(at("02:24:20.000000"))
                .setScope("host")
                .setResponderAddress("127.0.0.1")
                .setResponderPort(80)
                .setMessage("3000 attempts");
    }
}
