package flowstate.tcp;

import static flowstate.tcp.ScriptedSegments.HIGH_PORT;
import static flowstate.tcp.ScriptedSegments.LOW_PORT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** What holds for any segments at all, sound or hostile. */
class TrackerPropertiesTest {
    private static final int SEGMENTS = 40;

    private final Tracker tracker = new Tracker(Timers.DEFAULT);
    private final ConnectionCodec codec = new ConnectionCodec();

    @Property(tries = 2_000)
    void aRestartAtAnyPointChangesNothing(@ForAll long seed, @ForAll int lowIsn, @ForAll int highIsn) {
        List<Segment> segments = ScriptedSegments.random(seed, SEGMENTS, lowIsn, highIsn, false);
        assertThat(run(segments, true)).isEqualTo(run(segments, false));
    }

    @Property(tries = 2_000)
    void sequenceNumbersAreRelative(@ForAll long seed, @ForAll int lowIsn, @ForAll int highIsn) {
        List<String> anywhere = run(ScriptedSegments.random(seed, SEGMENTS, lowIsn, highIsn, false), false);
        List<String> atTheWrap = run(ScriptedSegments.random(seed, SEGMENTS, -3, Integer.MAX_VALUE - 2, false), false);
        assertThat(atTheWrap).isEqualTo(anywhere);
    }

    @Property(tries = 2_000)
    void whichEndTheKeyCallsLowDoesNotMatter(@ForAll long seed) {
        List<String> asIs = run(ScriptedSegments.random(seed, SEGMENTS, 100, 200, false), false);
        List<String> swapped = run(ScriptedSegments.random(seed, SEGMENTS, 100, 200, true), false);
        assertThat(swapped).isEqualTo(asIs);
    }

    @Property(tries = 2_000)
    void everyConnectionEndsExactlyOnce(@ForAll long seed) {
        List<String> told = run(ScriptedSegments.random(seed, 4 * SEGMENTS, 100, 200, false), false);
        long open = 0;
        for (String event : told) {
            if (event.startsWith("ENDED")) {
                open--;
            } else if (event.startsWith("began")) {
                open++;
            }
            assertThat(open).isBetween(0L, 1L);
        }
        assertThat(open).isZero();
    }

    @Property(tries = 500)
    void whatIsKeptOfAConnectionIsBounded(@ForAll long seed) {
        Connection connection = null;
        Recorder recorder = new Recorder();
        for (Segment s : ScriptedSegments.random(seed, 2_000, 7, -7, false)) {
            connection = tracker.onSegment(connection, LOW_PORT, HIGH_PORT, s, "a", "capture", recorder);
            assertThat(codec.encode(connection).length).isLessThan(1_000);
        }
    }

    /** Everything that is told, with the verdict of each connection; {@code restarts}: stored and read each time. */
    private List<String> run(List<Segment> segments, boolean restarts) {
        List<String> all = new ArrayList<>();
        Recorder recorder = new Recorder();
        @Nullable Connection connection = null;
        long startedNs = -1;
        for (Segment s : segments) {
            if (restarts && connection != null) {
                connection = codec.decode(codec.encode(connection));
            }
            connection = tracker.onSegment(connection, LOW_PORT, HIGH_PORT, s, "a", "capture", recorder);
            List<String> told = new ArrayList<>(recorder.take());
            if (connection.startedNs() != startedNs) {
                startedNs = connection.startedNs();
                int ended = 0;
                while (ended < told.size() && told.stream().skip(ended).anyMatch(e -> e.startsWith("ENDED"))) {
                    ended++;
                }
                told.add(ended, "began");
            }
            all.addAll(told);
            all.add(verdict(connection));
        }
        if (connection != null) {
            tracker.end(connection, EndReason.CAPTURE_ENDED, Cause.END_OF_CAPTURE, 0, recorder);
            all.addAll(recorder.take());
            all.add(verdict(connection));
        }
        return all;
    }

    private static String verdict(Connection c) {
        return c.connState() + " " + c.history() + " " + c.handshake() + " " + c.teardown() + " " + c.closedFirst()
                + " "
                + c.endReason() + " " + c.originator().bytes() + "/"
                + c.responder().bytes() + " "
                + c.segments(true) + "/" + c.segments(false) + " "
                + c.retransmittedSegments(true) + "/" + c.retransmittedSegments(false) + " "
                + c.synToSynAckNs() + " " + c.halfClosedNs(c.lastNs);
    }
}
