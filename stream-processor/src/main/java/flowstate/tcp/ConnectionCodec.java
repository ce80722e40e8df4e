package flowstate.tcp;

import org.jspecify.annotations.Nullable;

/**
 * A connection as bytes, for a state store: a version octet, a set of bits that says which parts follow, then those as
 * {@link Octets} has numbers, times as differences from the start. A part that a connection does not have takes its one
 * bit and nothing else: add a bit for each new one, rare ones last.
 *
 * <p>The buffer is reused: one instance a thread.
 */
public final class ConnectionCodec {
    private static final int VERSION = 4;

    private static final int WAS_ESTABLISHED = 1;
    private static final int ORIGINATOR_LOW = 1 << 1;
    /** The agent whose clock the alarm goes by is the first, or the only one, that sees it: its name need not be told again. */
    private static final int ALARM_BY_FIRST = 1 << 2;

    private static final int SYN_ACK_CLOCK = 1 << 3;
    private static final int ALARM = 1 << 5;
    private static final int ANOMALIES = 1 << 6;
    private static final int FIN_CLOCK = 1 << 7;
    private static final int LAST_FIN_CLOCK = 1 << 8;
    private static final int HALF_CLOSED = 1 << 9;
    private static final int OVER_CLOCK = 1 << 10;
    private static final int REPORTS = 1 << 12;
    private static final int UNSEEN = 1 << 13;
    private static final int ROLE_GUESSED = 1 << 14;
    private static final int CAPTURE_LOSS = 1 << 15;
    private static final int GAVE_UP = 1 << 16;
    private static final int PENDING_SYN = 1 << 17;
    private static final int SUSPECT = 1 << 18;
    private static final int STALL_TOLD = 1 << 19;
    private static final int TUNNEL = 1 << 20;
    private static final int FORMER = 1 << 21;

    private static final int LAST_SYN = 1 << 8;
    private static final int LAST_FIN = 1 << 9;
    private static final int LAST_RST = 1 << 10;
    private static final int REPEATED = 1 << 11;

    private static final TcpState[] STATES = TcpState.values();
    private static final Phase[] PHASES = Phase.values();

    private final Octets octets = new Octets();

    /**
     * Writes a connection that the tracker still holds.
     *
     * @return the caller's own bytes
     */
    public byte[] encode(Connection c) {
        Octets out = octets;
        out.clear();
        out.put(VERSION);
        int has = parts(c);
        out.put(has);
        out.putText(c.capture);
        out.put(c.startSequence);
        out.put(c.startedNs);
        out.put(c.startClock - c.startedNs);
        out.put(c.lowPort);
        out.put(c.highPort);
        out.put(c.lastNs - c.startedNs);
        out.put(c.lastClock - c.lastNs);
        out.put(c.phase().ordinal());
        out.put(c.seenParts);
        out.put(c.lowTold.ordinal());
        out.put(c.highTold.ordinal());
        putPath(c.lowPath);
        putPath(c.highPath);
        putParts(c, has);
        EndCodec.put(out, c.low, c.startClock);
        EndCodec.put(out, c.high, c.startClock);
        out.putText(c.history.letters);
        putDirection(c.history.low);
        putDirection(c.history.high);
        out.put(c.observers.size());
        for (Observer o : c.observers) {
            ObserverCodec.put(out, c, o);
        }
        return out.copy();
    }

