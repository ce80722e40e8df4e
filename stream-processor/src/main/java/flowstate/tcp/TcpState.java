package flowstate.tcp;

import static java.util.Map.entry;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * The state of one end, under its Linux name (include/net/tcp_states.h), with RFC 9293's meaning (section 3.3.2).
 *
 * <p>An observer sees one segment where the end takes several steps, so {@link #leadsTo} also knows the steps that one
 * segment shows at once.
 */
public enum TcpState {
    /** No connection: not yet, or no more. */
    CLOSE,
    LISTEN,
    SYN_SENT,
    SYN_RECV,
    ESTABLISHED,
    FIN_WAIT1,
    FIN_WAIT2,
    CLOSING,
    TIME_WAIT,
    CLOSE_WAIT,
    LAST_ACK;

    // spotless:off
    /** What one observed segment, or a timer, can show; everything goes to CLOSE by RST or when a timer gives up. */
    private static final Map<TcpState, Set<TcpState>> NEXT = Map.ofEntries(
            // CLOSE to LISTEN is the responder's passive open: it is there before the SYN arrives
            entry(CLOSE,       EnumSet.of(LISTEN, SYN_SENT)),
            entry(LISTEN,      EnumSet.of(SYN_RECV, SYN_SENT)),
            entry(SYN_SENT,    EnumSet.of(ESTABLISHED, SYN_RECV)),
            entry(SYN_RECV,    EnumSet.of(ESTABLISHED, FIN_WAIT1)),
            // to LAST_ACK: a FIN that acknowledges the peer's FIN shows CLOSE_WAIT and LAST_ACK in one segment
            entry(ESTABLISHED, EnumSet.of(FIN_WAIT1, CLOSE_WAIT, LAST_ACK)),
            // to TIME_WAIT: RFC 9293 section 3.6, the FIN arrives with the ACK of ours
            entry(FIN_WAIT1,   EnumSet.of(FIN_WAIT2, CLOSING, TIME_WAIT)),
            entry(FIN_WAIT2,   EnumSet.of(TIME_WAIT)),
            entry(CLOSING,     EnumSet.of(TIME_WAIT)),
            entry(TIME_WAIT,   EnumSet.noneOf(TcpState.class)),
            entry(CLOSE_WAIT,  EnumSet.of(LAST_ACK)),
            entry(LAST_ACK,    EnumSet.noneOf(TcpState.class)));
    // spotless:on

    /** Whether one observed segment or timer can take an end from here to {@code next}, with nothing left unseen. */
    public boolean leadsTo(TcpState next) {
        return next == this
                || next == CLOSE
                || NEXT.getOrDefault(this, Set.of()).contains(next);
    }
}
