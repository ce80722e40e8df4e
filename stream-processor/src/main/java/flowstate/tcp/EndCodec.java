package flowstate.tcp;

/** The facts about one end as octets. First a set of bits: facts that are yes or no, and which of the others follow. */
final class EndCodec {
    private static final int SEEN = 1;
    private static final int BASED = 1 << 1;
    private static final int SYN = 1 << 2;
    private static final int SYN_ACK = 1 << 3;
    private static final int BARE_SYN = 1 << 4;
    private static final int SENT_DATA = 1 << 5;
    private static final int FIN = 1 << 6;
    private static final int ACKED_ALONE = 1 << 7;
    private static final int SACK = 1 << 8;
    private static final int TIMESTAMPS = 1 << 9;
    private static final int MSS = 1 << 10;
    private static final int WINDOW_SCALE = 1 << 11;
    private static final int UNACKNOWLEDGED = 1 << 12;
    private static final int SYN_DATA = 1 << 13;
    private static final int RST = 1 << 14;
    private static final int RST_REFUTED = 1 << 15;
    private static final int LOSS = 1 << 16;
    private static final int NOT_CONTIGUOUS = 1 << 17;
    private static final int CLOSED_WINDOW = 1 << 18;
    private static final int REPEATED = 1 << 19;
    private static final int NOT_DELIVERED = 1 << 20;
    private static final int GOOD_CHECKSUM = 1 << 21;
    private static final int RIGHT_EDGE = 1 << 22;
    private static final int TIMESTAMP = 1 << 23;
    private static final int FAST_OPEN_COOKIE = 1 << 24;
    private static final int SYN_DATA_ACKED = 1 << 25;
    private static final int RST_PENDING = 1 << 26;
    private static final int RST_CHALLENGED = 1 << 27;
    private static final int DOUBTED = 1 << 28;
    private static final int DOUBTED_BY_ACK = 1 << 29;
    private static final int DOUBTED_FIN = 1 << 30;
    private static final int ANY_RST = RST | RST_PENDING | RST_CHALLENGED;

    private EndCodec() {}

    static void put(Octets out, End e, long startClock) {
        Spans spans = e.spans;
        int has = facts(e)
                | (e.mss >= 0 ? MSS : 0)
                | (e.windowScale >= 0 ? WINDOW_SCALE : 0)
                | (e.acked != e.highest ? UNACKNOWLEDGED : 0)
                | (e.closedWindowClock >= 0 ? CLOSED_WINDOW : 0)
                | (e.repeatedClock >= 0 ? REPEATED : 0)
                | (e.delivered.equalTo(spans) ? 0 : NOT_DELIVERED)
                | (e.rightEdge >= 0 ? RIGHT_EDGE : 0)
                | (e.doubted >= 0 ? DOUBTED : 0)
                | (e.doubtedFinAck >= 0 ? DOUBTED_FIN : 0)
                | (e.timestamp >= 0 ? TIMESTAMP : 0)
                | (spans.islands > 0 || spans.contiguous != e.highest ? NOT_CONTIGUOUS : 0);
        out.put(has);
        if (e.based) {
            out.put(e.base);
            out.put(e.highest);
            out.put(e.window);
            out.put(e.maxWindow);
        }
        if ((has & RIGHT_EDGE) != 0) {
            out.put(e.rightEdge - e.highest);
        }
        if ((has & UNACKNOWLEDGED) != 0) {
            out.put(e.highest - e.acked);
        }
        if (e.fin) {
            out.put(e.highest - e.finEnd);
            out.put(e.finAck);
        }
        if (e.aloneAck > 0) {
            out.put(e.aloneAck);
            out.put(e.highest - e.aloneAt);
        }
        if ((has & ANY_RST) != 0) {
            out.put(e.highest - e.rstPosition);
            out.put(e.rstHighest - e.rstPosition);
            out.put(e.rstClock - startClock);
            out.put(e.rstPeerHighest);
            out.put(e.rstAck);
        }
        if ((has & DOUBTED) != 0) {
            out.put(e.doubted - e.highest);
        }
        if ((has & DOUBTED_FIN) != 0) {
            out.put(e.doubtedFinAck);
        }
        if ((has & TIMESTAMP) != 0) {
            out.put(e.timestamp);
        }
        if ((has & MSS) != 0) {
            out.put(e.mss);
        }
        if ((has & WINDOW_SCALE) != 0) {
            out.put(e.windowScale);
        }
        if ((has & CLOSED_WINDOW) != 0) {
            out.put(e.closedWindowClock - startClock);
        }
        if ((has & REPEATED) != 0) {
            out.put(e.repeatedClock - startClock);
        }
        if ((has & NOT_CONTIGUOUS) != 0) {
            putSpans(out, e.highest, spans);
        }
        if ((has & NOT_DELIVERED) != 0) {
            putSpans(out, e.highest, e.delivered);
        }
    }

