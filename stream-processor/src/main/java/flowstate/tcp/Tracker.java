package flowstate.tcp;

import org.jspecify.annotations.Nullable;

/**
 * Steps connections by segments and by the clock, and tells a {@link Listener} the differences. Holds no connection
 * itself and reads no clock. One instance a thread.
 */
public final class Tracker {
    /** A SYN or SYN-ACK this far from the clock was stamped wrongly: no round-trip time can be taken from it. */
    private static final long PLAUSIBLE_NS = 1_000_000_000L;

    private final Timers timers;
    private final Alarms alarms;
    private final Findings found = new Findings();

    public Tracker(Timers timers) {
        this.timers = timers;
        this.alarms = new Alarms(timers);
    }

    /**
     * Takes in one segment.
     *
     * @param connection what is known of its 4-tuple, or null if nothing is
     * @param lowPort the key's low port
     * @param highPort the key's high port
     * @param seen the segment; the caller's own again when this returns
     * @param agent id of the agent that saw it
     * @param capture the interface or file that it came from
     * @param tunnel what it was wrapped in, as {@link Connection#tunnel} has it with the key's low end first; null for
     *     nothing
     * @param listener is told what happened
     * @return what is known now; never null, as a segment always leaves something to remember
     */
    public Connection onSegment(
            @Nullable Connection connection,
            int lowPort,
            int highPort,
            Segment seen,
            String agent,
            String capture,
            @Nullable String tunnel,
            Listener listener) {
        found.clear();
        Connection c = connection;
        Segment s = seen;
        Observer observer = null;
        boolean ofFormer = c != null && Former.has(c, seen);
        if (c != null) {
            observer = c.observer(agent);
            if (ofFormer && !c.isAlone(observer)) {
                return c;
            }
            Views.compare(c, seen, observer);
            s = Views.toFirstClock(c, seen, observer);
            // an agent whose clock is not known yet moves no timers
            c = observer.inStep() ? onFirstClock(c, s.clockNs(), agent, listener) : c;
        }
        if (c != null && observer != null && ofFormer && !s.has(Flags.SYN)) {
            straggles(c, s, observer);
            return c;
        }
        if (c != null && observer != null && HeaderRules.isDropped(c, s)) {
            count(c, s, observer);
            c.history.badChecksum(s.fromLow(), s.fromLow() == c.originatorLow);
            HeaderRules.findDropped(c, s, found);
            Anomalies.tell(c, s, observer, found, listener);
            return c;
        }
        if (c != null && observer != null) {
            Arrival arrival = Arrival.of(c, s, observer);
            if (arrival == Arrival.QUESTIONABLE_SYN) {
                question(c, s, observer, listener);
                return c;
            }
            if (arrival == Arrival.NEW_CONNECTION) {
                c = replace(c, s, lowPort, highPort, agent, capture, listener);
                observer = c == null ? null : c.observer(agent);
            }
        }
        if (c == null || observer == null) {
            s = seen;
            c = begin(connection, s, lowPort, highPort, capture);
            observer = c.observer(agent);
        }
        c.capture = capture;
        if (c.tunnel == null) {
            c.tunnel = tunnel;
        }
        Views.find(c, s, observer, found);
        step(c, s, seen, observer, listener);
        return c;
    }

    /** Takes in one segment that came through no tunnel. */
    public Connection onSegment(
            @Nullable Connection connection,
            int lowPort,
            int highPort,
            Segment seen,
            String agent,
            String capture,
            Listener listener) {
        return onSegment(connection, lowPort, highPort, seen, agent, capture, null, listener);
    }

    /** An agent captured a segment once more: it counts, as Zeek counts it, but is no news of the connection. */
    public void onCopy(Connection c, Segment seen, String agent, Listener listener) {
        Observer observer = c.observer(agent);
        Segment copy = Views.toFirstClock(c, seen, observer);
        count(c, copy, observer);
        if (copy.payload() > 0 && !c.end(copy.fromLow()).hasReset()) {
            c.history.retransmission(copy.fromLow(), copy.fromLow() == c.originatorLow);
        }
        found.clear();
        found.add(AnomalyKind.DUPLICATE_CAPTURE, () -> agent + " captures packets twice: these are no retransmissions");
        Anomalies.tell(c, copy, observer, found, listener);
    }

