package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.schema.AgentView;
import flowstate.schema.ConnectionKey;
import flowstate.schema.EndpointSummary;
import flowstate.schema.LifecycleEvent;
import flowstate.tcp.Cause;
import flowstate.tcp.Connection;
import flowstate.tcp.End;
import flowstate.tcp.EventKind;
import flowstate.tcp.Flags;
import flowstate.tcp.Observer;
import flowstate.tcp.Segment;
import flowstate.tcp.TcpState;
import flowstate.tcp.Timers;
import flowstate.tcp.Tracker;
import flowstate.tcp.Unheard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.jspecify.annotations.Nullable;

class LifecycleWriterTest {
    private static final long START = 1_700_000_000_000_000_000L;
    private static final ConnectionKey KEY =
            ConnectionKey.of(new byte[] {10, 0, 0, 1}, 40_000, new byte[] {10, 0, 0, 2}, 80, "network-ä");
    private static final int[] KINDS = {
        Flags.SYN, Flags.SYN | Flags.ACK, Flags.ACK, Flags.ACK, Flags.ACK, Flags.FIN | Flags.ACK, Flags.RST
    };

    private final LifecycleWriter writer = new LifecycleWriter();
    private int told;

    /** By Avro's own coders: what it reads is what the connection says, and it would have written the same octets. */
    @Property(tries = 200)
    void avroReadsWhatIsWritten(@ForAll long seed) {
        Random random = new Random(seed);
        Tracker tracker = new Tracker(Timers.named("default"));
        Connection connection = null;
        int before = told;
        for (int i = 0; i < 40; i++) {
            Segment segment = random(random, START + i * 1_000_000L);
            connection = tracker.onSegment(
                    connection,
                    40_000,
                    80,
                    segment,
                    random.nextInt(4) == 0 ? "other" : "tap",
                    random.nextInt(4) == 0 ? "eth0" : "Zürich.pcap",
                    new Compared());
        }
        assertThat(told).isGreaterThan(before);
    }

    private static Segment random(Random random, long timeNs) {
        int flags = KINDS[random.nextInt(KINDS.length)];
        boolean syn = (flags & Flags.SYN) != 0;
        boolean fromLow = random.nextBoolean();
        // mostly in order, so that it gets somewhere
        int seq = syn ? 1000 : 1001 + random.nextInt(3);
        return new Segment(
                timeNs,
                timeNs,
                fromLow,
                seq,
                1001 + random.nextInt(3),
                flags,
                random.nextInt(3) == 0 ? 0 : 500,
                syn ? 0 : random.nextInt(3),
                60,
                syn && random.nextBoolean() ? 1460 : -1,
                syn && random.nextBoolean() ? 7 : -1,
                random.nextBoolean(),
                random.nextBoolean() ? 5 : -1,
                0,
                0,
                -1,
                Segment.CHECKSUM_GOOD);
    }

    private final class Compared extends Unheard {
        @Override
        public void lifecycle(
                Connection c,
                EventKind kind,
                Cause cause,
                long atNs,
                TcpState originatorBefore,
                TcpState responderBefore) {
            told++;
            byte[] octets = writer.write(KEY, c, kind, cause, atNs, originatorBefore, responderBefore);
            LifecycleEvent event = byAvro(octets);
            assertThat(event.getCapture()).isEqualTo(c.capture());
            assertThat(event.getEvent()).hasToString(kind.name());
            assertThat(event.getFinal$()).isEqualTo(kind == EventKind.ENDED);
            assertThat(event.getCause()).hasToString(cause.name());
            assertThat(event.getAt()).isEqualTo(atNs);
            assertThat(event.getStartedAt()).isEqualTo(c.startedNs());
            assertThat(event.getDurationSeconds()).isEqualTo(c.durationNs() / 1e9);
            assertThat(event.getConnectionId()).isEqualTo(EventRecords.connectionId(KEY, c));
            assertThat(event.getCommunityId()).isEqualTo(KEY.communityId());
            assertThat(event.getScope()).isEqualTo("network-ä");
            compare(event.getOriginator(), c, true, originatorBefore, c.originatorState());
            compare(event.getResponder(), c, false, responderBefore, c.responderState());
            assertThat(event.getRoleConfidence()).isEqualTo(c.roleConfidence());
            assertThat(event.getConnState()).isEqualTo(c.connState());
            assertThat(event.getHistory()).isEqualTo(c.history());
            assertThat(event.getCompleteness()).isEqualTo(c.completeness());
            assertThat(event.getHandshake()).hasToString(c.handshake().name());
            assertThat(event.getSynToSynackSeconds()).isEqualTo(seconds(c.synToSynAckNs()));
            assertThat(event.getSynackToAckSeconds()).isEqualTo(seconds(c.synAckToAckNs()));
            assertThat(event.getTeardown()).hasToString(c.teardown().name());
            assertThat(event.getClosedFirst()).hasToString(c.closedFirst().name());
            assertThat(event.getHalfClosedSeconds()).isEqualTo(seconds(c.halfClosedNs(atNs)));
            assertThat(Objects.toString(event.getEndReason())).isEqualTo(Objects.toString(c.endReason()));
            assertThat(event.getUnseenSegments()).isEqualTo(c.unseenSegments());
            assertThat(event.getObservers())
                    .isEqualTo(c.observers().stream().map(Observer::agent).toList());
            compare(event.getViews(), c);
            assertThat(event.getCaptureLossSuspected()).isEqualTo(c.captureLossSuspected());
            assertThat(event.getTunnel()).isEqualTo(c.tunnel());
        }
    }

