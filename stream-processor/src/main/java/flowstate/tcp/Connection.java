package flowstate.tcp;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One connection as far as it was seen: the facts about both ends, what follows from them, and what the tracker keeps to
 * tell each thing once.
 *
 * <p>Mutable, for the hot path: only {@link Tracker} changes it, and whoever holds it lends it to one thread at a time.
 * Times are nanoseconds since 1970 and -1 where unknown; those called clock are the observer's clock, the others packet
 * times.
 */
public final class Connection {
    /** An agent more than these is counted with the last: a path has few taps. */
    static final int MAX_OBSERVERS = 8;

    private static final Pattern OUTER_ADDRESSES = Pattern.compile("([^ >,]+)>([^ >,]+)");

    /** The interface or file that the latest segment came from. */
    String capture;

    /** What it was first seen wrapped in, the key's low end first; null for nothing. */
    @Nullable
    String tunnel;

    final long startSequence;
    final long startedNs;
    final int lowPort;
    final int highPort;

    final End low = new End();
    final End high = new End();
    boolean originatorLow;
    double roleConfidence;
    final History history = new History();
    final List<Observer> observers = new ArrayList<>(1);

    TcpState lowState = TcpState.CLOSE;
    TcpState highState = TcpState.CLOSE;
    final StatePath lowPath = new StatePath();
    final StatePath highPath = new StatePath();
    /** The states that the latest lifecycle event told. */
    TcpState lowTold = TcpState.CLOSE;

    TcpState highTold = TcpState.CLOSE;

    @Nullable
    Phase phase;

    /** Which parts were seen, see {@link Completeness}. */
    int seenParts;

    boolean wasEstablished;
    boolean unseenSegments;
    boolean captureLoss;
    boolean gaveUp;

    @Nullable
    EndReason letGo;

    long lastNs;
    final long startClock;
    long lastClock;
    long synAckClock = -1;
    /** When the FIN that is still unacknowledged was first seen. */
    long finClock = -1;
    /** When nothing more than acknowledgements could come: both FINs were seen, or the only visible end's. */
    long lastFinClock = -1;

    long halfClosedClock = -1;
    long halfClosedNs = -1;
    long halfClosedUntilNs = -1;
    /** When the end that stays open last sent payload, or when the other's FIN was acknowledged. */
    long closeWaitClock = -1;

    long overClock = -1;

    int reported;
    int halfClosedReports;
    int periodicReports;
    final AnomalyCounts anomalies = new AnomalyCounts();

    /** The present stall was told. */
    boolean stallTold;

    /** A SYN on an open connection: an old duplicate, or a new connection if the other end answers it. */
    @Nullable
    Segment pendingSyn;

    /** A RST that one agent saw arrive, and that another, nearer its sender, may not have seen leave. */
    @Nullable
    Suspect suspect;

    /** What had its ports before, and was still held when this one began. */
    @Nullable
    Former former;

    /** When the owner will look at it next, and by whose clock; the owner's own matter. */
    private long alarmClock = -1;

    private String alarmAgent = "";

    Connection(String capture, long startSequence, long startedNs, long startClock, int lowPort, int highPort) {
        this.capture = capture;
        this.startSequence = startSequence;
        this.startedNs = startedNs;
        this.startClock = startClock;
        this.lowPort = lowPort;
        this.highPort = highPort;
        this.lastNs = startedNs;
        this.lastClock = startClock;
    }

    End end(boolean ofLow) {
        return ofLow ? low : high;
    }

    /** What an agent saw of it; one that has not seen anything yet is counted with {@link #join}. */
    Observer observer(String agent) {
        Observer known = observerNamed(agent);
        if (known != null) {
            return known;
        }
        if (observers.size() == MAX_OBSERVERS) {
            return observers.get(MAX_OBSERVERS - 1);
        }
        Observer added = new Observer(agent);
        added.lag = observers.isEmpty() ? null : new Lag();
        return added;
    }

    /** Counts an agent among those that see it. */
    void join(Observer observer) {
        if (observer.segments(true) + observer.segments(false) == 0) {
            if (observers.size() == 1) {
                // all that was found so far, the one agent has shown
                observers.get(0).odd.set(anomalies);
            }
            observers.add(observer);
        }
    }

    /** Whether no other agent than this one has seen anything of it. */
    boolean isAlone(Observer observer) {
        return observers.size() == 1 && observers.get(0) == observer;
    }

    /** The agent of a name; null if it has seen nothing, or is one too many to be told apart. */
    @Nullable
    Observer observerNamed(String agent) {
        for (int i = 0; i < observers.size(); i++) {
            if (observers.get(i).agent.equals(agent)) {
                return observers.get(i);
            }
        }
        return null;
    }

    /** How far an agent's clock is ahead of the first agent's, which the times of this connection are told in. */
    public long offsetNs(String agent) {
        if (observers.size() < 2) {
            return 0;
        }
        Observer o = observerNamed(agent);
        return o == null ? 0 : o.offsetNs();
    }

