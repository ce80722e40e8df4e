package flowstate.tcp;

import static java.util.Objects.requireNonNull;

import flowstate.trace.Line;
import flowstate.trace.Trace;
import flowstate.trace.TraceRun;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Some lines of the trace notation, without expectations, and what the model makes of them. C is the low end. */
final class Talk {
    /** What is said first on most connections. */
    static final String HANDSHAKE = """
            +0      C > S  S   0:0(0)         <mss 1460,wscale 7>
            +0.010  S > C  S.  0:0(0)  ack 1  <mss 1400,wscale 2>
            +0.010  C > S  .   1:1(0)  ack 1
            """;

    private final Tracker tracker = new Tracker(Timers.DEFAULT);
    private final Recorder recorder = new Recorder();
    private final Trace trace;
    private final TraceRun run;
    private @Nullable Connection connection;

    private Talk(String lines) {
        this.trace = Trace.parse("talk", "title: a talk\n" + lines);
        this.run = TraceRun.plain(trace);
    }

    static Talk of(String lines) {
        Talk talk = new Talk(lines);
        for (Line line : talk.trace.lines()) {
            if (line.step() instanceof Line.Observed observed) {
                talk.connection = talk.tracker.onSegment(
                        talk.connection,
                        40_000,
                        80,
                        observed.segment().segment(talk.run, line.atNs()),
                        observed.segment().agent(),
                        "trace",
                        talk.recorder);
            } else if (line.step() instanceof Line.Timer && talk.connection != null) {
                talk.connection =
                        talk.tracker.onClock(talk.connection, talk.run.startNs() + line.atNs(), "a", talk.recorder);
            }
        }
        return talk;
    }

    /** One segment, as a line has it. */
    static Segment segment(String line) {
        Talk talk = new Talk(line);
        Line first = talk.trace.lines().get(0);
        return ((Line.Observed) first.step()).segment().segment(talk.run, first.atNs());
    }

    Connection connection() {
        return requireNonNull(connection, "the tracker has let go");
    }

    /** Nanoseconds from the start to when the tracker has something to do; {@link Timers#NEVER}: never. */
    long dueNs() {
        long due = tracker.deadline(connection(), "a");
        return due == Timers.NEVER ? due : due - run.startNs();
    }

    long startNs() {
        return run.startNs();
    }

    List<String> told() {
        return recorder.take();
    }

    /** Of every anomaly its kind, confidence and message. */
    List<String> details() {
        return recorder.details();
    }
}
