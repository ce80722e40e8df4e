package flowstate.tcp;

/** Which timer of a connection is due next. */
final class Alarms {
    enum Kind {
        REPORT_ATTEMPT,
        REPORT_HALF_OPEN,
        REPORT_FIN,
        REPORT_IDLE,
        REPORT_HALF_CLOSED,
        REPORT_STALL,
        REPORT_LEAK,
        PERIODIC,
        /** The receiver of a RST that is pending has been silent. */
        CONFIRM_RST,
        /** It is over, and stragglers have had their time. */
        LET_GO,
        /** It is not over, but nothing more is expected. */
        GIVE_UP;

        int bit() {
            return 1 << ordinal();
        }
    }

    record Alarm(Kind kind, long clockNs) {}

    private final Timers timers;

    Alarms(Timers timers) {
        this.timers = timers;
    }

    Alarm next(Connection c) {
        Phase phase = c.phase();
        long closeLimit = c.lastFinClock < 0 ? Timers.NEVER : after(c.lastFinClock, timers.closeLimit());
        if (phase.isOver()) {
            long linger = phase == Phase.CLOSED ? timers.timeWait() : timers.resetLinger();
            return new Alarm(Kind.LET_GO, Math.min(after(c.overClock, linger), closeLimit));
        }
        Alarm giveUp = c.low.rstPending || c.high.rstPending
                ? new Alarm(Kind.CONFIRM_RST, after(c.lastClock, timers.resetLinger()))
                : new Alarm(Kind.GIVE_UP, Math.min(giveUpAt(c, phase), closeLimit));
        Alarm periodic = new Alarm(Kind.PERIODIC, periodicAt(c));
        return soonest(soonest(report(c, phase), periodic), giveUp);
    }

    /** A timer's end; {@link Timers#NEVER} if it is off, or beyond what a clock can show. */
    private static long after(long clockNs, long timerNs) {
        long end = clockNs + timerNs;
        return timerNs == Timers.NEVER || end < clockNs ? Timers.NEVER : end;
    }

    private static boolean unanswered(Connection c) {
        return !c.responder().seen && c.originator().syn;
    }

    private long giveUpAt(Connection c, Phase phase) {
        if (phase == Phase.OPENING && c.synAckClock < 0) {
            return after(c.startClock, timers.attemptForget());
        }
        long limit = unanswered(c) ? after(c.startClock, timers.oneSidedLimit()) : Timers.NEVER;
        long idle = switch (phase) {
            case OPENING -> timers.handshakeForget();
            case ESTABLISHED -> joinedMidstream(c) ? timers.midstreamForget() : timers.idleForget();
            case HALF_CLOSED, CLOSING -> c.finClock >= 0 ? timers.finForget() : timers.halfClosedForget();
            case CLOSED, RESET, REJECTED -> Timers.NEVER;
        };
        return Math.min(limit, after(c.lastClock, idle));
    }

    /** Whether a SYN is still waited for an answer to. */
    boolean mayBeAnswered(Segment syn, long clockNs) {
        return clockNs < after(syn.clockNs(), timers.attemptForget());
    }

    EndReason reasonToGiveUp(Connection c) {
        return switch (c.phase()) {
            case OPENING -> c.synAckClock < 0 ? EndReason.ATTEMPT_TIMEOUT : EndReason.HANDSHAKE_TIMEOUT;
            case ESTABLISHED ->
                unanswered(c) && timers.oneSidedLimit() < Timers.NEVER
                        ? EndReason.ATTEMPT_TIMEOUT
                        : EndReason.IDLE_TIMEOUT;
            case HALF_CLOSED, CLOSING -> c.low.fin && c.high.fin ? EndReason.FIN : EndReason.HALF_CLOSED_TIMEOUT;
            case CLOSED -> EndReason.FIN;
            case RESET, REJECTED -> EndReason.REJECTED;
        };
    }

    private Alarm report(Connection c, Phase phase) {
        switch (phase) {
            case OPENING -> {
                return c.synAckClock < 0
                        ? once(c, Kind.REPORT_ATTEMPT, after(c.startClock, timers.attemptReport()))
                        : once(c, Kind.REPORT_HALF_OPEN, after(c.synAckClock, timers.handshakeReport()));
            }
            case ESTABLISHED -> {
                boolean told = (c.reported & Kind.REPORT_IDLE.bit()) != 0;
                return orStall(c, Kind.REPORT_IDLE, told ? Timers.NEVER : after(c.lastClock, timers.idleReport()));
            }
            case HALF_CLOSED, CLOSING -> {
                if (c.finClock >= 0) {
                    return once(c, Kind.REPORT_FIN, after(c.finClock, timers.finReport()));
                }
                boolean more = c.halfClosedReports < timers.halfClosedReports().size();
                long open = more && c.halfClosedClock >= 0
                        ? after(c.halfClosedClock, timers.halfClosedReports().get(c.halfClosedReports))
                        : Timers.NEVER;
                boolean leak = c.closeWaitClock >= 0 && (c.reported & Kind.REPORT_LEAK.bit()) == 0;
                long leakAt = leak ? after(c.closeWaitClock, timers.closeWaitLeak()) : Timers.NEVER;
                return open <= leakAt
                        ? orStall(c, Kind.REPORT_HALF_CLOSED, open)
                        : orStall(c, Kind.REPORT_LEAK, leakAt);
            }
            default -> throw new IllegalStateException("a connection that is over has nothing to report: " + phase);
        }
    }

    private Alarm orStall(Connection c, Kind kind, long clockNs) {
        long since = c.stallTold ? -1 : c.stallClock();
        boolean stallFirst = since >= 0 && clockNs - since > timers.stallReport();
        return stallFirst ? new Alarm(Kind.REPORT_STALL, after(since, timers.stallReport())) : new Alarm(kind, clockNs);
    }

    private static Alarm soonest(Alarm a, Alarm b) {
        return a.clockNs() <= b.clockNs() ? a : b;
    }

    private static Alarm once(Connection c, Kind kind, long clockNs) {
        return new Alarm(kind, (c.reported & kind.bit()) == 0 ? clockNs : Timers.NEVER);
    }

    private long periodicAt(Connection c) {
        int schedule = timers.periodic().size();
        if (schedule == 0 || !c.wasEstablished) {
            return Timers.NEVER;
        }
        int n = c.periodicReports;
        if (n < schedule) {
            return after(c.startClock, timers.periodic().get(n));
        }
        return after(c.startClock, timers.periodic().get(schedule - 1) * (n - schedule + 2));
    }

    /** How many are of no use any more: a segment came later. Only clocks that jump lead there. */
    int periodicPassed(Connection c) {
        int schedule = timers.periodic().size();
        long daily = timers.periodic().get(schedule - 1);
        long days = (c.lastClock - c.startClock) / daily;
        return days < 2 ? 0 : schedule - 2 + (int) days;
    }

    private static boolean joinedMidstream(Connection c) {
        return !c.low.syn && !c.high.syn;
    }
}