    /** What is left of the connection before counts, as Zeek counts it, but is no news of this one. */
    private static void straggles(Connection c, Segment s, Observer observer) {
        End end = c.end(s.fromLow());
        count(c, s, observer);
        c.history.segment(s, end.based ? end.position(s.seq()) : -1, s.fromLow() == c.originatorLow);
    }

    /** The end of an open connection sends a SYN of another number. */
    private void question(Connection c, Segment s, Observer observer, Listener listener) {
        c.pendingSyn = s.kept();
        count(c, s, observer);
        c.history.segment(s, c.end(s.fromLow()).position(s.seq()), s.fromLow() == c.originatorLow);
        found.add(
                AnomalyKind.SYN_IN_ESTABLISHED,
                () -> "a SYN of the " + c.role(s.fromLow()).word()
                        + " on an open connection: the receiver must answer with a challenge ACK");
        Anomalies.tell(c, s, observer, found, listener);
    }

    /**
     * Ends the old connection on a 4-tuple.
     *
     * @return the new one, if it began with a SYN that was taken for an old duplicate until it was answered; else null
     */
    private @Nullable Connection replace(
            Connection old, Segment s, int lowPort, int highPort, String agent, String capture, Listener listener) {
        Segment pending = s.has(Flags.ACK) ? old.pendingSyn : null;
        Segment answered = pending != null && alarms.mayBeAnswered(pending, s.clockNs()) ? pending : null;
        Segment first = answered == null ? s : answered;
        settle(old, Cause.SEGMENT, first.robustTimeNs(), listener);
        Reuse.find(old, first, found);
        end(old, EndReason.REUSED, Cause.SEGMENT, first.robustTimeNs(), listener);
        if (answered == null) {
            return null;
        }
        Connection c = begin(old, answered, lowPort, highPort, capture);
        step(c, answered, answered, c.observer(agent), listener);
        found.clear();
        return c;
    }

    /**
     * Lets the clock of an agent come to {@code clockNs}: timers that are due by then fire, in order.
     *
     * @return the connection, or null if the tracker has let go of it
     */
    public @Nullable Connection onClock(Connection c, long clockNs, String agent, Listener listener) {
        return onFirstClock(c, clockNs - c.offsetNs(agent), agent, listener);
    }

    private @Nullable Connection onFirstClock(Connection c, long clockNs, String agent, Listener listener) {
        Views.onClock(c, clockNs, agent, listener);
        while (true) {
            long due = alarms.nextNs(c);
            if (due > clockNs || due == Timers.NEVER) {
                return c;
            }
            if (fire(c, alarms.next(c), listener)) {
                return null;
            }
        }
    }

    /** When {@link #onClock} will next have something to do, by an agent's clock. */
    public long deadline(Connection c, String agent) {
        long due = alarms.nextNs(c);
        Suspect suspect = c.suspect;
        if (suspect != null && awaits(c, agent)) {
            due = Math.min(due, suspect.dueNs());
        }
        return due == Timers.NEVER ? due : due + c.offsetNs(agent);
    }

    /**
     * Whose clock is to move a connection's timers next.
     *
     * @param agent whose clock would do, if nobody else's is needed
     */
    public String driver(Connection c, String agent) {
        Suspect suspect = c.suspect;
        if (suspect != null) {
            return suspect.missedBy();
        }
        Observer observer = c.observerNamed(agent);
        return observer == null || observer.inStep() ? agent : c.observers.get(0).agent;
    }

    /** Whether no other clock would do than that of this agent. */
    public boolean awaits(Connection c, String agent) {
        Suspect suspect = c.suspect;
        return suspect != null && suspect.missedBy().equals(agent);
    }

    /** An agent is gone: nothing is to be waited for from it. */
    public void forget(Connection c, String agent) {
        if (awaits(c, agent)) {
            c.suspect = null;
        }
    }

