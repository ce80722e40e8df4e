package flowstate.hosts;

import flowstate.hosts.HostKey.Watch;
import flowstate.hosts.Notice.Course;
import java.util.List;

/**
 * Attempts whose times are near each other, counted in the pane of time that is the latest, and the one before. Attempts of
 * the pane before count there; earlier ones are too late to count.
 */
final class Lane {
    /** A time further from the latest pane than this belongs to another lane: another capture, or a clock that is off. */
    private static final long NEAR_PANES = 10;

    /** Where less is certain than this share of the attempts, the whole is doubtful. */
    private static final double DOUBTFUL = 0.5;

    /** The counts of one pane. */
    static final class Pane {
        long failed;
        long opened;
        long firstNs = Long.MAX_VALUE;
        Distinct targets = new Distinct();
    }

    long number;
    Pane latest = new Pane();
    Pane before = new Pane();
    /** The targets of both. */
    Distinct targets = new Distinct();

    Distinct hosts = new Distinct();
    Distinct ports = new Distinct();
    byte[] peer = {};
    String capture = "";

    boolean lasts;
    long beganNs;
    long lastNs;
    long count;
    long doubtful;

    Lane(long number) {
        this.number = number;
    }

    boolean isNear(long pane) {
        return Math.abs(pane - number) <= NEAR_PANES;
    }

    void add(HostRules rules, Watch watch, int port, Attempt a, List<Notice> notices) {
        long pane = Math.floorDiv(a.timeNs(), rules.paneNs());
        while (pane > number) {
            advance(rules, watch, port, pane, notices);
        }
        if (pane < number - 1) {
            return;
        }
        capture = a.capture();
        Pane in = pane == number ? latest : before;
        if (a.outcome() == Attempt.Outcome.OPENED) {
            in.opened += a.weight();
            return;
        }
        in.failed += a.weight();
        in.firstNs = Math.min(in.firstNs, a.timeNs());
        lastNs = Math.max(lastNs, a.timeNs());
        doubtful += a.doubtful() ? 1 : 0;
        if (watch == Watch.PORT_SCAN) {
            long target = Distinct.hash(a.peer(), a.port());
            in.targets.add(target);
            targets.add(target);
            hosts.add(Distinct.hash(a.peer(), 0));
            ports.add(Distinct.hash(new byte[0], a.port()));
            peer = a.peer();
        }
        judge(rules, watch, port, a, notices);
    }

    private void judge(HostRules rules, Watch watch, int port, Attempt a, List<Notice> notices) {
        if (lasts) {
            long was = count;
            count += a.weight();
            if (powersOfTen(count) > powersOfTen(was)) {
                notices.add(notice(Course.GOES_ON, watch, port, lastNs));
            }
        } else if (level(watch) >= rules.begin(watch) && mostFail()) {
            lasts = true;
            beganNs = Math.min(latest.firstNs, before.firstNs);
            count = latest.failed + before.failed;
            notices.add(notice(Course.BEGAN, watch, port, Math.max(lastNs, beganNs)));
        }
    }

    private long level(Watch watch) {
        return watch == Watch.SYN_FLOOD ? latest.failed + before.failed : targets.count();
    }

    /** A busy server, or a busy client, has failures, too. */
    private boolean mostFail() {
        return latest.failed + before.failed >= latest.opened + before.opened;
    }

    private static int powersOfTen(long n) {
        int powers = 0;
        for (long rest = n; rest >= 10; rest /= 10) {
            powers++;
        }
        return powers;
    }

    /** Goes on by a pane, or to {@code pane} at once where there is nothing between. */
    private void advance(HostRules rules, Watch watch, int port, long pane, List<Notice> notices) {
        if (lasts && level(watch) < rules.end(watch)) {
            finish(watch, port, notices);
        }
        if (!lasts) {
            hosts = new Distinct();
            ports = new Distinct();
            doubtful = 0;
        }
        boolean nothingLeft = latest.failed + latest.opened == 0;
        before = latest;
        latest = new Pane();
        targets = before.targets.copy();
        number = nothingLeft && !lasts ? pane : number + 1;
    }

    /** Nothing more will come: what lasts, ends. */
    void finish(Watch watch, int port, List<Notice> notices) {
        if (lasts) {
            lasts = false;
            notices.add(notice(Course.ENDED, watch, port, lastNs));
        }
    }

    private Notice notice(Course course, Watch watch, int port, long atNs) {
        boolean sure = doubtful < DOUBTFUL * count;
        return new Notice(course, beganNs, atNs, count, sure ? 1 : DOUBTFUL, capture, message(watch, port));
    }

    private String message(Watch watch, int port) {
        if (watch == Watch.SYN_FLOOD) {
            return count + " attempts on port " + port + " were not completed";
        }
        return count + " attempts on " + number(ports, "port") + " of " + number(hosts, "host") + " failed";
    }

    private static String number(Distinct things, String one) {
        int n = things.count();
        return (things.estimates ? "some " : "") + n + " " + one + (n == 1 ? "" : "s");
    }
}