    Phase phase() {
        return phase == null ? Phase.OPENING : phase;
    }

    /** Originator's initial sequence number if the first segment was its SYN, else -1; with the start it names this. */
    public long startSequence() {
        return startSequence;
    }

    /** The interface or capture file that the latest segment came from. */
    public String capture() {
        return capture;
    }

    /**
     * The tunnel in which it was first seen, outermost first, as {@code vxlan 42 10.0.0.1>10.0.0.2}: the outer address on
     * the originator's side before the other. Null if none was seen.
     */
    public @Nullable String tunnel() {
        return tunnel == null || originatorLow
                ? tunnel
                : OUTER_ADDRESSES.matcher(tunnel).replaceAll("$2>$1");
    }

    /** Capture time of the first segment. */
    public long startedNs() {
        return startedNs;
    }

    /** The first agent's clock at the first segment. */
    public long startClockNs() {
        return startClock;
    }

    /** From the first to the last segment, nanoseconds, never negative. */
    public long durationNs() {
        return Math.max(0, lastNs - startedNs);
    }

    /** Whether the key's low end is the originator. */
    public boolean originatorIsLow() {
        return originatorLow;
    }

    /** How sure the roles are, above 0 and up to 1. */
    public double roleConfidence() {
        return roleConfidence;
    }

    public End originator() {
        return end(originatorLow);
    }

    public End responder() {
        return end(!originatorLow);
    }

    public TcpState originatorState() {
        return originatorLow ? lowState : highState;
    }

    public TcpState responderState() {
        return originatorLow ? highState : lowState;
    }

    /** Every state that an end was seen in so far, in order; goes on with the connection. */
    public List<TcpState> states(boolean ofOriginator) {
        return ofOriginator == originatorLow ? lowPath : highPath;
    }

    /** Takes on the states of both ends. */
    void enter(TcpState ofLow, TcpState ofHigh) {
        lowState = ofLow;
        highState = ofHigh;
        lowPath.enter(ofLow);
        highPath.enter(ofHigh);
    }

    /** The outcome so far, in Zeek's words. */
    public String connState() {
        return Outcome.of(originator(), responder(), history.letters);
    }

    /** What was seen so far, in Zeek's letters. */
    public String history() {
        return history.letters.toString();
    }

    /** The agents that saw it. */
    public List<Observer> observers() {
        return Collections.unmodifiableList(observers);
    }

    private Observer.Tally tally(boolean ofOriginator) {
        boolean ofLow = ofOriginator == originatorLow;
        Observer.Tally most = observers.get(0).tally(ofLow);
        for (int i = 1; i < observers.size(); i++) {
            Observer.Tally other = observers.get(i).tally(ofLow);
            if (other.segments > most.segments) {
                most = other;
            }
        }
        return most;
    }

    /** Segments that the end sent, as the agent counted that saw most of them. */
    public long segments(boolean ofOriginator) {
        return tally(ofOriginator).segments;
    }

    /** Octets of its IP datagrams. */
    public long wireBytes(boolean ofOriginator) {
        return tally(ofOriginator).wireBytes;
    }

    public long retransmittedSegments(boolean ofOriginator) {
        return tally(ofOriginator).retransmittedSegments;
    }

    public long retransmittedBytes(boolean ofOriginator) {
        return tally(ofOriginator).retransmittedBytes;
    }

    /** Segments by which it said that its window is closed. */
    public long zeroWindows(boolean ofOriginator) {
        return tally(ofOriginator).zeroWindows;
    }

    /** Since when an end has kept the other waiting, by the observer's clock; -1 if nothing is stalled. */
    long stallClock() {
        long since = earlier(low.closedWindowClock, high.closedWindowClock);
        return earlier(since, earlier(low.repeatedClock, high.repeatedClock));
    }

    private static long earlier(long a, long b) {
        return a < 0 || (b >= 0 && b < a) ? b : a;
    }

    /**
     * Which parts of the conversation were seen, as Wireshark's {@code tcp.completeness}: 1 SYN, 2 SYN-ACK, 4 acknowledgement
     * without payload, 8 payload, 16 FIN, 32 RST. As there, 0 while only one segment was seen that is no SYN.
     */
    public int completeness() {
        long segments = 0;
        for (Observer o : observers) {
            segments += o.low.segments + o.high.segments;
        }
        return segments == 1 && !low.bareSyn && !high.bareSyn ? 0 : seenParts;
    }

    public Handshake handshake() {
        End originator = originator();
        End responder = responder();
        if (!originator.syn && !responder.syn) {
            return originator.hasReset() && !responder.seen || responder.hasReset() && !originator.seen
                    ? Handshake.NONE
                    : Handshake.MIDSTREAM;
        }
        if (!wasEstablished) {
            return Handshake.NONE;
        }
        if (!originator.seen || !responder.seen) {
            return Handshake.ONE_SIDED;
        }
        if (originator.bareSyn && responder.bareSyn) {
            return Handshake.SIMULTANEOUS_OPEN;
        }
        return originator.synDataAcked ? Handshake.FAST_OPEN : Handshake.THREE_WAY;
    }

