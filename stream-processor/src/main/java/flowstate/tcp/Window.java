package flowstate.tcp;

/**
 * Whether a segment can be what its sender was allowed to send: the four tests of an observer between the hosts (as
 * Linux's connection tracking makes them), with RFC 9293 section 3.10.7.4 and RFC 5961 section 5.2 for the receiver's part.
 *
 * <p>What comes <em>behind</em> is invalid: no loss explains it. What comes <em>ahead</em> may be all that is left of what
 * the capture has missed, so nobody can tell; it is believed when a second segment bears it out.
 */
final class Window {
    enum Verdict {
        /** The windows are not known well enough to doubt anything. */
        UNKNOWN,
        INSIDE,
        /** Older than anything that can be on its way: the receiver drops it. */
        BEHIND,
        /** Follows what was sent, and is further than the receiver has allowed, as far as seen. */
        BEYOND,
        /** Further than the receiver has allowed, and nothing leads there. */
        AHEAD;

        /** The receiver drops it, or is thought to: it says nothing about either end. */
        boolean isRefused() {
            return this == BEHIND || this == AHEAD;
        }
    }

    /** RFC 7323 section 2.3: a larger shift is used as this. Also taken where the scale was not seen: nothing is wider. */
    private static final int MAX_SCALE = 14;

    /** A direction of which an agent has seen less than this may be one that it does not see at all. */
    private static final int SPOKEN = 2;

    private Window() {}

    /** The octets that a window field of {@code end}, in a segment without SYN, stands for. */
    static long octets(End end, End peer, int field) {
        if (end.windowScale >= 0 && peer.windowScale >= 0) {
            return (long) field << Math.min(end.windowScale, MAX_SCALE);
        }
        return end.syn && peer.syn ? field : (long) field << MAX_SCALE;
    }

    /** Takes in what a segment of {@code end} allows its peer to send. */
    static void advertise(End end, End peer, Segment s, long acknowledged) {
        // RFC 7323 section 2.2: the window in a segment with SYN is never scaled
        long octets = s.has(Flags.SYN) ? s.window() : octets(end, peer, s.window());
        end.maxWindow = Math.max(end.maxWindow, octets);
        if (s.has(Flags.ACK)) {
            peer.rightEdge = Math.max(peer.rightEdge, acknowledged + octets);
        }
    }

    /** Where a segment without SYN and RST lies, {@code start} to {@code stop} in its sender's space. */
    static Verdict judge(Connection c, Observer observer, boolean fromLow, long start, long stop) {
        End end = c.end(fromLow);
        End peer = c.end(!fromLow);
        Observer.Tally sent = observer.tally(fromLow);
        if (end.rightEdge < 0 || !sent.began || observer.tally(!fromLow).segments < SPOKEN) {
            return Verdict.UNKNOWN;
        }
        if (stop < sent.highest - Math.max(1, peer.maxWindow)) {
            return Verdict.BEHIND;
        }
        // a probe of a closed window begins at the edge
        if (start <= end.rightEdge) {
            return Verdict.INSIDE;
        }
        if (start <= end.highest) {
            return Verdict.BEYOND;
        }
        return Verdict.AHEAD;
    }

    /**
     * Where an acknowledgement of {@code end} lies: RFC 5961 section 5.2 accepts what is at most the largest window older
     * than the newest, and nothing that was not sent.
     *
     * @param position what it acknowledges, in the peer's space
     */
    static Verdict judgeAck(Connection c, Observer observer, boolean fromLow, long position) {
        End end = c.end(fromLow);
        End peer = c.end(!fromLow);
        if (peer.rightEdge < 0
                || observer.tally(fromLow).segments < SPOKEN
                || observer.tally(!fromLow).segments < SPOKEN) {
            return Verdict.UNKNOWN;
        }
        Flow flow = observer.flow(fromLow);
        // another agent's older acknowledgements may come later
        boolean comparable = c.observers.size() == 1 || flow.has(Flow.ACKED);
        long latest = c.observers.size() == 1 ? peer.acked : peer.position(flow.acked);
        if (comparable && position < latest - end.maxWindow) {
            return Verdict.BEHIND;
        }
        return position <= Math.max(peer.highest, peer.rightEdge) ? Verdict.INSIDE : Verdict.AHEAD;
    }

    /**
     * Whether segments are missing anyway, so that a jump is one more gap, or a second segment bears out the first that was
     * ahead. If not, this one is remembered for the next.
     *
     * @param end whose space the segment, or acknowledgement, is ahead in
     * @param finAck what it acknowledges if it is a FIN, else -1
     */
    static boolean isBorneOut(Connection c, End end, End peer, boolean isAck, long start, long stop, long finAck) {
        if (c.captureLossSuspected()) {
            return true;
        }
        boolean follows = !isAck && !end.doubtedByAck;
        // the same once more may be another agent's copy
        boolean copy = isAck && start == end.doubted && c.observers.size() > 1;
        boolean agrees = end.doubted >= 0
                && !copy
                && (follows ? start == end.doubted : Math.abs(start - end.doubted) <= Math.max(peer.maxWindow, 1));
        if (!agrees) {
            end.doubted = stop;
            end.doubtedByAck = isAck;
            end.doubtedFinAck = finAck;
            return false;
        }
        end.lossSuspected = true;
        if (!end.doubtedByAck) {
            end.highest = Math.max(end.highest, end.doubted);
            Closings.takeLate(end, end.doubted, end.doubtedFinAck);
        }
        end.doubted = -1;
        end.doubtedFinAck = -1;
        return true;
    }
}
