package flowstate.tcp;

/**
 * Which timer of a connection is due next. Asked with each segment, so that it makes no objects but for timers that are due. Not
 * thread-safe.
 */
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
    private Kind soonest = Kind.GIVE_UP;
    private long soonestNs;

    Alarms(Timers timers) {
        this.timers = timers;
    }

    Alarm next(Connection c) {
        long clockNs = nextNs(c);
        return new Alarm(soonest, clockNs);
    }

    /** When the next is due; {@link Timers#NEVER} if there is none. */
    long nextNs(Connection c) {
        soonestNs = Timers.NEVER;
        Phase phase = c.phase();
        long closeLimit = c.lastFinClock < 0 ? Timers.NEVER : after(c.lastFinClock, timers.closeLimit());
        if (phase.isOver()) {
            long linger = phase == Phase.CLOSED ? timers.timeWait() : timers.resetLinger();
            offer(Kind.LET_GO, Math.min(after(c.overClock, linger), closeLimit));
            return soonestNs;
        }
        offerReport(c, phase);
        offer(Kind.PERIODIC, periodicAt(c));
        if (c.low.rstPending || c.high.rstPending) {
            offer(Kind.CONFIRM_RST, after(c.lastClock, timers.resetLinger()));
        } else {
            offer(Kind.GIVE_UP, Math.min(giveUpAt(c, phase), closeLimit));
        }
        return soonestNs;
    }

    /** Of those that are due at the same time, the first that is offered comes first. */
    private void offer(Kind kind, long clockNs) {
        if (clockNs < soonestNs) {
            soonest = kind;
            soonestNs = clockNs;
        }
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

    private void offerReport(Connection c, Phase phase) {
        switch (phase) {
            case OPENING -> {
                if (c.synAckClock < 0) {
                    offerOnce(c, Kind.REPORT_ATTEMPT, after(c.startClock, timers.attemptReport()));
                } else {
                    offerOnce(c, Kind.REPORT_HALF_OPEN, after(c.synAckClock, timers.handshakeReport()));
                }
            }
            case ESTABLISHED -> {
                boolean told = (c.reported & Kind.REPORT_IDLE.bit()) != 0;
                offerOrStall(c, Kind.REPORT_IDLE, told ? Timers.NEVER : after(c.lastClock, timers.idleReport()));
            }
            case HALF_CLOSED, CLOSING -> {
                if (c.finClock >= 0) {
                    offerOnce(c, Kind.REPORT_FIN, after(c.finClock, timers.finReport()));
                    return;
                }
                boolean more = c.halfClosedReports < timers.halfClosedReports().size();
                long open = more && c.halfClosedClock >= 0
                        ? after(c.halfClosedClock, timers.halfClosedReports().get(c.halfClosedReports))
                        : Timers.NEVER;
                boolean leak = c.closeWaitClock >= 0 && (c.reported & Kind.REPORT_LEAK.bit()) == 0;
                long leakAt = leak ? after(c.closeWaitClock, timers.closeWaitLeak()) : Timers.NEVER;
                if (open <= leakAt) {
                    offerOrStall(c, Kind.REPORT_HALF_CLOSED, open);
                } else {
                    offerOrStall(c, Kind.REPORT_LEAK, leakAt);
                }
            }
            default -> throw new IllegalStateException("a connection that is over has nothing to report: " + phase);
        }
    }

    private void offerOrStall(Connection c, Kind kind, long clockNs) {
        long since = c.stallTold ? -1 : c.stallClock();
        if (since >= 0 && clockNs - since > timers.stallReport()) {
            offer(Kind.REPORT_STALL, after(since, timers.stallReport()));
        } else {
            offer(kind, clockNs);
        }
    }

    private void offerOnce(Connection c, Kind kind, long clockNs) {
        if ((c.reported & kind.bit()) == 0) {
            offer(kind, clockNs);
        }
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
