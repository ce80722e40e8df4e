package flowstate.tcp;

/**
 * Compares what several agents see of one connection: brings their times to the first agent's clock, and finds what came
 * between them. Does nothing, and costs nothing, where one agent alone sees a connection.
 */
final class Views {
    /** More than what is left of a difference where clocks are set by NTP (RFC 5905), and longer than any usual way. */
    private static final long SKEW_NS = 1_000_000_000L;

    /** What is found by the absence of a segment is never quite certain. */
    private static final double INJECTED = 0.95;

    private Views() {}

    /** Compares the times of a segment with those at which other agents saw it. */
    static void compare(Connection c, Segment s, Observer observer) {
        Observer first = c.observers.get(0);
        if (c.isAlone(observer) || !Tracker.isPlausible(s)) {
            return;
        }
        long print = Recent.print(s);
        if (!isNews(s, observer) || recent(observer).timeOf(print) != Long.MIN_VALUE) {
            // sent again, or captured twice: which copy the others saw is not known
            return;
        }
        recent(observer).add(print, s.timeNs());
        if (observer != first) {
            compare(observer, first, s, timeOf(c, first, s, print), s.timeNs());
            return;
        }
        for (int i = 1; i < c.observers.size(); i++) {
            Observer other = c.observers.get(i);
            compare(other, first, s, s.timeNs(), recent(other).timeOf(print));
        }
    }

    /**
     * Whether a segment takes what its agent saw any further. Only then is it certain to be the first of its copies: what
     * an agent saw while it was alone, or before a restart, is not kept.
     */
    private static boolean isNews(Segment s, Observer observer) {
        Flow flow = observer.flow(s.fromLow());
        if (!flow.has(Flow.BEGAN)) {
            return true;
        }
        if (s.has(Flags.RST)) {
            return !sawRst(observer.tally(s.fromLow()), s);
        }
        boolean further = s.end() - flow.next > 0;
        boolean acknowledges = s.has(Flags.ACK) && flow.has(Flow.ACKED) && s.ack() - flow.acked > 0;
        return further || acknowledges && s.seq() == flow.next;
    }

    private static void compare(Observer other, Observer first, Segment s, long atFirstNs, long atOtherNs) {
        Lag lag = other.lag;
        if (lag != null && atFirstNs != Long.MIN_VALUE && atOtherNs != Long.MIN_VALUE) {
            lag.add(s.fromLow(), atOtherNs - atFirstNs);
        }
    }

    /** The first agent saw the beginning before there was anybody to compare with. */
    private static long timeOf(Connection c, Observer first, Segment s, long print) {
        End end = c.end(s.fromLow());
        if (s.has(Flags.SYN) && !s.has(Flags.RST) && end.syn && end.base == s.seq()) {
            long time = s.has(Flags.ACK) ? first.synAckNs : first.synNs;
            if (time >= 0 && mayBeThatSyn(end, s, first.flow(s.fromLow()).latestNs == time)) {
                return time;
            }
        }
        return recent(first).timeOf(print);
    }

    /**
     * Whether a SYN is not, by its timestamp, another than the one that the first agent saw: one of both was lost and sent
     * again (RFC 7323 section 3.2).
     *
     * @param isAll whether that one is all that the first agent saw of its sender
     */
    private static boolean mayBeThatSyn(End end, Segment s, boolean isAll) {
        if (!end.isStampedAs(s)) {
            return true;
        }
        int before = -end.stampedAhead(s);
        return isAll ? before == 0 : before >= 0;
    }

    private static Recent recent(Observer observer) {
        Recent recent = observer.recent;
        if (recent == null) {
            recent = new Recent();
            observer.recent = recent;
        }
        return recent;
    }

    /**
     * The segment with its times by the first agent's clock. Where that is not known, its clock at least never goes back.
     */
    static Segment toFirstClock(Connection c, Segment s, Observer observer) {
        if (observer.lag == null) {
            return s;
        }
        long offset = observer.offsetNs();
        long clock = observer.inStep() ? s.clockNs() - offset : Math.max(s.clockNs(), c.lastClock);
        return offset == 0 && clock == s.clockNs() ? s : s.at(s.timeNs() - offset, clock);
    }

