package flowstate.traffic;

import flowstate.tcp.Flags;
import flowstate.tcp.TcpState;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The sending half of an {@link Endpoint}: what its application wrote, what of it is on the way, and the timer that sends
 * it again (RFC 6298; the three duplicate acknowledgements of RFC 5681; Linux's probe of a closed window).
 */
final class Sender {
    private static final int MSS = 1000;
    private static final int IN_FLIGHT = 4 * MSS;
    private static final long RETRY_NS = 300_000_000;
    private static final long SYN_RETRY_NS = 1_000_000_000;
    private static final long PROBE_NS = 400_000_000;
    private static final int SYN_RETRIES = 4;
    private static final int RETRIES = 8;

    /** What was sent and is not acknowledged. */
    private record Sent(int flags, long start, int payload) {
        long end() {
            return start + payload + ((flags & (Flags.SYN | Flags.FIN)) != 0 ? 1 : 0);
        }
    }

    private final Link link;
    private final Endpoint owner;

    private long unacknowledged;
    private long next;
    private long written = 1;
    private boolean closeWanted;
    private long finAt = -1;
    private long peerWindow = MSS;
    private final Deque<Sent> outstanding = new ArrayDeque<>();
    private int duplicateAcks;
    private int retries;
    private int timer;

    Sender(Link link, Endpoint owner) {
        this.link = link;
        this.owner = owner;
    }

    /** The position after all that was sent. */
    long next() {
        return next;
    }

    boolean hasSentFin() {
        return finAt >= 0;
    }

    boolean finIsAcknowledged() {
        return finAt >= 0 && unacknowledged > finAt;
    }

    void write(int octets) {
        written += octets;
    }

    /** A FIN comes after what was written. */
    void writeNoMore() {
        closeWanted = true;
    }

    /** Nothing is sent again any more. */
    void forget() {
        outstanding.clear();
    }

    void offered(long window) {
        peerWindow = window;
    }

    /** Takes in the acknowledgement of a packet, whose window is {@code window}. */
    void acknowledged(Packet p, long window) {
        if (p.ack() > unacknowledged) {
            unacknowledged = p.ack();
            duplicateAcks = 0;
            retries = 0;
            while (!outstanding.isEmpty() && outstanding.element().end() <= unacknowledged) {
                outstanding.remove();
            }
            arm();
        } else if (p.isPureAck() && !outstanding.isEmpty() && window == peerWindow && ++duplicateAcks == 3) {
            sendFirstAgain();
        }
        peerWindow = window;
    }

    /** Sends what may be sent; returns whether that was anything. */
    boolean pump() {
        boolean fastOpen = owner.takesFastOpen && owner.state() == TcpState.SYN_RECV;
        if (owner.state() != TcpState.ESTABLISHED && owner.state() != TcpState.CLOSE_WAIT && !fastOpen) {
            return false;
        }
        long before = next;
        while (next < written && next - unacknowledged < Math.min(peerWindow, IN_FLIGHT)) {
            int octets = (int) Math.min(Math.min(MSS, written - next), unacknowledged + peerWindow - next);
            boolean withFin = closeWanted && owner.finRidesOnData && next + octets == written;
            transmit(Flags.ACK | Flags.PSH | (withFin ? Flags.FIN : 0), next, octets, -1);
        }
        if (next == written && closeWanted && finAt < 0 && !fastOpen) {
            transmit(Flags.FIN | Flags.ACK, next, 0, -1);
        }
        if (peerWindow == 0 && next < written && outstanding.isEmpty()) {
            link.in(PROBE_NS, this::probe);
        }
        return next > before;
    }

    /** Empty, and one before what is awaited. */
    private void probe() {
        if (peerWindow == 0 && owner.state() != TcpState.CLOSE) {
            owner.emit(Flags.ACK, unacknowledged - 1, 0, -1);
            link.in(PROBE_NS, this::probe);
        }
    }

    /** Sends something for the first time; {@code fastOpen} is the length of its cookie, or -1. */
    void transmit(int flags, long start, int payload, int fastOpen) {
        Sent sent = new Sent(flags, start, payload);
        if ((flags & Flags.FIN) != 0) {
            finAt = start + payload;
            owner.enter(owner.state() == TcpState.CLOSE_WAIT ? TcpState.LAST_ACK : TcpState.FIN_WAIT1);
        }
        next = Math.max(next, sent.end());
        outstanding.add(sent);
        owner.emit(flags, start, payload, fastOpen);
        if (outstanding.size() == 1) {
            arm();
        }
    }

    private void arm() {
        int mine = ++timer;
        if (!outstanding.isEmpty()) {
            boolean syn = (outstanding.element().flags & Flags.SYN) != 0;
            link.in((syn ? SYN_RETRY_NS : RETRY_NS) << retries, () -> timeOut(mine, syn));
        }
    }

    private void timeOut(int mine, boolean syn) {
        if (mine != timer || outstanding.isEmpty() || owner.state() == TcpState.CLOSE) {
            return;
        }
        if (++retries > (syn ? SYN_RETRIES : RETRIES)) {
            owner.enter(TcpState.CLOSE);
            return;
        }
        sendFirstAgain();
        arm();
    }

    private void sendFirstAgain() {
        Sent first = outstanding.element();
        owner.emit(first.flags, first.start, first.payload, -1);
    }
}