    public Teardown teardown() {
        if (low.hasReset() || high.hasReset()) {
            return low.fin || high.fin ? Teardown.RESET_AFTER_FIN : Teardown.RESET;
        }
        if (low.fin && high.fin) {
            if (!low.finCovers(high) && !high.finCovers(low)) {
                return Teardown.SIMULTANEOUS;
            }
            boolean alone = low.acknowledgedBeforeFin(high) || high.acknowledgedBeforeFin(low);
            return alone ? Teardown.FOUR_SEGMENTS : Teardown.THREE_SEGMENTS;
        }
        return gaveUp ? Teardown.TIMEOUT : Teardown.NONE;
    }

    /** Which end closed first: by FIN, or without any FIN by RST. */
    public Role closedFirst() {
        if (low.fin && high.fin) {
            // neither: they crossed; each: only made-up numbers can do that
            boolean lowSecond = low.finCovers(high);
            return lowSecond == high.finCovers(low) ? Role.BOTH : role(!lowSecond);
        }
        if (low.fin || high.fin) {
            return role(low.fin);
        }
        if (low.hasReset() || high.hasReset()) {
            return firstToReset();
        }
        return Role.NONE;
    }

    private Role firstToReset() {
        if (low.hasReset() && high.hasReset()) {
            return low.rstClock == high.rstClock ? Role.BOTH : role(low.rstClock < high.rstClock);
        }
        return role(low.hasReset());
    }

    /** The role of the key's low or high end. */
    public Role role(boolean ofLow) {
        return ofLow == originatorLow ? Role.ORIGINATOR : Role.RESPONDER;
    }

    /** Whether its handshake was completed, as far as was seen. */
    public boolean wasEstablished() {
        return wasEstablished;
    }

    /** Whether it is neither established nor over. */
    public boolean isOpening() {
        return phase() == Phase.OPENING;
    }

    /** How many anomalies of a kind were found so far. */
    public long found(AnomalyKind kind) {
        return anomalies.of(kind);
    }

    /** How much it takes to make it look as it does. */
    public Standing standing() {
        Phase now = phase();
        if (!wasEstablished || now == Phase.RESET || now == Phase.REJECTED) {
            return Standing.ATTEMPT;
        }
        return low.seen && high.seen ? Standing.PROVEN : Standing.ONE_SIDED;
    }

    /** Why it is over; null while it is not. */
    public @Nullable EndReason endReason() {
        Phase now = phase();
        if (now == Phase.CLOSED) {
            return EndReason.FIN;
        }
        if (now == Phase.REJECTED) {
            return EndReason.REJECTED;
        }
        if (now == Phase.RESET) {
            return firstToReset() == Role.RESPONDER ? EndReason.RST_RESPONDER : EndReason.RST_ORIGINATOR;
        }
        return letGo;
    }

    /**
     * From the SYN to the SYN-ACK, nanoseconds; -1 where that cannot be known. Of several agents, that which is nearest the
     * originator sees the most of it.
     */
    public long synToSynAckNs() {
        long most = -1;
        for (int i = 0; i < observers.size(); i++) {
            most = Math.max(most, observers.get(i).synToSynAckNs);
        }
        return most;
    }

    /** From the SYN-ACK to the acknowledgement that completes the handshake, nanoseconds; -1 likewise; the most seen. */
    public long synAckToAckNs() {
        long most = -1;
        for (int i = 0; i < observers.size(); i++) {
            most = Math.max(most, observers.get(i).synAckToAckNs);
        }
        return most;
    }

    /**
     * From the acknowledgement of the first FIN to the other end's FIN, nanoseconds; -1 if it never was half-closed.
     *
     * @param nowNs taken for the end while the other FIN is awaited
     */
    public long halfClosedNs(long nowNs) {
        if (halfClosedNs < 0) {
            return -1;
        }
        return Math.max(0, (halfClosedUntilNs < 0 ? nowNs : halfClosedUntilNs) - halfClosedNs);
    }

    /** Whether the states went a way that takes segments which were not captured. */
    public boolean unseenSegments() {
        return unseenSegments;
    }

    /** Whether segments are missing from what was captured. */
    public boolean captureLossSuspected() {
        return captureLoss || low.lossSuspected || high.lossSuspected;
    }

    /** An agent that saw it lost packets while it was open. */
    public void suspectCaptureLoss() {
        captureLoss = true;
    }

    /** When the owner will look at it next, by {@link #alarmAgent}'s clock; -1: never. */
    public long alarmClock() {
        return alarmClock;
    }

    public String alarmAgent() {
        return alarmAgent;
    }

    public void setAlarm(long clockNs, String agent) {
        this.alarmClock = clockNs;
        this.alarmAgent = agent;
    }
}
