package flowstate.topology;

import flowstate.schema.TcpSegment;
import flowstate.tcp.Segment;

/** What agents publish, as the model sees it. */
public final class ModelSegments {
    private ModelSegments() {}

    /** A segment, seen when its agent's clock was at {@code clockNs}. */
    public static Segment of(TcpSegment s, long clockNs) {
        Segment segment = new Segment();
        fill(segment, s, clockNs);
        return segment;
    }

    /** The same in one that is there. */
    static void fill(Segment segment, TcpSegment s, long clockNs) {
        segment.set(
                s.getTime(),
                clockNs,
                s.getFromLow(),
                (int) s.getSeq(),
                (int) s.getAck(),
                s.getFlags(),
                s.getWindow(),
                s.getPayloadLength(),
                s.getWireLength(),
                s.getMss(),
                s.getWindowScale(),
                s.getSackPermitted(),
                s.getTimestampValue(),
                s.getTimestampEcho(),
                s.getSackBlocks().size() / 2,
                s.getFastOpen(),
                notes(s));
    }

    private static int notes(TcpSegment s) {
        int checksum = s.getChecksum() == 1 ? Segment.CHECKSUM_GOOD : s.getChecksum() == 2 ? Segment.CHECKSUM_BAD : 0;
        return checksum | (s.getBadOptions() ? Segment.BAD_OPTIONS : 0) | (s.getPayloadCut() ? Segment.PAYLOAD_CUT : 0);
    }
}
