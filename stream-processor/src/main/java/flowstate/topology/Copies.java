package flowstate.topology;

import flowstate.schema.TcpSegment;
import flowstate.tcp.Flags;
import java.util.List;

/**
 * Tells a packet that one agent captured twice (any interface, both sides of a bridge, a mirror port that has both ways) from
 * one that was sent twice: what is sent again has another IP identification, and takes a round trip or a timer.
 *
 * <p>Looks within a connection's part of one batch: both copies are there, but for the few between which the agent's linger ends.
 */
final class Copies {
    /** A switch or router holds a packet for less. */
    private static final long APART_NS = 10_000_000;

    /** Where there is no identification: sooner than anything is sent again. */
    private static final long NEXT_TO_EACH_OTHER_NS = 100_000;

    /** Packets that may come between the two. */
    private static final int BETWEEN = 8;

    private Copies() {}

    /**
     * Whether one of a connection's segments is a copy of one before it.
     *
     * @param first where the connection's begin
     */
    static boolean isCopy(List<TcpSegment> segments, int first, int at) {
        TcpSegment s = segments.get(at);
        for (int i = at - 1; i >= Math.max(first, at - 1 - BETWEEN); i--) {
            TcpSegment before = segments.get(i);
            if (before.getSeq() == s.getSeq() && isSame(before, s)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSame(TcpSegment a, TcpSegment b) {
        // 0 and -1 say nothing; then a bare acknowledgement may well be sent twice
        boolean identified = b.getIpId() > 0;
        boolean isMoreThanAnAck = b.getPayloadLength() > 0 || (b.getFlags() & (Flags.SYN | Flags.FIN)) != 0;
        long apart = Math.abs(b.getTime() - a.getTime());
        return apart <= (identified ? APART_NS : NEXT_TO_EACH_OTHER_NS)
                && (identified || isMoreThanAnAck)
                && a.getIpId() == b.getIpId()
                && a.getFromLow() == b.getFromLow()
                && a.getAck() == b.getAck()
                && a.getFlags() == b.getFlags()
                && a.getWindow() == b.getWindow()
                && a.getPayloadLength() == b.getPayloadLength()
                && a.getTimestampValue() == b.getTimestampValue()
                && a.getTimestampEcho() == b.getTimestampEcho();
    }
}
