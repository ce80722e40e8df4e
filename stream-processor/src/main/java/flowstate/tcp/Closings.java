package flowstate.tcp;

import org.jspecify.annotations.Nullable;

/** What a FIN settles, and what is odd about it and after it. */
final class Closings {
    private Closings() {}

    /**
     * Takes in the FIN of a segment, if it has one, and finds what contradicts an earlier FIN. The first FIN holds: RFC
     * 9293 section 3.10.7.4 has the receiver ignore what comes after it.
     *
     * @param position where the segment starts in its sender's space
     * @param acknowledged what it acknowledges, in the peer's space; -1: nothing
     */
    static void takeFin(
            Connection c, Segment s, long position, long acknowledged, @Nullable Phase before, Findings found) {
        End end = c.end(s.fromLow());
        String sender = c.role(s.fromLow()).word();
        long stop = position + s.length();
        if (end.fin) {
            long off = stop - end.finEnd;
            if (s.has(Flags.FIN)) {
                end.finAck = Math.min(end.finAck, acknowledged);
                if (off != 0) {
                    found.add(
                            AnomalyKind.FIN_SEQUENCE_MOVED,
                            () -> "a FIN of the " + sender + " is " + Math.abs(off) + " octets "
                                    + (off > 0 ? "after" : "before") + " its first");
                }
            } else if (s.payload() > 0 && off >= 0 && before != Phase.CLOSED) {
                found.add(
                        AnomalyKind.DATA_AFTER_FIN,
                        () -> "the " + sender + " sent " + s.payload() + " octets after its FIN");
            }
        } else if (s.has(Flags.FIN) && end.isBeforeRst(stop)) {
            end.fin = true;
            end.finEnd = stop;
            end.finAck = acknowledged;
        }
    }

    /** Whether a segment has the first FIN of an end whose peer has reset long ago: there is nothing left to close. */
    static boolean isTooLate(Connection c, Segment s, Observer observer) {
        return s.has(Flags.FIN)
                && !c.end(s.fromLow()).fin
                && observer.inStep()
                && Resets.isBefore(c.end(!s.fromLow()), s);
    }

    /** Takes in a FIN that was doubted and has been borne out; {@code acknowledged} below 0: there was none. */
    static void takeLate(End end, long stop, long acknowledged) {
        if (acknowledged >= 0 && !end.fin && end.isBeforeRst(stop)) {
            end.fin = true;
            end.finEnd = stop;
            end.finAck = acknowledged;
        }
    }
}
