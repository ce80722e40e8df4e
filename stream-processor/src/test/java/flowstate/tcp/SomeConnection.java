package flowstate.tcp;

import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A connection with anything in its fields that they may hold, none of it like another; each part is there or not by
 * chance. Only what goes together does: a field that means nothing without another has its first value without that.
 */
final class SomeConnection {
    private static final double[] CONFIDENCES = {0.5, 0.7, 0.9, 1};
    private static final int KINDS = AnomalyKind.values().length;

    private final Random random;
    private final long startNs;

    SomeConnection(Random random) {
        this.random = random;
        this.startNs = time();
    }

    Connection make() {
        Connection c = new Connection(text(), random.nextLong(1L << 32), startNs, time(), port(), port());
        c.originatorLow = perhaps();
        c.roleConfidence = CONFIDENCES[random.nextInt(CONFIDENCES.length)];
        c.lastNs = time();
        c.lastClock = time();
        c.phase = Phase.values()[random.nextInt(Phase.values().length)];
        c.seenParts = random.nextInt(64);
        c.lowTold = state();
        c.highTold = state();
        for (int steps = random.nextInt(StatePath.MAX_LENGTH); steps >= 0; steps--) {
            c.enter(state(), state());
        }
        c.wasEstablished = perhaps();
        c.unseenSegments = perhaps();
        c.captureLoss = perhaps();
        c.gaveUp = perhaps();
        c.stallTold = perhaps();
        c.synAckClock = timeOrNone();
        c.finClock = timeOrNone();
        c.lastFinClock = timeOrNone();
        c.overClock = timeOrNone();
        if (perhaps()) {
            c.halfClosedNs = time();
            c.halfClosedClock = time();
            c.closeWaitClock = time();
            c.halfClosedUntilNs = timeOrNone();
        }
        if (perhaps()) {
            c.setAlarm(timeOrNone(), perhaps() ? text() : "");
        }
        switch (random.nextInt(4)) {
            case 0 -> c.reported = 1 + random.nextInt(1 << 11);
            case 1 -> c.halfClosedReports = 1 + random.nextInt(4);
            case 2 -> c.periodicReports = 1 + random.nextInt(1000);
            default -> {
                // nothing was reported
            }
        }
        c.tunnel = perhaps() ? text() : null;
        c.pendingSyn = perhaps() ? segment() : null;
        c.suspect = perhaps() ? new Suspect(perhaps(), random.nextInt(), time(), time(), text(), text()) : null;
        c.former = perhaps() ? former(perhaps() ? former(null) : null) : null;
        count(c.anomalies);
        fill(c.low);
        fill(c.high);
        c.history.letters.append(perhaps() ? "^ShADadFf" : "");
        fill(c.history.low);
        fill(c.history.high);
        for (int i = random.nextInt(Connection.MAX_OBSERVERS + 1); i > 0; i--) {
            c.observers.add(observer(c));
        }
        return c;
    }

    private Former former(@Nullable Former before) {
        return new Former(random.nextInt(), positionOrNone(), random.nextInt(), positionOrNone(), before);
    }

    private Segment segment() {
        return new Segment(
                time(),
                time(),
                perhaps(),
                random.nextInt(),
                random.nextInt(),
                random.nextInt(512),
                random.nextInt(65_536),
                random.nextInt(65_536),
                random.nextInt(65_536),
                random.nextInt(65_536) - 1,
                random.nextInt(16) - 1,
                perhaps(),
                random.nextLong(1L << 32) - 1,
                random.nextLong(1L << 32) - 1,
                random.nextInt(5),
                random.nextInt(17) - 1,
                random.nextInt(16));
    }

    private void fill(End e) {
        e.seen = perhaps();
        e.syn = perhaps();
        e.synAck = perhaps();
        e.bareSyn = perhaps();
        e.synData = perhaps();
        e.synDataAcked = perhaps();
        e.fastOpenCookie = perhaps();
        e.sentData = perhaps();
        e.goodChecksum = perhaps();
        e.lossSuspected = perhaps();
        e.sackPermitted = perhaps();
        e.timestamps = perhaps();
        if (perhaps()) {
            e.based = true;
            e.base = random.nextInt();
            e.highest = position();
            e.window = random.nextInt(65_536);
            e.maxWindow = position();
        }
        e.acked = perhaps() ? e.highest : position();
        if (perhaps()) {
            e.fin = true;
            e.finEnd = position();
            e.finAck = positionOrNone();
        }
        if (perhaps()) {
            e.aloneAck = 1 + position();
            e.aloneAt = position();
        }
        e.rst = perhaps();
        e.rstRefuted = perhaps();
        e.rstPending = perhaps();
        e.rstChallenged = perhaps();
        if (e.rst || e.rstPending || e.rstChallenged) {
            e.rstPosition = position();
            e.rstHighest = e.rstPosition + position();
            e.rstClock = time();
            e.rstPeerHighest = position();
            e.rstAck = positionOrNone();
        }
        e.rightEdge = positionOrNone();
        e.doubted = positionOrNone();
        e.doubtedByAck = perhaps();
        e.doubtedFinAck = positionOrNone();
        e.timestamp = positionOrNone();
        e.mss = (int) positionOrNone();
        e.windowScale = random.nextInt(16) - 1;
        e.closedWindowClock = timeOrNone();
        e.repeatedClock = timeOrNone();
        e.spans.contiguous = e.highest;
        if (perhaps()) {
            fill(e.spans);
        }
        e.delivered.set(e.spans);
        switch (random.nextInt(5)) {
            case 0 -> fill(e.delivered);
            case 1 -> e.delivered.contiguous++;
            case 2 -> nudge(e.delivered.from, e.delivered.islands);
            case 3 -> nudge(e.delivered.to, e.delivered.islands);
            default -> {
                // the same was delivered as was seen
            }
        }
    }

