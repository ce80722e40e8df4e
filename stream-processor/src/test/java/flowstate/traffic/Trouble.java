package flowstate.traffic;

import flowstate.tcp.Flags;
import flowstate.traffic.Link.Fault;
import flowstate.traffic.Link.Harm;
import java.util.Random;
import java.util.function.Predicate;

/** What goes wrong with a connection: on the wire, in the capture, or by somebody's ill will. */
public enum Trouble {
    NONE(Where.NOWHERE),
    SYN_LOST_BEFORE_TAP(Where.HANDSHAKE),
    SYN_LOST_AFTER_TAP(Where.HANDSHAKE),
    SYN_ACK_LOST_BEFORE_TAP(Where.HANDSHAKE),
    SYN_ACK_LOST_AFTER_TAP(Where.HANDSHAKE),
    HANDSHAKE_ACK_LOST_AFTER_TAP(Where.HANDSHAKE),
    DATA_LOST_BEFORE_TAP(Where.TALK),
    DATA_LOST_AFTER_TAP(Where.TALK),
    DATA_DUPLICATED(Where.TALK),
    DATA_OVERTAKEN(Where.TALK),
    DATA_NOT_CAPTURED(Where.TALK),
    ACK_LOST_AFTER_TAP(Where.TALK),
    CAPTURED_LATE(Where.TALK),
    KEEP_ALIVE(Where.TALK),
    ZERO_WINDOW(Where.TALK),
    FORGED_RST_IN_WINDOW(Where.TALK),
    FORGED_RST_OUTSIDE(Where.TALK),
    OLD_SYN(Where.TALK),
    FIN_LOST_BEFORE_TAP(Where.CLOSE),
    FIN_LOST_AFTER_TAP(Where.CLOSE),
    SECOND_FIN_LOST_AFTER_TAP(Where.CLOSE),
    FIN_ACK_LOST_AFTER_TAP(Where.CLOSE),
    LAST_ACK_LOST_AFTER_TAP(Where.CLOSE),
    FORGED_RST_EXACT(Where.DEADLY);

    /** The part of a connection that it concerns. */
    enum Where {
        NOWHERE,
        HANDSHAKE,
        TALK,
        CLOSE,
        DEADLY
    }

    private static final long SECOND_NS = 1_000_000_000;
    private static final int NOT_IN_ANY_WINDOW = 5_000_000;

    private final Where where;

    Trouble(Where where) {
        this.where = where;
    }

    Where where() {
        return where;
    }

    /** Whether only time tells, and not for certain, what was sent again from what was overtaken or copied. */
    boolean hidesRetransmissions() {
        return this == CAPTURED_LATE
                || this == DATA_LOST_BEFORE_TAP
                || this == DATA_DUPLICATED
                || this == DATA_OVERTAKEN;
    }

    /** Whether somebody forges segments. */
    boolean isMalice() {
        return this == FORGED_RST_IN_WINDOW
                || this == FORGED_RST_OUTSIDE
                || this == FORGED_RST_EXACT
                || this == OLD_SYN;
    }

