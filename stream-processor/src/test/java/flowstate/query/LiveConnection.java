package flowstate.query;

import flowstate.schema.ConnectionKey;
import flowstate.schema.LifecycleEvent;
import flowstate.tcp.Cause;
import flowstate.tcp.Connection;
import flowstate.tcp.EventKind;
import flowstate.tcp.Flags;
import flowstate.tcp.Segment;
import flowstate.tcp.Timers;
import flowstate.tcp.Tracker;
import flowstate.tcp.Unheard;
import flowstate.topology.EventRecords;

/** A connection from 10.0.0.1:40000 to 10.0.0.2:80 that has just been established, by the real model. */
final class LiveConnection {
    static final ConnectionKey KEY =
            ConnectionKey.of(new byte[] {10, 0, 0, 1}, 40000, new byte[] {10, 0, 0, 2}, 80, "");

    private static final int CLIENT_ISN = 1000;
    private static final int SERVER_ISN = 5000;
    private static final long MS = 1_000_000;

    private LiveConnection() {}

    /** As of 1 s after its last segment. */
    static LifecycleEvent startedAt(long startNs) {
        Tracker tracker = new Tracker(Timers.DEFAULT);
        Connection c = tracker.onSegment(
                null, 40000, 80, segment(startNs, true, CLIENT_ISN, 0, Flags.SYN, 60), "tap", "eth0", new Unheard());
        c = tracker.onSegment(
                c,
                40000,
                80,
                segment(startNs + 12 * MS, false, SERVER_ISN, CLIENT_ISN + 1, Flags.SYN | Flags.ACK, 60),
                "tap",
                "eth0",
                new Unheard());
        c = tracker.onSegment(
                c,
                40000,
                80,
                segment(startNs + 15 * MS, true, CLIENT_ISN + 1, SERVER_ISN + 1, Flags.ACK, 52),
                "tap",
                "eth0",
                new Unheard());
        return EventRecords.lifecycle(
                KEY, c, EventKind.PERIODIC, Cause.TIMER, startNs + 1015 * MS, c.originatorState(), c.responderState());
    }

    private static Segment segment(long timeNs, boolean fromClient, int seq, int ack, int flags, int wireLength) {
        boolean syn = (flags & Flags.SYN) != 0;
        return new Segment(
                timeNs,
                timeNs,
                fromClient,
                seq,
                ack,
                flags,
                65535,
                0,
                wireLength,
                syn ? 1460 : -1,
                syn ? 7 : -1,
                syn,
                -1,
                -1,
                0,
                -1,
                Segment.CHECKSUM_GOOD);
    }
}
