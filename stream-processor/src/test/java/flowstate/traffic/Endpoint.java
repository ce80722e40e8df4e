package flowstate.traffic;

import flowstate.tcp.Flags;
import flowstate.tcp.TcpState;
import flowstate.trace.TraceSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One host's end of a connection, after RFC 9293 section 3.10, with RFC 5961's answers to RSTs and SYNs, RFC 6298's
 * timer and the three duplicate acknowledgements of RFC 5681. What its application does is called from outside.
 */
final class Endpoint {
    private static final int WINDOW = 64_000;
    private static final long TIME_WAIT_NS = 60_000_000_000L;

    private final Link link;
    private final boolean isClient;
    private final int windowScale;

    private TcpState state = TcpState.CLOSE;
    private final List<TcpState> states = new ArrayList<>();

    private final Sender sender;

    private boolean peerKnown;
    private long received;
    private final TreeMap<Long, Long> held = new TreeMap<>();
    private long peerFinAt = -1;
    private int window = WINDOW;
    private boolean silent;

    /** After the peer's FIN the application closes this much later; at 0 its FIN rides on the acknowledgement. */
    long closesAfterNs = -1;
    /** The application is gone as soon as it has closed: data that comes then is answered with RST. */
    boolean deafOnceClosed;
    /** The socket is gone when the peer's FIN comes: it is answered with RST. */
    boolean resetsAtPeersFin;
    /** Takes data out of SYNs with a Fast Open cookie. */
    boolean takesFastOpen;
    /** Its last data and its FIN go in one segment. */
    boolean finRidesOnData;

    /** Its timestamp clock at the start, milliseconds; -1: no timestamps. */
    long stampMs = -1;

    private long peerStamp;

    /** It sent a RST for a connection that was open. */
    private boolean aborted;

    Endpoint(Link link, boolean isClient, int windowScale) {
        this.link = link;
        this.isClient = isClient;
        this.windowScale = windowScale;
        this.sender = new Sender(link, this);
    }

    TcpState state() {
        return state;
    }

    /** Every state that it was in, in order. */
    List<TcpState> states() {
        return states;
    }

    boolean aborted() {
        return aborted;
    }

    /** It has sent its FIN. */
    boolean hasClosed() {
        return sender.hasSentFin();
    }

    /** The position after all that it has sent. */
    long next() {
        return sender.next();
    }

    // ---- what the application does

    void listen() {
        enter(TcpState.LISTEN);
    }

    /** Opens; with {@code octets} in the SYN if that is Fast Open. */
    void open(int octets) {
        enter(TcpState.SYN_SENT);
        sender.write(octets);
        sender.transmit(Flags.SYN, 0, octets, octets > 0 ? 8 : -1);
    }

    void write(int octets) {
        sender.write(octets);
        sender.pump();
    }

    void close() {
        sender.writeNoMore();
        sender.pump();
    }

    void writeAndClose(int octets) {
        sender.write(octets);
        close();
    }

    /** Closes hard, as with SO_LINGER 0 or a crash. */
    void abort() {
        reset(sender.next(), true);
    }

    /** The host is gone: no word of it any more. */
    void vanish() {
        silent = true;
    }

    /** How much the application is ready to take; tells the peer. */
    void setWindow(int octets) {
        window = octets;
        acknowledge();
    }

    /** Linux's keep-alive: an empty segment just before what was acknowledged. */
    void keepAlive() {
        emit(Flags.ACK, sender.next() - 1, 0, -1);
    }

    // ---- what arrives

    void receive(Packet p) {
        peerStamp = Math.max(peerStamp, p.options().timestampValue());
        switch (state) {
            case CLOSE -> refuse(p);
            case LISTEN -> listening(p);
            case SYN_SENT -> synSent(p);
            default -> synchronised(p);
        }
    }

    /** RFC 9293 section 3.10.7.1. */
    private void refuse(Packet p) {
        if (p.has(Flags.RST)) {
            return;
        }
        if (p.has(Flags.ACK)) {
            raw(Flags.RST, p.ack(), 0);
        } else {
            raw(Flags.RST | Flags.ACK, 0, p.end());
        }
    }

    /** RFC 9293 section 3.10.7.2. */
    private void listening(Packet p) {
        if (p.has(Flags.RST | Flags.ACK)) {
            refuse(p);
        } else if (p.has(Flags.SYN)) {
            takeSyn(p);
            if (takesFastOpen) {
                received += p.payload();
            }
            enter(TcpState.SYN_RECV);
            sender.transmit(Flags.SYN | Flags.ACK, 0, 0, -1);
            if (takesFastOpen) {
                sender.pump();
            }
        }
    }

    private void takeSyn(Packet p) {
        peerKnown = true;
        received = 1;
        sender.offered(p.window());
    }

    /** RFC 9293 section 3.10.7.3. */
    private void synSent(Packet p) {
        boolean acknowledges = p.has(Flags.ACK) && p.ack() > 0 && p.ack() <= sender.next();
        if (p.has(Flags.ACK) && !acknowledges) {
            refuse(p);
        } else if (p.has(Flags.RST)) {
            if (acknowledges) {
                enter(TcpState.CLOSE);
            }
        } else if (p.has(Flags.SYN)) {
            takeSyn(p);
            if (acknowledges) {
                takeAck(p);
                enter(TcpState.ESTABLISHED);
                acknowledgeUnless(sender.pump());
            } else {
                enter(TcpState.SYN_RECV);
                sender.forget();
                sender.transmit(Flags.SYN | Flags.ACK, 0, 0, -1);
            }
        }
    }