    /** Lies in wait for the packets that it concerns. */
    void prepare(Link link, boolean serverCloses, Random random) {
        Predicate<Packet> first = p -> p.fromClient() != serverCloses;
        Predicate<Packet> other = p -> p.fromClient() == serverCloses;
        Predicate<Packet> fin = p -> p.has(Flags.FIN);
        Predicate<Packet> data = p -> p.payload() > 0 && !p.has(Flags.SYN | Flags.FIN);
        switch (this) {
            case SYN_LOST_BEFORE_TAP -> link.harm(new Fault(Trouble::isSyn, 0, Harm.LOST_BEFORE_TAP));
            case SYN_LOST_AFTER_TAP -> link.harm(new Fault(Trouble::isSyn, 0, Harm.LOST_AFTER_TAP));
            case SYN_ACK_LOST_BEFORE_TAP -> link.harm(new Fault(Trouble::isSynAck, 0, Harm.LOST_BEFORE_TAP));
            case SYN_ACK_LOST_AFTER_TAP -> link.harm(new Fault(Trouble::isSynAck, 0, Harm.LOST_AFTER_TAP));
            case HANDSHAKE_ACK_LOST_AFTER_TAP ->
                link.harm(new Fault(p -> p.fromClient() && p.isPureAck(), 0, Harm.LOST_AFTER_TAP));
            case DATA_LOST_BEFORE_TAP -> link.harm(new Fault(data, random.nextInt(6), Harm.LOST_BEFORE_TAP));
            case DATA_LOST_AFTER_TAP -> link.harm(new Fault(data, random.nextInt(6), Harm.LOST_AFTER_TAP));
            case DATA_DUPLICATED -> link.harm(new Fault(data, random.nextInt(6), Harm.DUPLICATED));
            case DATA_OVERTAKEN -> link.harm(new Fault(data, random.nextInt(6), Harm.DELAYED));
            case DATA_NOT_CAPTURED -> link.harm(new Fault(data, random.nextInt(6), Harm.NOT_CAPTURED));
            case ACK_LOST_AFTER_TAP ->
                link.harm(new Fault(
                        p -> p.isPureAck() && !(p.fromClient() && p.start() == 1 && p.ack() == 1),
                        random.nextInt(3),
                        Harm.LOST_AFTER_TAP));
            case CAPTURED_LATE -> {
                for (int i = 0; i < 3; i++) {
                    link.harm(new Fault(p -> true, random.nextInt(12), Harm.CAPTURED_LATE));
                }
            }
            case FIN_LOST_BEFORE_TAP -> link.harm(new Fault(fin.and(first), 0, Harm.LOST_BEFORE_TAP));
            case FIN_LOST_AFTER_TAP -> link.harm(new Fault(fin.and(first), 0, Harm.LOST_AFTER_TAP));
            case SECOND_FIN_LOST_AFTER_TAP -> link.harm(new Fault(fin.and(other), 0, Harm.LOST_AFTER_TAP));
            case FIN_ACK_LOST_AFTER_TAP ->
                // whatever acknowledges the first FIN: an ACK, or the other FIN
                link.harm(new Fault(other.and(p -> acknowledgesAll(p, link)), 0, Harm.LOST_AFTER_TAP));
            case LAST_ACK_LOST_AFTER_TAP ->
                link.harm(new Fault(first.and(p -> p.isPureAck() && acknowledgesAll(p, link)), 0, Harm.LOST_AFTER_TAP));
            default -> {}
        }
    }

    /** Does what somebody does when the connection is open and quiet. */
    void strike(Link link, boolean serverCloses, Random random) {
        Endpoint victim = serverCloses ? link.server : link.client;
        Endpoint other = serverCloses ? link.client : link.server;
        switch (this) {
            case KEEP_ALIVE -> victim.keepAlive();
            case ZERO_WINDOW -> {
                victim.setWindow(0);
                link.in(SECOND_NS / 10, () -> other.write(1500));
                link.in(SECOND_NS, () -> victim.setWindow(64_000));
            }
            case FORGED_RST_EXACT -> forge(link, serverCloses, Flags.RST, other.next());
            case FORGED_RST_IN_WINDOW ->
                forge(link, serverCloses, Flags.RST, other.next() + 1 + random.nextInt(20_000));
            case FORGED_RST_OUTSIDE -> forge(link, serverCloses, Flags.RST, other.next() + NOT_IN_ANY_WINDOW);
            case OLD_SYN -> forge(link, true, Flags.SYN, 1_000_000 + random.nextInt(1_000_000));
            default -> {}
        }
    }

    /** Sends what the end opposite to the one that it is for seems to have sent. */
    private static void forge(Link link, boolean toServer, int flags, long start) {
        link.send(new Packet(toServer, flags, start, 0, 0, 0, Packet.NO_OPTIONS, true));
    }

    private static boolean isSyn(Packet p) {
        return p.has(Flags.SYN) && !p.has(Flags.ACK);
    }

    private static boolean isSynAck(Packet p) {
        return p.has(Flags.SYN) && p.has(Flags.ACK);
    }

    /** Whether it acknowledges the FIN of the end that it goes to. */
    private static boolean acknowledgesAll(Packet p, Link link) {
        Endpoint to = p.fromClient() ? link.server : link.client;
        return p.has(Flags.ACK) && to.hasClosed() && p.ack() == to.next();
    }
}