    private static LifecycleEvent byAvro(byte[] octets) {
        try {
            LifecycleEvent event = new BinaryMessageDecoder<LifecycleEvent>(
                            SpecificData.getForClass(LifecycleEvent.class), LifecycleEvent.getClassSchema())
                    .decode(octets);
            ByteBuffer again =
                    new BinaryMessageEncoder<LifecycleEvent>(event.getSpecificData(), event.getSchema()).encode(event);
            assertThat(again).isEqualTo(ByteBuffer.wrap(octets));
            return event;
        } catch (IOException e) {
            throw new AssertionError("Avro cannot read it", e);
        }
    }

    private static void compare(
            EndpointSummary summary, Connection c, boolean originator, TcpState before, TcpState after) {
        End end = originator ? c.originator() : c.responder();
        boolean low = originator == c.originatorIsLow();
        assertThat(summary.getAddress()).isEqualTo(low ? "10.0.0.1" : "10.0.0.2");
        assertThat(summary.getPort()).isEqualTo(low ? 40_000 : 80);
        assertThat(summary.getStateBefore()).hasToString(before.name());
        assertThat(summary.getState()).hasToString(after.name());
        assertThat(summary.getStates()).hasToString(c.states(originator).toString());
        assertThat(summary.getSegments()).isEqualTo(c.segments(originator));
        assertThat(summary.getBytes()).isEqualTo(end.bytes());
        assertThat(summary.getWireBytes()).isEqualTo(c.wireBytes(originator));
        assertThat(summary.getRetransmittedSegments()).isEqualTo(c.retransmittedSegments(originator));
        assertThat(summary.getRetransmittedBytes()).isEqualTo(c.retransmittedBytes(originator));
        assertThat(summary.getZeroWindows()).isEqualTo(c.zeroWindows(originator));
        assertThat(summary.getIsn()).isEqualTo(end.synSeen() ? end.initialSequence() : null);
        assertThat(summary.getMss()).isEqualTo(end.mss() < 0 ? null : end.mss());
        assertThat(summary.getWindowScale()).isEqualTo(end.windowScale() < 0 ? null : end.windowScale());
        assertThat(summary.getSackPermitted()).isEqualTo(end.sackPermitted());
        assertThat(summary.getTimestamps()).isEqualTo(end.timestamps());
    }

    private static void compare(@Nullable List<AgentView> views, Connection c) {
        if (c.observers().size() == 1) {
            assertThat(views).isNull();
            return;
        }
        assertThat(views).hasSameSizeAs(c.observers());
        for (int i = 0; i < c.observers().size(); i++) {
            AgentView view = Objects.requireNonNull(views).get(i);
            Observer o = c.observers().get(i);
            boolean low = c.originatorIsLow();
            assertThat(view.getAgent()).isEqualTo(o.agent());
            assertThat(view.getOriginatorSegments()).isEqualTo(o.segments(low));
            assertThat(view.getResponderSegments()).isEqualTo(o.segments(!low));
            assertThat(view.getOriginatorLagSeconds()).isEqualTo(signedSeconds(o.laterByNs(low)));
            assertThat(view.getResponderLagSeconds()).isEqualTo(signedSeconds(o.laterByNs(!low)));
            assertThat(view.getRoundTripSeconds()).isEqualTo(seconds(o.roundTripNs()));
            assertThat(view.getClockOffsetSeconds()).isEqualTo(signedSeconds(o.clockOffsetNs()));
        }
    }

    private static @Nullable Double seconds(long ns) {
        return ns < 0 ? null : (Double) (ns / 1e9);
    }

    private static @Nullable Double signedSeconds(@Nullable Long ns) {
        return ns == null ? null : (Double) (ns / 1e9);
    }
}
