package flowstate.tcp;

/** What an agent saw as octets, as {@link ConnectionCodec} writes connections: what there is none of takes no room. */
final class ObserverCodec {
    private static final int SYN_TIME = 1;
    private static final int SYN_ACK_TIME = 1 << 1;
    private static final int ROUND_TRIPS = 1 << 2;
    private static final int ANSWERED = 1 << 3;
    private static final int LAG = 1 << 4;
    private static final int HANDSHAKE = 1 << 5;
    private static final int LATEST_SYN = 1 << 6;
    private static final int ODD = 1 << 7;

    private static final int BEGAN = 1;
    private static final int REPEATED = 1 << 1;
    private static final int RST = 1 << 2;
    private static final int ZERO_WINDOWS = 1 << 3;
    private static final int COUNTED = 1 << 4;

    private ObserverCodec() {}

    static void put(Octets out, Connection c, Observer o) {
        long startedNs = c.startedNs;
        Lag lag = o.lag;
        int has = (o.synNs != -1 ? SYN_TIME : 0)
                | (o.synAckNs != -1 ? SYN_ACK_TIME : 0)
                | (o.synToSynAckNs >= 0 || o.synAckToAckNs >= 0 ? ROUND_TRIPS : 0)
                | (o.answered ? ANSWERED : 0)
                | (lag != null ? LAG : 0)
                | (o.handshakeNs > 0 ? HANDSHAKE : 0)
                | (o.handshakeNs <= 0 && o.latestSynNs >= 0 ? LATEST_SYN : 0)
                | (o.odd.size() > 0 ? ODD : 0);
        out.putText(o.agent);
        out.put(has);
        if ((has & SYN_TIME) != 0) {
            putTime(out, o.synNs, startedNs);
        }
        if ((has & SYN_ACK_TIME) != 0) {
            putTime(out, o.synAckNs, startedNs);
        }
        if ((has & ROUND_TRIPS) != 0) {
            out.put(o.synToSynAckNs);
            out.put(o.synAckToAckNs);
        }
        if (lag != null) {
            putDifferences(out, lag.low);
            putDifferences(out, lag.high);
        }
        if ((has & HANDSHAKE) != 0) {
            out.put(o.handshakeNs);
        }
        if ((has & LATEST_SYN) != 0) {
            out.put(o.latestSynNs - startedNs);
        }
        if ((has & ODD) != 0) {
            o.odd.put(out);
        }
        putTally(out, c, o, true);
        putTally(out, c, o, false);
    }

    static Observer take(Octets in, Connection c) {
        long startedNs = c.startedNs;
        Observer o = new Observer(in.takeName());
        int has = in.takeInt();
        o.synNs = (has & SYN_TIME) != 0 ? takeTime(in, startedNs) : -1;
        o.synAckNs = (has & SYN_ACK_TIME) != 0 ? takeTime(in, startedNs) : -1;
        if ((has & ROUND_TRIPS) != 0) {
            o.synToSynAckNs = in.take();
            o.synAckToAckNs = in.take();
        }
        o.answered = (has & ANSWERED) != 0;
        if ((has & LAG) != 0) {
            Lag lag = new Lag();
            takeDifferences(in, lag.low);
            takeDifferences(in, lag.high);
            o.lag = lag;
        }
        o.handshakeNs = (has & HANDSHAKE) != 0 ? in.take() : -1;
        o.latestSynNs = (has & LATEST_SYN) != 0 ? startedNs + in.take() : -1;
        if ((has & ODD) != 0) {
            o.odd.take(in);
        }
        takeTally(in, c, o, true);
        takeTally(in, c, o, false);
        return o;
    }

    private static void putDifferences(Octets out, Lag.Differences d) {
        out.put(d.count);
        if (d.count > 0) {
            out.put(d.least);
            out.put(d.most - d.least);
        }
    }

    private static void takeDifferences(Octets in, Lag.Differences d) {
        d.count = in.takeInt();
        if (d.count > 0) {
            d.least = in.take();
            d.most = d.least + in.take();
        }
    }

    private static void putTally(Octets out, Connection c, Observer o, boolean low) {
        Observer.Tally t = o.tally(low);
        boolean repeated = t.retransmittedSegments != 0;
        boolean closed = t.zeroWindows != 0;
        out.put((t.began ? BEGAN : 0)
                | (repeated ? REPEATED : 0)
                | (t.rst ? RST : 0)
                | (closed ? ZERO_WINDOWS : 0)
                | (t.segments != 0 ? COUNTED : 0));
        if (t.segments != 0) {
            out.put(t.segments);
            out.put(t.wireBytes);
            out.put(t.highest);
            FlowCodec.put(out, c, o, low);
        }
        if (repeated) {
            out.put(t.retransmittedSegments);
            out.put(t.retransmittedBytes);
        }
        if (t.rst) {
            out.put(t.rstSeq);
        }
        if (closed) {
            out.put(t.zeroWindows);
        }
    }

    private static void takeTally(Octets in, Connection c, Observer o, boolean low) {
        Observer.Tally t = o.tally(low);
        int has = in.takeInt();
        t.began = (has & BEGAN) != 0;
        if ((has & COUNTED) != 0) {
            t.segments = in.take();
            t.wireBytes = in.take();
            t.highest = in.take();
            FlowCodec.take(in, c, o, low);
        }
        if ((has & REPEATED) != 0) {
            t.retransmittedSegments = in.take();
            t.retransmittedBytes = in.take();
        }
        t.rst = (has & RST) != 0;
        if (t.rst) {
            t.rstSeq = in.takeInt();
        }
        t.zeroWindows = (has & ZERO_WINDOWS) != 0 ? in.take() : 0;
    }

    /** Unknown times (negative) stay as they are; others are near the start. The lowest bit tells which. */
    private static void putTime(Octets out, long time, long startedNs) {
        out.put(time < 0 ? time << 1 : (time - startedNs) << 1 | 1);
    }

    private static long takeTime(Octets in, long startedNs) {
        long value = in.take();
        return (value & 1) == 0 ? value >> 1 : startedNs + (value >> 1);
    }
}