    private static int parts(Connection c) {
        return (c.wasEstablished ? WAS_ESTABLISHED : 0)
                | (c.originatorLow ? ORIGINATOR_LOW : 0)
                | (c.synAckClock >= 0 ? SYN_ACK_CLOCK : 0)
                | (c.alarmClock() >= 0 || !c.alarmAgent().isEmpty() ? ALARM : 0)
                | (alarmIsByFirst(c) ? ALARM_BY_FIRST : 0)
                | (c.anomalies.size() > 0 ? ANOMALIES : 0)
                | (c.finClock >= 0 ? FIN_CLOCK : 0)
                | (c.lastFinClock >= 0 ? LAST_FIN_CLOCK : 0)
                | (c.halfClosedNs >= 0 ? HALF_CLOSED : 0)
                | (c.overClock >= 0 ? OVER_CLOCK : 0)
                | (c.reported != 0 || c.halfClosedReports != 0 || c.periodicReports != 0 ? REPORTS : 0)
                | (c.unseenSegments ? UNSEEN : 0)
                | (c.roleConfidence != 1 ? ROLE_GUESSED : 0)
                | (c.captureLoss ? CAPTURE_LOSS : 0)
                | (c.gaveUp ? GAVE_UP : 0)
                | (c.pendingSyn != null ? PENDING_SYN : 0)
                | (c.suspect != null ? SUSPECT : 0)
                | (c.stallTold ? STALL_TOLD : 0)
                | (c.tunnel != null ? TUNNEL : 0)
                | (c.former != null ? FORMER : 0);
    }

    private static boolean alarmIsByFirst(Connection c) {
        return !c.observers.isEmpty() && c.observers.get(0).agent.equals(c.alarmAgent());
    }

    private void putParts(Connection c, int has) {
        Octets out = octets;
        putTime(c, has & SYN_ACK_CLOCK, c.synAckClock);
        putTime(c, has & FIN_CLOCK, c.finClock);
        putTime(c, has & LAST_FIN_CLOCK, c.lastFinClock);
        if ((has & HALF_CLOSED) != 0) {
            out.put(c.halfClosedClock - c.startClock);
            out.put(c.halfClosedNs - c.halfClosedClock);
            out.put(c.closeWaitClock - c.halfClosedClock);
            putTime(c, HALF_CLOSED, c.halfClosedUntilNs);
        }
        putIf(has & OVER_CLOCK, c.lastClock - c.overClock);
        if ((has & ALARM) != 0) {
            putTime(c, ALARM, c.alarmClock());
            if ((has & ALARM_BY_FIRST) == 0) {
                out.putText(c.alarmAgent());
            }
        }
        if ((has & REPORTS) != 0) {
            out.put(c.reported);
            out.put(c.halfClosedReports);
            out.put(c.periodicReports);
        }
        if ((has & ROLE_GUESSED) != 0) {
            out.put(Math.round(c.roleConfidence * 100));
        }
        if ((has & ANOMALIES) != 0) {
            c.anomalies.put(out);
        }
        putSegment(c.pendingSyn);
        putSuspect(c, c.suspect);
        if (c.tunnel != null) {
            out.putText(c.tunnel);
        }
        if (c.former != null) {
            putFormer(c.former);
        }
    }

    private void putFormer(Former f) {
        Former before = f.before();
        octets.put(before == null ? 0 : 1);
        octets.put(f.lowBase());
        octets.put(f.lowLength());
        octets.put(f.highBase());
        octets.put(f.highLength());
        if (before != null) {
            putFormer(before);
        }
    }