    /** Finds what a segment shows about the way between the agents; before the segment counts. */
    static void find(Connection c, Segment s, Observer observer, Findings found) {
        if (c.observers.size() < 2) {
            return;
        }
        Lag lag = observer.lag;
        if (lag != null
                && lag.knownBothWays()
                && Math.abs(lag.offsetNs()) > SKEW_NS
                && c.anomalies.of(AnomalyKind.CLOCK_SKEW) == 0) {
            found.add(
                    AnomalyKind.CLOCK_SKEW,
                    () -> "the clock of " + observer.agent + " is " + seconds(lag.offsetNs()) + " s "
                            + (lag.offsetNs() > 0 ? "ahead of" : "behind") + " that of "
                            + c.observers.get(0).agent);
        }
        if (s.has(Flags.RST)) {
            suspect(c, s, observer);
        }
    }

    private static void suspect(Connection c, Segment s, Observer observer) {
        Suspect suspect = c.suspect;
        if (suspect != null && suspect.fromLow() == s.fromLow() && suspect.seq() == s.seq()) {
            c.suspect = suspect.missedBy().equals(observer.agent) ? null : suspect;
            return;
        }
        for (int i = 0; i < c.observers.size(); i++) {
            Observer other = c.observers.get(i);
            if (passedBefore(c, other, observer, s.fromLow()) && !sawRst(other.tally(s.fromLow()), s)) {
                c.suspect =
                        new Suspect(s.fromLow(), s.seq(), s.clockNs(), s.robustTimeNs(), observer.agent, other.agent);
                return;
            }
        }
    }

    /**
     * Where what is missing before a segment was lost, as a part of a sentence: between the agent that misses it and one that
     * it passed before, which has all of it. Empty if nobody can tell.
     */
    static String where(Connection c, Segment s, Observer misses) {
        for (int i = 0; i < c.observers.size(); i++) {
            Observer other = c.observers.get(i);
            Flow flow = other.flow(s.fromLow());
            boolean hasAll = flow.has(Flow.BEGAN) && flow.unbroken - s.seq() >= 0;
            if (hasAll && passedBefore(c, other, misses, s.fromLow())) {
                return ": seen at " + other.agent + ", not at " + misses.agent
                        + ", so lost or overtaken between the two";
            }
        }
        return "";
    }

    private static boolean sawRst(Observer.Tally tally, Segment s) {
        return tally.rst && tally.rstSeq == s.seq();
    }

    /** Whether what an end sends must pass {@code other} before it comes to {@code observer}. */
    private static boolean passedBefore(Connection c, Observer other, Observer observer, boolean fromLow) {
        Observer first = c.observers.get(0);
        if (other == observer || (other != first && observer != first)) {
            return false;
        }
        Lag lag = other == first ? observer.lag : other.lag;
        if (lag == null || lag.of(fromLow).count == 0 || !lag.tellsOrder()) {
            return false;
        }
        boolean firstPasses = lag.firstIsNearLow() == fromLow;
        return firstPasses == (other == first);
    }

    /**
     * An agent's clock has come to {@code clockNs}, by the first agent's: if it should have seen a RST by then, and has seen
     * all else, that RST did not come from where it claims.
     */
    static void onClock(Connection c, long clockNs, String agent, Listener listener) {
        Suspect suspect = c.suspect;
        if (suspect == null || clockNs < suspect.dueNs() || !suspect.missedBy().equals(agent)) {
            return;
        }
        c.suspect = null;
        Observer missed = c.observerNamed(agent);
        Observer saw = c.observerNamed(suspect.seenBy());
        boolean sawAllElse = missed != null
                && saw != null
                && missed.tally(suspect.fromLow()).highest >= saw.tally(suspect.fromLow()).highest;
        if (sawAllElse && !c.captureLossSuspected()) {
            Anomalies.tellAt(
                    c,
                    AnomalyKind.SUSPECTED_RST_INJECTION,
                    INJECTED,
                    suspect.timeNs(),
                    listener,
                    "a RST of the " + c.role(suspect.fromLow()).word() + " came to " + suspect.seenBy()
                            + " and never passed " + agent + ", which sees all else that it sends before");
        }
    }

    private static String seconds(long ns) {
        return String.format(java.util.Locale.ROOT, "%.3f", Math.abs(ns) / 1e9);
    }
}