    /**
     * Lets go of a connection for lack of room.
     *
     * @param inARow how many have been, with this one: the 1st, 10th, 100th and so on is told, as a flood is no reason for a
     *     flood of anomalies. 0: it has ended by itself, and there is nothing to be told
     */
    public void evict(Connection c, long inARow, long atNs, Listener listener) {
        if (Logarithm.isMark(inARow)) {
            String others = inARow == 1 ? "" : ", as " + (inARow - 1) + " before it";
            String message = "half-open, and let go of to make room for newer ones" + others;
            listener.anomaly(c, AnomalyKind.EVICTED, inARow, 1, atNs, null, message);
        }
        end(c, EndReason.EVICTED, Cause.SEGMENT, atNs, listener);
    }

    /**
     * Lets go of a connection: its settled record is told.
     *
     * @param reason why, if nothing that was seen has ended it before
     */
    public void end(Connection c, EndReason reason, Cause cause, long atNs, Listener listener) {
        settle(c, cause, atNs, listener);
        c.letGo = c.endReason() == null ? reason : c.letGo;
        if (cause == Cause.TIMER || c.phase() == Phase.CLOSED) {
            // TIME_WAIT runs out whether we watch or not; what a timer gave up on is nothing any more
            c.enter(TcpState.CLOSE, TcpState.CLOSE);
        }
        say(c, EventKind.ENDED, cause, atNs, listener);
    }

    /** A RST that was pending when the receiver fell silent has closed; and an end that was never seen is none. */
    private static void settle(Connection c, Cause cause, long atNs, Listener listener) {
        if (Resets.confirm(c)) {
            turn(c);
            c.overClock = c.lastClock;
            say(c, EventKind.RESET, cause, atNs, listener);
            if (!c.low.fin && !c.high.fin) {
                Anomalies.tellAt(c, AnomalyKind.RST_TERMINATED, atNs, listener, Turns.terminated(c, c.low.hasReset()));
            }
        }
        boolean oneSided = c.handshake() == Handshake.ONE_SIDED;
        if (oneSided && c.anomalies.of(AnomalyKind.ONE_SIDED) == 0) {
            Anomalies.tellAt(c, AnomalyKind.ONE_SIDED, atNs, listener, Turns.ONE_SIDED);
        }
    }

    /** Derives the states and the phase anew. */
    private static Phase turn(Connection c) {
        c.enter(States.of(c.low, c.high), States.of(c.high, c.low));
        Phase phase = Phase.of(c.originator(), c.responder(), c.originatorState(), c.responderState());
        c.phase = phase;
        return phase;
    }

    private static void say(Connection c, EventKind kind, Cause cause, long atNs, Listener listener) {
        listener.lifecycle(
                c,
                kind,
                cause,
                atNs,
                c.originatorLow ? c.lowTold : c.highTold,
                c.originatorLow ? c.highTold : c.lowTold);
        c.lowTold = c.lowState;
        c.highTold = c.highState;
    }

    /** Returns whether the tracker lets go. */
    private boolean fire(Connection c, Alarms.Alarm alarm, Listener listener) {
        long at = alarm.clockNs();
        switch (alarm.kind()) {
            case REPORT_ATTEMPT,
                    REPORT_HALF_OPEN,
                    REPORT_FIN,
                    REPORT_IDLE,
                    REPORT_STALL,
                    REPORT_HALF_CLOSED,
                    REPORT_LEAK -> Reports.tell(c, alarm, listener);
            case CONFIRM_RST -> settle(c, Cause.TIMER, at, listener);
            case PERIODIC -> {
                c.periodicReports = Math.max(c.periodicReports + 1, alarms.periodicPassed(c));
                say(c, EventKind.PERIODIC, Cause.TIMER, at, listener);
            }
            case LET_GO -> {
                end(c, EndReason.FIN, Cause.TIMER, at, listener);
                return true;
            }
            case GIVE_UP -> {
                giveUp(c, at, listener);
                return true;
            }
        }
        return false;
    }

    private void giveUp(Connection c, long at, Listener listener) {
        c.gaveUp = true;
        c.letGo = alarms.reasonToGiveUp(c);
        say(c, EventKind.TIMED_OUT, Cause.TIMER, at, listener);
        end(c, c.letGo, Cause.TIMER, at, listener);
    }

