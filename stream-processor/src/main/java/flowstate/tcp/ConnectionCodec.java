package flowstate.tcp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A connection as bytes, for a state store: a version octet, then the fields as zigzag variable-length integers (seven
 * bits an octet, least first), times as differences from the start. What is usual is short: a connection of one agent
 * takes about 150 octets.
 *
 * <p>The buffer is reused: one instance a thread.
 */
public final class ConnectionCodec {
    private static final int VERSION = 1;

    private static final int WAS_ESTABLISHED = 1;
    private static final int UNSEEN = 2;
    private static final int CAPTURE_LOSS = 4;
    private static final int GAVE_UP = 8;
    private static final int ORIGINATOR_LOW = 16;
    private static final int PENDING_SYN = 32;

    private static final TcpState[] STATES = TcpState.values();
    private static final Phase[] PHASES = Phase.values();

    private byte[] bytes = new byte[512];
    private int at;

    /**
     * Writes a connection that the tracker still holds.
     *
     * @return the caller's own bytes
     */
    public byte[] encode(Connection c) {
        at = 0;
        put(VERSION);
        putText(c.capture);
        put(c.startSequence);
        put(c.startedNs);
        put(c.startClock - c.startedNs);
        put(c.lowPort);
        put(c.highPort);
        put((c.wasEstablished ? WAS_ESTABLISHED : 0)
                | (c.unseenSegments ? UNSEEN : 0)
                | (c.captureLoss ? CAPTURE_LOSS : 0)
                | (c.gaveUp ? GAVE_UP : 0)
                | (c.originatorLow ? ORIGINATOR_LOW : 0)
                | (c.pendingSyn != null ? PENDING_SYN : 0));
        put(Math.round(c.roleConfidence * 100));
        put(c.lowTold.ordinal());
        put(c.highTold.ordinal());
        putPath(c.lowPath);
        putPath(c.highPath);
        put(c.phase().ordinal());
        putTime(c, c.lastNs);
        putTime(c, c.lastClock);
        putTime(c, c.synNs);
        putTime(c, c.synAckNs);
        put(c.synToSynAckNs);
        put(c.synAckToAckNs);
        putTime(c, c.synAckClock);
        putTime(c, c.finClock);
        putTime(c, c.lastFinClock);
        putTime(c, c.halfClosedClock);
        putTime(c, c.halfClosedNs);
        putTime(c, c.halfClosedUntilNs);
        putTime(c, c.overClock);
        putTime(c, c.alarmClock());
        putText(c.alarmAgent());
        put(c.reported);
        put(c.halfClosedReports);
        put(c.periodicReports);
        putAnomalies(c.anomalies);
        putEnd(c.low);
        putEnd(c.high);
        putText(c.history.letters);
        putDirection(c.history.low);
        putDirection(c.history.high);
        put(c.observers.size());
        for (Observer o : c.observers) {
            putText(o.agent);
            putTally(o.low);
            putTally(o.high);
        }
        if (c.pendingSyn != null) {
            putSegment(c.pendingSyn);
        }
        return Arrays.copyOf(bytes, at);
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws IllegalArgumentException if the bytes are of another version, or cut short
     */
    public Connection decode(byte[] encoded) {
        bytes = encoded.length > bytes.length ? new byte[encoded.length] : bytes;
        System.arraycopy(encoded, 0, bytes, 0, encoded.length);
        at = 0;
        try {
            Connection c = read();
            if (at != encoded.length) {
                throw new IllegalArgumentException("a stored connection has " + encoded.length
                        + " octets, of which only " + at + " mean something");
            }
            return c;
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a stored connection is cut short at " + encoded.length + " octets", e);
        }
    }

    private Connection read() {
        long version = take();
        if (version != VERSION) {
            throw new IllegalArgumentException("a stored connection is of version " + version + ", expected " + VERSION
                    + ": reset the application's state");
        }
        String capture = takeText();
        long startSequence = take();
        long startedNs = take();
        long startClock = startedNs + take();
        int lowPort = takeInt();
        int highPort = takeInt();
        Connection c = new Connection(capture, startSequence, startedNs, startClock, lowPort, highPort);
        int flags = takeInt();
        c.wasEstablished = (flags & WAS_ESTABLISHED) != 0;
        c.unseenSegments = (flags & UNSEEN) != 0;
        c.captureLoss = (flags & CAPTURE_LOSS) != 0;
        c.gaveUp = (flags & GAVE_UP) != 0;
        c.originatorLow = (flags & ORIGINATOR_LOW) != 0;
        c.roleConfidence = take() / 100.0;
        c.lowTold = STATES[takeInt()];
        c.highTold = STATES[takeInt()];
        c.lowState = takePath(c.lowPath);
        c.highState = takePath(c.highPath);
        c.phase = PHASES[takeInt()];
        c.lastNs = takeTime(c);
        c.lastClock = takeTime(c);
        c.synNs = takeTime(c);
        c.synAckNs = takeTime(c);
        c.synToSynAckNs = take();
        c.synAckToAckNs = take();
        c.synAckClock = takeTime(c);
        c.finClock = takeTime(c);
        c.lastFinClock = takeTime(c);
        c.halfClosedClock = takeTime(c);
        c.halfClosedNs = takeTime(c);
        c.halfClosedUntilNs = takeTime(c);
        c.overClock = takeTime(c);
        long alarmClock = takeTime(c);
        c.setAlarm(alarmClock, takeText());
        c.reported = takeInt();
        c.halfClosedReports = takeInt();
        c.periodicReports = takeInt();
        takeAnomalies(c.anomalies);
        takeEnd(c.low);
        takeEnd(c.high);
        c.history.letters.append(takeText());
        takeDirection(c.history.low);
        takeDirection(c.history.high);
        int observers = takeInt();
        for (int i = 0; i < observers; i++) {
            Observer o = new Observer(takeText());
            takeTally(o.low);
            takeTally(o.high);
            c.observers.add(o);
        }
        if ((flags & PENDING_SYN) != 0) {
            c.pendingSyn = takeSegment();
        }
        return c;
    }

    private void putPath(StatePath path) {
        put(path.length);
        for (int i = 0; i < path.length; i++) {
            put(path.ordinals[i]);
        }
    }

    /** Returns the last of the states: that which the end is in. */
    private TcpState takePath(StatePath path) {
        TcpState state = TcpState.CLOSE;
        int length = takeInt();
        for (int i = 0; i < length; i++) {
            state = STATES[takeInt()];
            path.enter(state);
        }
        return state;
    }

    private void putEnd(End e) {
        put((e.seen ? 1 : 0)
                | (e.based ? 2 : 0)
                | (e.syn ? 4 : 0)
                | (e.synAck ? 8 : 0)
                | (e.bareSyn ? 16 : 0)
                | (e.synData ? 32 : 0)
                | (e.sentData ? 64 : 0)
                | (e.fin ? 128 : 0)
                | (e.finAckedAlone ? 256 : 0)
                | (e.rst ? 512 : 0)
                | (e.rstRefuted ? 1024 : 0)
                | (e.sackPermitted ? 2048 : 0)
                | (e.timestamps ? 4096 : 0)
                | (e.lossSuspected ? 8192 : 0));
        put(e.base);
        put(e.highest);
        put(e.highest - e.acked);
        if (e.fin) {
            put(e.finEnd);
            put(e.finAck);
        }
        if (e.rst) {
            put(e.rstPosition);
        }
        put(e.window);
        put(e.windowScale);
        put(e.mss);
        put(e.zeroWindows);
        Spans spans = e.spans;
        put(e.highest - spans.contiguous);
        put(spans.islands);
        for (int i = 0; i < spans.islands; i++) {
            put(spans.from[i]);
            put(spans.to[i]);
        }
    }

    private void takeEnd(End e) {
        int flags = takeInt();
        e.seen = (flags & 1) != 0;
        e.based = (flags & 2) != 0;
        e.syn = (flags & 4) != 0;
        e.synAck = (flags & 8) != 0;
        e.bareSyn = (flags & 16) != 0;
        e.synData = (flags & 32) != 0;
        e.sentData = (flags & 64) != 0;
        e.fin = (flags & 128) != 0;
        e.finAckedAlone = (flags & 256) != 0;
        e.rst = (flags & 512) != 0;
        e.rstRefuted = (flags & 1024) != 0;
        e.sackPermitted = (flags & 2048) != 0;
        e.timestamps = (flags & 4096) != 0;
        e.lossSuspected = (flags & 8192) != 0;
        e.base = takeInt();
        e.highest = take();
        e.acked = e.highest - take();
        if (e.fin) {
            e.finEnd = take();
            e.finAck = take();
        }
        if (e.rst) {
            e.rstPosition = take();
        }
        e.window = takeInt();
        e.windowScale = takeInt();
        e.mss = takeInt();
        e.zeroWindows = take();
        Spans spans = e.spans;
        spans.contiguous = e.highest - take();
        spans.islands = takeInt();
        for (int i = 0; i < spans.islands; i++) {
            spans.from[i] = take();
            spans.to[i] = take();
        }
    }

    private void putDirection(History.Direction d) {
        put(d.shown);
        put(d.lastSyn);
        put(d.lastFin);
        put(d.lastRst);
        put(d.gaps);
        put(d.retransmissions);
        put(d.zeroWindows);
    }

    private void takeDirection(History.Direction d) {
        d.shown = takeInt();
        d.lastSyn = take();
        d.lastFin = take();
        d.lastRst = take();
        d.gaps = take();
        d.retransmissions = take();
        d.zeroWindows = take();
    }

    private void putTally(Observer.Tally t) {
        put(t.began ? 1 : 0);
        if (t.began) {
            put(t.segments);
            put(t.wireBytes);
            put(t.retransmittedSegments);
            put(t.retransmittedBytes);
            put(t.highest);
        }
    }

    private void takeTally(Observer.Tally t) {
        t.began = take() != 0;
        if (t.began) {
            t.segments = take();
            t.wireBytes = take();
            t.retransmittedSegments = take();
            t.retransmittedBytes = take();
            t.highest = take();
        }
    }

    /** Few kinds occur in a connection: only those, as pairs. */
    private void putAnomalies(long[] counts) {
        int kinds = 0;
        for (long count : counts) {
            kinds += count == 0 ? 0 : 1;
        }
        put(kinds);
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] != 0) {
                put(i);
                put(counts[i]);
            }
        }
    }

    private void takeAnomalies(long[] counts) {
        int kinds = takeInt();
        for (int i = 0; i < kinds; i++) {
            int kind = takeInt();
            counts[kind] = take();
        }
    }

    private void putSegment(Segment s) {
        put(s.timeNs());
        put(s.clockNs());
        put(s.fromLow() ? 1 : 0);
        put(s.seq());
        put(s.ack());
        put(s.flags());
        put(s.window());
        put(s.payload());
        put(s.wireLength());
        put(s.mss());
        put(s.windowScale());
        put(s.sackPermitted() ? 1 : 0);
        put(s.timestampValue());
        put(s.timestampEcho());
        put(s.sackBlocks());
        put(s.fastOpen());
    }

    private Segment takeSegment() {
        return new Segment(
                take(),
                take(),
                take() != 0,
                takeInt(),
                takeInt(),
                takeInt(),
                takeInt(),
                takeInt(),
                takeInt(),
                takeInt(),
                takeInt(),
                take() != 0,
                take(),
                take(),
                takeInt(),
                takeInt());
    }

    /** Unknown times (negative) stay as they are; others are near the start. The lowest bit tells which. */
    private void putTime(Connection c, long time) {
        put(time < 0 ? time << 1 : (time - c.startedNs) << 1 | 1);
    }

    private long takeTime(Connection c) {
        long value = take();
        return (value & 1) == 0 ? value >> 1 : c.startedNs + (value >> 1);
    }

    private void put(long value) {
        if (at + 10 > bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * bytes.length);
        }
        long rest = value << 1 ^ value >> 63;
        while ((rest & ~0x7fL) != 0) {
            bytes[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
    }

    private long take() {
        long value = 0;
        int shift = 0;
        byte b;
        do {
            b = bytes[at++];
            value |= (long) (b & 0x7f) << shift;
            shift += 7;
        } while (b < 0);
        return value >>> 1 ^ -(value & 1);
    }

    private int takeInt() {
        return (int) take();
    }

    private void putText(CharSequence text) {
        byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
        put(utf8.length);
        while (at + utf8.length > bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * bytes.length);
        }
        System.arraycopy(utf8, 0, bytes, at, utf8.length);
        at += utf8.length;
    }

    private String takeText() {
        int length = takeInt();
        String text = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }
}