    private static void nudge(long[] bounds, int islands) {
        if (islands > 0) {
            bounds[0]++;
        }
    }

    private void fill(Spans spans) {
        spans.contiguous = perhaps() ? spans.contiguous : position();
        spans.islands = random.nextInt(Spans.MAX_ISLANDS + 1);
        spans.from = new long[0];
        spans.to = new long[0];
        spans.makeRoom(spans.islands);
        long at = spans.contiguous;
        for (int i = 0; i < spans.islands; i++) {
            spans.from[i] = at + 2 + random.nextInt(1000);
            spans.to[i] = spans.from[i] + 3 + random.nextInt(1000);
            at = spans.to[i];
        }
    }

    private void fill(History.Direction d) {
        d.shown = random.nextInt(128);
        d.lastSyn = random.nextInt(3) - 1;
        d.lastFin = perhaps() ? position() : 0;
        d.lastRst = perhaps() ? position() : 0;
        switch (random.nextInt(5)) {
            case 0 -> d.gaps = position();
            case 1 -> d.retransmissions = position();
            case 2 -> d.zeroWindows = position();
            case 3 -> d.badChecksums = position();
            default -> {
                // none of them
            }
        }
    }

    private Observer observer(Connection c) {
        Observer o = new Observer(text());
        o.synNs = perhaps() ? time() : -1 - random.nextInt(2);
        o.synAckNs = perhaps() ? time() : -1 - random.nextInt(2);
        o.synToSynAckNs = positionOrNone();
        o.synAckToAckNs = positionOrNone();
        o.answered = perhaps();
        if (perhaps()) {
            Lag lag = new Lag();
            fill(lag.low);
            fill(lag.high);
            o.lag = lag;
        }
        switch (random.nextInt(3)) {
            case 0 -> o.handshakeNs = 1 + position();
            case 1 -> o.latestSynNs = time();
            default -> {
                // it saw no SYN
            }
        }
        count(o.odd);
        fill(c.low, o.low, o.lowFlow);
        fill(c.high, o.high, o.highFlow);
        return o;
    }

    private void fill(Lag.Differences d) {
        if (perhaps()) {
            d.count = 1 + random.nextInt(Lag.WINDOW);
            long offset = position();
            d.least = offset - position();
            d.most = d.least + position();
        }
    }

    private void fill(End sender, Observer.Tally t, Flow f) {
        t.began = perhaps();
        if (perhaps()) {
            t.segments = 1 + position();
            t.wireBytes = position();
            t.highest = position();
            f.has = random.nextInt(1 << 16);
            f.next = random.nextInt();
            f.nextNs = time();
            f.latestNs = time();
            f.unbroken = perhaps() ? f.next : random.nextInt();
            f.acked = f.has(Flow.ACKED) ? random.nextInt() : 0;
            f.rightEdge = f.has(Flow.OFFERED) ? random.nextInt() : 0;
            f.window = perhaps() ? sender.window : random.nextInt(65_536);
            f.duplicates = random.nextInt(3);
        }
        if (perhaps()) {
            t.retransmittedSegments = 1 + position();
            t.retransmittedBytes = position();
        }
        t.rst = perhaps();
        t.rstSeq = t.rst ? random.nextInt() : 0;
        t.zeroWindows = perhaps() ? position() : 0;
    }

    private void count(AnomalyCounts counts) {
        for (int i = random.nextInt(12); i > 0; i--) {
            counts.add(AnomalyKind.values()[random.nextInt(KINDS)]);
        }
    }

    private boolean perhaps() {
        return random.nextBoolean();
    }

    private TcpState state() {
        return TcpState.values()[random.nextInt(TcpState.values().length)];
    }

    private int port() {
        return random.nextInt(65_536);
    }

    private String text() {
        return "tap\u00e9".repeat(random.nextInt(3)) + random.nextInt(100);
    }

    /** 1970 counts as well. */
    private long time() {
        return random.nextInt(8) == 0 ? 0 : random.nextLong(1L << 61);
    }

    private long timeOrNone() {
        return perhaps() ? time() : -1;
    }

    private long position() {
        return random.nextInt(4) == 0 ? random.nextInt(2) : random.nextLong(1L << 31);
    }

    private long positionOrNone() {
        return perhaps() ? position() : -1;
    }
}