    /** @param before what has had the ports until now; null if nothing is known of that */
    private static Connection begin(@Nullable Connection before, Segment s, int lowPort, int highPort, String capture) {
        boolean bareSyn = s.has(Flags.SYN) && !s.has(Flags.ACK | Flags.RST);
        long sequence = bareSyn ? Integer.toUnsignedLong(s.seq()) : -1;
        Connection c = new Connection(capture, sequence, s.robustTimeNs(), s.clockNs(), lowPort, highPort);
        c.former = before == null ? null : Former.of(before);
        Roles.assign(c, s);
        return c;
    }

    private static void count(Connection c, Segment s, Observer observer) {
        c.join(observer);
        Observer.Tally tally = observer.tally(s.fromLow());
        tally.segments++;
        tally.wireBytes += s.wireLength();
        if (s.has(Flags.RST)) {
            tally.rst = true;
            tally.rstSeq = s.seq();
        }
        c.seenParts |= Completeness.of(s);
        c.lastNs = Math.max(c.lastNs, s.robustTimeNs());
        c.lastClock = Math.max(c.lastClock, s.clockNs());
    }

    private void step(Connection c, Segment s, Segment seen, Observer observer, Listener listener) {
        TcpState lowBefore = c.lowState;
        TcpState highBefore = c.highState;
        @Nullable Phase phaseBefore = c.phase;
        count(c, s, observer);
        c.end(s.fromLow()).goodChecksum |= s.noted(Segment.CHECKSUM_GOOD);
        Roles.correct(c, s, found);
        boolean resumed = resumes(c, s, observer);
        HeaderRules.find(c, s, found);
        Merge.merge(c, s, observer, phaseBefore, found);
        Transfers.find(c, s, seen, observer, found);
        Gaps.note(c, s);

        Phase phase = turn(c);
        // captured out of order, it may show only when an end has closed
        boolean bothSynsAcked = c.low.syn && c.high.syn && c.low.acked >= 1 && c.high.acked >= 1;
        boolean joinedHalfClosed = phaseBefore == null && phase == Phase.HALF_CLOSED;
        c.wasEstablished |= phase == Phase.ESTABLISHED || bothSynsAcked || joinedHalfClosed;
        Turns.noteSkipped(c, lowBefore, highBefore, phaseBefore == null);
        Marks.set(c, s, seen, observer, phaseBefore);
        Turns.find(c, s, observer, phaseBefore, phase, found);
        if (c.captureLoss && c.anomalies.of(AnomalyKind.CAPTURE_LOSS) == 0) {
            found.add(
                    AnomalyKind.CAPTURE_LOSS,
                    () -> "an agent lost packets while this was open: what seems to be missing may not be");
        }
        if (s.clockNs() - c.startClock >= timers.longLived() && c.wasEstablished && !phase.isOver()) {
            longLived(c, s);
        }

        if (resumed) {
            say(c, EventKind.RESUMED, Cause.SEGMENT, s.robustTimeNs(), listener);
        } else if (phase != phaseBefore) {
            say(c, phase.event, Cause.SEGMENT, s.robustTimeNs(), listener);
        }
        Anomalies.tell(c, s, observer, found, listener);
    }

    private void longLived(Connection c, Segment s) {
        if (c.anomalies.of(AnomalyKind.LONG_LIVED) == 0) {
            long hours = (s.clockNs() - c.startClock) / 3_600_000_000_000L;
            found.add(AnomalyKind.LONG_LIVED, () -> "open for " + hours + " h, and still used");
        }
    }

    /** Returns whether a connection that a RST had closed goes on: the RST was forged. */
    private boolean resumes(Connection c, Segment s, Observer observer) {
        End end = c.end(s.fromLow());
        End peer = c.end(!s.fromLow());
        if (peer.rstPending) {
            Resets.receiverSpeaks(peer, s);
        }
        if (!Resets.carriesOn(end, peer, s, observer.tally(s.fromLow()).rst)) {
            return false;
        }
        // where the other end has reset as well, it is over all the same
        boolean closed = end.hasReset() && !peer.hasReset();
        Resets.refute(end);
        found.add(
                AnomalyKind.SUSPECTED_RST_INJECTION,
                () -> "the " + c.role(s.fromLow()).word() + " carries on after its RST: somebody else has sent that");
        return closed;
    }

    static boolean isPlausible(Segment s) {
        return Math.abs(s.timeNs() - s.clockNs()) <= PLAUSIBLE_NS;
    }
}