    private Former takeFormer() {
        Octets in = octets;
        boolean more = in.takeInt() == 1;
        int lowBase = in.takeInt();
        long lowLength = in.take();
        int highBase = in.takeInt();
        long highLength = in.take();
        return new Former(lowBase, lowLength, highBase, highLength, more ? takeFormer() : null);
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws IllegalArgumentException if the bytes are of another version, or cut short
     */
    public Connection decode(byte[] encoded) {
        octets.load(encoded);
        try {
            Connection c = read();
            if (octets.position() != encoded.length) {
                throw new IllegalArgumentException("a stored connection has " + encoded.length
                        + " octets, of which only " + octets.position() + " mean something");
            }
            return c;
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a stored connection is cut short at " + encoded.length + " octets", e);
        }
    }

    private Connection read() {
        Octets in = octets;
        long version = in.take();
        if (version != VERSION) {
            throw new IllegalArgumentException("a stored connection is of version " + version + ", expected " + VERSION
                    + ": reset the application's state");
        }
        int has = in.takeInt();
        String capture = in.takeName();
        long startSequence = in.take();
        long startedNs = in.take();
        long startClock = startedNs + in.take();
        int lowPort = in.takeInt();
        int highPort = in.takeInt();
        Connection c = new Connection(capture, startSequence, startedNs, startClock, lowPort, highPort);
        c.lastNs = startedNs + in.take();
        c.lastClock = c.lastNs + in.take();
        c.phase = PHASES[in.takeInt()];
        c.seenParts = in.takeInt();
        c.lowTold = STATES[in.takeInt()];
        c.highTold = STATES[in.takeInt()];
        c.lowState = takePath(c.lowPath);
        c.highState = takePath(c.highPath);
        takeParts(c, has);
        EndCodec.take(in, c.low, c.startClock);
        EndCodec.take(in, c.high, c.startClock);
        c.history.letters.append(in.takeText());
        takeDirection(c.history.low);
        takeDirection(c.history.high);
        int observers = in.takeInt();
        for (int i = 0; i < observers; i++) {
            c.observers.add(ObserverCodec.take(in, c));
        }
        if ((has & ALARM_BY_FIRST) != 0) {
            c.setAlarm(c.alarmClock(), c.observers.get(0).agent);
        }
        return c;
    }

    private void takeParts(Connection c, int has) {
        Octets in = octets;
        c.wasEstablished = (has & WAS_ESTABLISHED) != 0;
        c.unseenSegments = (has & UNSEEN) != 0;
        c.captureLoss = (has & CAPTURE_LOSS) != 0;
        c.gaveUp = (has & GAVE_UP) != 0;
        c.stallTold = (has & STALL_TOLD) != 0;
        c.originatorLow = (has & ORIGINATOR_LOW) != 0;
        c.synAckClock = takeTime(c, has & SYN_ACK_CLOCK);
        c.finClock = takeTime(c, has & FIN_CLOCK);
        c.lastFinClock = takeTime(c, has & LAST_FIN_CLOCK);
        if ((has & HALF_CLOSED) != 0) {
            c.halfClosedClock = c.startClock + in.take();
            c.halfClosedNs = c.halfClosedClock + in.take();
            c.closeWaitClock = c.halfClosedClock + in.take();
            c.halfClosedUntilNs = takeTime(c, HALF_CLOSED);
        }
        c.overClock = (has & OVER_CLOCK) != 0 ? c.lastClock - in.take() : -1;
        if ((has & ALARM) != 0) {
            long alarmClock = takeTime(c, ALARM);
            c.setAlarm(alarmClock, (has & ALARM_BY_FIRST) != 0 ? "" : in.takeName());
        }
        if ((has & REPORTS) != 0) {
            c.reported = in.takeInt();
            c.halfClosedReports = in.takeInt();
            c.periodicReports = in.takeInt();
        }
        c.roleConfidence = (has & ROLE_GUESSED) != 0 ? in.take() / 100.0 : 1;
        if ((has & ANOMALIES) != 0) {
            c.anomalies.take(in);
        }
        c.pendingSyn = (has & PENDING_SYN) != 0 ? takeSegment() : null;
        c.suspect = (has & SUSPECT) != 0 ? takeSuspect(c) : null;
        c.tunnel = (has & TUNNEL) != 0 ? in.takeText() : null;
        c.former = (has & FORMER) != 0 ? takeFormer() : null;
    }

    private void putPath(StatePath path) {
        octets.put(path.length);
        for (int i = 0; i < path.length; i++) {
            octets.put(path.ordinals[i]);
        }
    }

    /** Returns the last of the states: that which the end is in. */
    private TcpState takePath(StatePath path) {
        TcpState state = TcpState.CLOSE;
        int length = octets.takeInt();
        for (int i = 0; i < length; i++) {
            state = STATES[octets.takeInt()];
            path.enter(state);
        }
        return state;
    }

    private void putDirection(History.Direction d) {
        Octets out = octets;
        boolean repeated = (d.gaps | d.retransmissions | d.zeroWindows | d.badChecksums) != 0;
        int has = d.shown
                | (d.lastSyn != 0 ? LAST_SYN : 0)
                | (d.lastFin != 0 ? LAST_FIN : 0)
                | (d.lastRst != 0 ? LAST_RST : 0)
                | (repeated ? REPEATED : 0);
        out.put(has);
        putIf(has & LAST_SYN, d.lastSyn);
        putIf(has & LAST_FIN, d.lastFin);
        putIf(has & LAST_RST, d.lastRst);
        if (repeated) {
            out.put(d.gaps);
            out.put(d.retransmissions);
            out.put(d.zeroWindows);
            out.put(d.badChecksums);
        }
    }

    private void takeDirection(History.Direction d) {
        Octets in = octets;
        int has = in.takeInt();
        d.shown = has & (LAST_SYN - 1);
        d.lastSyn = takeIf(has & LAST_SYN);
        d.lastFin = takeIf(has & LAST_FIN);
        d.lastRst = takeIf(has & LAST_RST);
        if ((has & REPEATED) != 0) {
            d.gaps = in.take();
            d.retransmissions = in.take();
            d.zeroWindows = in.take();
            d.badChecksums = in.take();
        }
    }

    private void putSegment(@Nullable Segment s) {
        if (s == null) {
            return;
        }
        octets.put(s.timeNs());
        octets.put(s.clockNs());
        octets.put(s.fromLow() ? 1 : 0);
        octets.put(s.seq());
        octets.put(s.ack());
        octets.put(s.flags());
        octets.put(s.window());
        octets.put(s.payload());
        octets.put(s.wireLength());
        octets.put(s.mss());
        octets.put(s.windowScale());
        octets.put(s.sackPermitted() ? 1 : 0);
        octets.put(s.timestampValue());
        octets.put(s.timestampEcho());
        octets.put(s.sackBlocks());
        octets.put(s.fastOpen());
        octets.put(s.notes());
    }

    private Segment takeSegment() {
        return new Segment(
                octets.take(),
                octets.take(),
                octets.take() != 0,
                octets.takeInt(),
                octets.takeInt(),
                octets.takeInt(),
                octets.takeInt(),
                octets.takeInt(),
                octets.takeInt(),
                octets.takeInt(),
                octets.takeInt(),
                octets.take() != 0,
                octets.take(),
                octets.take(),
                octets.takeInt(),
                octets.takeInt(),
                octets.takeInt());
    }

    private void putSuspect(Connection c, @Nullable Suspect s) {
        if (s != null) {
            octets.put(s.fromLow() ? 1 : 0);
            octets.put(s.seq());
            octets.put(s.clockNs() - c.startedNs);
            octets.put(s.timeNs() - c.startedNs);
            octets.putText(s.seenBy());
            octets.putText(s.missedBy());
        }
    }

    private Suspect takeSuspect(Connection c) {
        return new Suspect(
                octets.take() != 0,
                octets.takeInt(),
                c.startedNs + octets.take(),
                c.startedNs + octets.take(),
                octets.takeText(),
                octets.takeText());
    }

    private void putIf(int present, long value) {
        if (present != 0) {
            octets.put(value);
        }
    }

    private long takeIf(int present) {
        return present == 0 ? 0 : octets.take();
    }

    /** Unknown times (negative) stay as they are; others are near the start. The lowest bit tells which. */
    private void putTime(Connection c, int present, long time) {
        putIf(present, time < 0 ? time << 1 : (time - c.startedNs) << 1 | 1);
    }

    private long takeTime(Connection c, int present) {
        if (present == 0) {
            return -1;
        }
        long value = octets.take();
        return (value & 1) == 0 ? value >> 1 : c.startedNs + (value >> 1);
    }
}
