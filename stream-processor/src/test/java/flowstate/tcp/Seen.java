package flowstate.tcp;

import flowstate.trace.Line;
import flowstate.trace.TraceRun;
import flowstate.traffic.Conversation;
import java.util.List;

/** A segment and the agent that saw it. */
record Seen(Segment segment, String agent) {

    /** What the tap of a generated connection saw; it starts at {@code startNs}. */
    static List<Seen> of(Conversation conversation, boolean clientIsLow, long startNs) {
        TraceRun run = conversation.run(clientIsLow, startNs);
        return conversation.lines().stream()
                .map(line -> new Seen(
                        ((Line.Observed) line.step()).segment().segment(run, line.atNs()),
                        ((Line.Observed) line.step()).segment().agent()))
                .toList();
    }

    Seen by(String other) {
        return new Seen(segment, other);
    }

    /** The same a little later, or on a clock that is ahead. */
    Seen later(long byNs) {
        return changed(segment.timeNs() + byNs, segment.clockNs() + byNs, segment.fromLow(), 0, 0);
    }

    /** The same captured at the same time, and noted when the clock was there. */
    Seen notedAt(long clockNs) {
        return changed(segment.timeNs(), clockNs, segment.fromLow(), 0, 0);
    }

    /** The same with the key's ends swapped. */
    Seen swapped() {
        return changed(segment.timeNs(), segment.clockNs(), !segment.fromLow(), 0, 0);
    }

    /** The same with both ends' sequence numbers shifted, modulo 2^32. */
    Seen shifted(int lowBy, int highBy) {
        int own = segment.fromLow() ? lowBy : highBy;
        int other = segment.fromLow() ? highBy : lowBy;
        return changed(segment.timeNs(), segment.clockNs(), segment.fromLow(), own, segment.has(Flags.ACK) ? other : 0);
    }

    private Seen changed(long timeNs, long clockNs, boolean fromLow, int seqBy, int ackBy) {
        Segment s = segment;
        return new Seen(
                new Segment(
                        timeNs,
                        clockNs,
                        fromLow,
                        s.seq() + seqBy,
                        s.ack() + ackBy,
                        s.flags(),
                        s.window(),
                        s.payload(),
                        s.wireLength(),
                        s.mss(),
                        s.windowScale(),
                        s.sackPermitted(),
                        s.timestampValue(),
                        s.timestampEcho(),
                        s.sackBlocks(),
                        s.fastOpen(),
                        s.notes()),
                agent);
    }
}