    private static void putSpans(Octets out, long highest, Spans spans) {
        out.put(highest - spans.contiguous);
        out.put(spans.islands);
        for (int i = 0; i < spans.islands; i++) {
            out.put(spans.from[i] - spans.contiguous);
            out.put(spans.to[i] - spans.from[i]);
        }
    }

    private static void takeSpans(Octets in, long highest, Spans spans) {
        spans.contiguous = highest - in.take();
        spans.islands = in.takeInt();
        spans.makeRoom(spans.islands);
        for (int i = 0; i < spans.islands; i++) {
            spans.from[i] = spans.contiguous + in.take();
            spans.to[i] = spans.from[i] + in.take();
        }
    }

    private static int facts(End e) {
        return (e.seen ? SEEN : 0)
                | (e.based ? BASED : 0)
                | (e.syn ? SYN : 0)
                | (e.synAck ? SYN_ACK : 0)
                | (e.bareSyn ? BARE_SYN : 0)
                | (e.synData ? SYN_DATA : 0)
                | (e.sentData ? SENT_DATA : 0)
                | (e.fin ? FIN : 0)
                | (e.aloneAck > 0 ? ACKED_ALONE : 0)
                | (e.rst ? RST : 0)
                | (e.rstRefuted ? RST_REFUTED : 0)
                | (e.rstPending ? RST_PENDING : 0)
                | (e.rstChallenged ? RST_CHALLENGED : 0)
                | (e.fastOpenCookie ? FAST_OPEN_COOKIE : 0)
                | (e.synDataAcked ? SYN_DATA_ACKED : 0)
                | (e.doubtedByAck ? DOUBTED_BY_ACK : 0)
                | (e.sackPermitted ? SACK : 0)
                | (e.timestamps ? TIMESTAMPS : 0)
                | (e.goodChecksum ? GOOD_CHECKSUM : 0)
                | (e.lossSuspected ? LOSS : 0);
    }

    static void take(Octets in, End e, long startClock) {
        int has = in.takeInt();
        takeFacts(has, e);
        if (e.based) {
            e.base = in.takeInt();
            e.highest = in.take();
            e.window = in.takeInt();
            e.maxWindow = in.take();
        }
        e.rightEdge = (has & RIGHT_EDGE) != 0 ? e.highest + in.take() : -1;
        e.acked = e.highest - ((has & UNACKNOWLEDGED) != 0 ? in.take() : 0);
        if (e.fin) {
            e.finEnd = e.highest - in.take();
            e.finAck = in.take();
        }
        if ((has & ACKED_ALONE) != 0) {
            e.aloneAck = in.take();
            e.aloneAt = e.highest - in.take();
        }
        if ((has & ANY_RST) != 0) {
            e.rstPosition = e.highest - in.take();
            e.rstHighest = e.rstPosition + in.take();
            e.rstClock = startClock + in.take();
            e.rstPeerHighest = in.take();
            e.rstAck = in.take();
        }
        e.doubted = (has & DOUBTED) != 0 ? e.highest + in.take() : -1;
        e.doubtedFinAck = (has & DOUBTED_FIN) != 0 ? in.take() : -1;
        e.timestamp = (has & TIMESTAMP) != 0 ? in.take() : -1;
        e.mss = (has & MSS) != 0 ? in.takeInt() : -1;
        e.windowScale = (has & WINDOW_SCALE) != 0 ? in.takeInt() : -1;
        e.closedWindowClock = (has & CLOSED_WINDOW) != 0 ? startClock + in.take() : -1;
        e.repeatedClock = (has & REPEATED) != 0 ? startClock + in.take() : -1;
        Spans spans = e.spans;
        spans.contiguous = e.highest;
        if ((has & NOT_CONTIGUOUS) != 0) {
            takeSpans(in, e.highest, spans);
        }
        if ((has & NOT_DELIVERED) != 0) {
            takeSpans(in, e.highest, e.delivered);
        } else {
            e.delivered.set(spans);
        }
    }

    private static void takeFacts(int has, End e) {
        e.seen = (has & SEEN) != 0;
        e.goodChecksum = (has & GOOD_CHECKSUM) != 0;
        e.based = (has & BASED) != 0;
        e.syn = (has & SYN) != 0;
        e.synAck = (has & SYN_ACK) != 0;
        e.bareSyn = (has & BARE_SYN) != 0;
        e.synData = (has & SYN_DATA) != 0;
        e.sentData = (has & SENT_DATA) != 0;
        e.fin = (has & FIN) != 0;
        e.rst = (has & RST) != 0;
        e.rstRefuted = (has & RST_REFUTED) != 0;
        e.rstPending = (has & RST_PENDING) != 0;
        e.rstChallenged = (has & RST_CHALLENGED) != 0;
        e.fastOpenCookie = (has & FAST_OPEN_COOKIE) != 0;
        e.synDataAcked = (has & SYN_DATA_ACKED) != 0;
        e.doubtedByAck = (has & DOUBTED_BY_ACK) != 0;
        e.sackPermitted = (has & SACK) != 0;
        e.timestamps = (has & TIMESTAMPS) != 0;
        e.lossSuspected = (has & LOSS) != 0;
    }
}