    /** RFC 9293 section 3.10.7.4; RFC 5961 sections 3.2 and 4.2. */
    private void synchronised(Packet p) {
        if (p.has(Flags.RST)) {
            takeRst(p);
            return;
        }
        boolean crossedSynAck = state == TcpState.SYN_RECV && p.has(Flags.SYN) && p.ack() == 1 && p.start() == 0;
        if (crossedSynAck) {
            takeAck(p);
            enter(TcpState.ESTABLISHED);
            sender.pump();
            return;
        }
        if (p.has(Flags.SYN) && state == TcpState.SYN_RECV && p.start() == 0) {
            emit(Flags.SYN | Flags.ACK, 0, 0, -1);
            return;
        }
        if (p.has(Flags.SYN) || !isAcceptable(p)) {
            acknowledge();
            return;
        }
        if (!p.has(Flags.ACK)) {
            return;
        }
        if (p.ack() > sender.next()) {
            acknowledge();
            return;
        }
        takeAck(p);
        if (p.payload() > 0 && deafOnceClosed && sender.hasSentFin()) {
            reset(p.ack(), false);
            return;
        }
        boolean sent = takeText(p);
        sent |= sender.pump();
        if (p.payload() > 0 || p.has(Flags.FIN)) {
            acknowledgeUnless(sent || state == TcpState.CLOSE);
        }
    }

    private boolean isAcceptable(Packet p) {
        if (p.end() == p.start()) {
            return window == 0 ? p.start() == received : p.start() >= received && p.start() < received + window;
        }
        return window > 0 && p.start() < received + window && p.end() > received;
    }

    private void takeRst(Packet p) {
        if (state == TcpState.TIME_WAIT) {
            return; // RFC 1337
        }
        if (p.start() == received) {
            enter(TcpState.CLOSE);
        } else if (p.start() > received && p.start() < received + window) {
            acknowledge();
        }
    }

    private void takeAck(Packet p) {
        if (state == TcpState.SYN_RECV && p.ack() >= 1) {
            enter(TcpState.ESTABLISHED);
        }
        sender.acknowledged(p, p.has(Flags.SYN) ? p.window() : (long) p.window() << windowScale);
        if (sender.finIsAcknowledged()) {
            switch (state) {
                case FIN_WAIT1 -> enter(TcpState.FIN_WAIT2);
                case CLOSING -> timeWait();
                case LAST_ACK -> enter(TcpState.CLOSE);
                default -> {}
            }
        }
    }

    /** Returns whether something was sent on the occasion, which acknowledges. */
    private boolean takeText(Packet p) {
        if (p.payload() > 0) {
            held.merge(p.start(), p.start() + p.payload(), Math::max);
        }
        for (Map.Entry<Long, Long> first = held.firstEntry();
                first != null && first.getKey() <= received;
                first = held.firstEntry()) {
            received = Math.max(received, first.getValue());
            held.remove(first.getKey());
        }
        if (p.has(Flags.FIN)) {
            peerFinAt = p.end() - 1;
        }
        if (peerFinAt != received) {
            return false;
        }
        received++;
        return switch (state) {
            case ESTABLISHED -> {
                enter(TcpState.CLOSE_WAIT);
                if (closesAfterNs == 0) {
                    sender.writeNoMore();
                    yield sender.pump();
                }
                if (closesAfterNs > 0) {
                    link.in(closesAfterNs, this::close);
                }
                yield false;
            }
            case FIN_WAIT1 -> {
                enter(TcpState.CLOSING);
                yield false;
            }
            case FIN_WAIT2 -> {
                if (resetsAtPeersFin) {
                    reset(sender.next(), false);
                    yield true;
                }
                timeWait();
                yield false;
            }
            default -> false;
        };
    }

    private void timeWait() {
        enter(TcpState.TIME_WAIT);
        link.in(TIME_WAIT_NS, () -> enter(TcpState.CLOSE));
    }

    // ---- what it sends

    private void acknowledge() {
        emit(Flags.ACK, sender.next(), 0, -1);
    }

    private void acknowledgeUnless(boolean done) {
        if (!done) {
            acknowledge();
        }
    }

    private void reset(long start, boolean withAck) {
        aborted = true;
        enter(TcpState.CLOSE);
        raw(withAck ? Flags.RST | Flags.ACK : Flags.RST, start, withAck ? received : 0);
    }

    private void raw(int flags, long start, long ack) {
        if (!silent) {
            link.send(new Packet(isClient, flags, start, 0, ack, 0, options(flags, -1), false));
        }
    }

    /** Sends a segment with what it acknowledges and offers now. */
    void emit(int flags, long start, int payload, int fastOpen) {
        boolean syn = (flags & Flags.SYN) != 0;
        int field = syn ? window : window >> windowScale;
        if (!silent) {
            link.send(new Packet(
                    isClient,
                    flags,
                    start,
                    payload,
                    (flags & Flags.ACK) != 0 && peerKnown ? received : 0,
                    field,
                    options(flags, fastOpen),
                    false));
        }
    }

    private TraceSegment.Options options(int flags, int fastOpen) {
        boolean syn = (flags & Flags.SYN) != 0;
        boolean stamped = stampMs >= 0;
        if (!syn && !stamped) {
            return Packet.NO_OPTIONS;
        }
        return new TraceSegment.Options(
                syn ? 1460 : -1,
                syn,
                syn && windowScale > 0 ? windowScale : -1,
                stamped ? stampMs + link.nowNs() / 1_000_000 : -1,
                stamped ? peerStamp : -1,
                List.of(),
                fastOpen,
                false);
    }

    void enter(TcpState now) {
        if (now == TcpState.CLOSE) {
            sender.forget();
        }
        if (state != now || states.isEmpty()) {
            state = now;
            states.add(now);
        }
    }
}
