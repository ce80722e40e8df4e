package flowstate.tcp;

/**
 * What was acknowledged before it was captured, as Zeek's reassembly sees it: its letter G. Payload that the snap length
 * cut off counts as not captured.
 */
final class Gaps {
    private Gaps() {}

    /** Takes note of a segment that has been merged. */
    static void note(Connection c, Segment s) {
        End end = c.end(s.fromLow());
        End peer = c.end(!s.fromLow());
        int gaps = peer.delivered.gapsBefore(peer.acked);
        if (gaps > 0) {
            peer.delivered.acknowledged(peer.acked);
            // in other states numbers do not match for other reasons, such as an injected RST
            if (isClean(end, peer) && isClean(peer, end)) {
                c.history.gaps(gaps, !s.fromLow(), s.fromLow() != c.originatorLow);
            }
        }
        if (end.based && !s.has(Flags.RST)) {
            deliver(end, s);
        }
    }

    private static void deliver(End end, Segment s) {
        long start = end.position(s.seq());
        long stop = start + s.length();
        if (!s.noted(Segment.PAYLOAD_CUT)) {
            end.delivered.add(start, stop);
            return;
        }
        if (s.has(Flags.SYN)) {
            end.delivered.add(start, start + 1);
        }
        if (s.has(Flags.FIN)) {
            end.delivered.add(stop - 1, stop);
        }
    }

    private static boolean isClean(End end, End peer) {
        boolean established = end.syn ? peer.syn || end.synAck : end.seen && peer.synAck;
        return established && !end.hasReset();
    }
}
