package flowstate.hosts;

import java.util.concurrent.TimeUnit;

/**
 * From how many failed attempts on a host is said to be flooded, or to scan, and when no more. All numbers are of one to two
 * panes of time; an end takes fewer than a beginning, so that what varies about a threshold is not told again and again.
 *
 * @param paneNs length of a pane, nanoseconds, at least 1 s
 * @param floodBegin unanswered attempts on one port, at least 1
 * @param floodEnd fewer than these end it
 * @param scanBegin ports of hosts that an originator tried in vain, at least 1
 * @param scanEnd fewer than these end it
 */
public record HostRules(long paneNs, int floodBegin, int floodEnd, int scanBegin, int scanEnd) {
    /**
     * A Linux server keeps a half-open connection for 63 s (five retries of the SYN-ACK) and has room for 1,024 of them where
     * nobody has said more: 1,000 in 30 to 60 s are what fills it. Zeek takes 25 addresses for a scan.
     */
    public static final HostRules DEFAULT = new HostRules(TimeUnit.SECONDS.toNanos(30), 1_000, 250, 25, 8);

    /**
     * Rules with other beginnings, and ends in proportion.
     *
     * @param flood unanswered attempts on one port that are a flood, at least 4
     * @param scan ports that are a scan if tried in vain, at least 3
     */
    public static HostRules of(int flood, int scan) {
        if (flood < 4 || scan < 3) {
            throw new IllegalArgumentException("a flood has at least 4 attempts, was " + flood
                    + ", and a scan at least 3 ports, was " + scan + ": fewer could not end before they begin");
        }
        return new HostRules(DEFAULT.paneNs(), flood, flood / 4, scan, scan / 3);
    }

    public HostRules {
        if (paneNs < 1_000_000_000L) {
            throw new IllegalArgumentException(
                    "a pane of time must be at least 1 s, was " + paneNs + " ns: attempts are not told in order");
        }
        if (floodBegin < 1 || scanBegin < 1 || floodEnd > floodBegin || scanEnd > scanBegin) {
            throw new IllegalArgumentException(
                    "a threshold must be at least 1, and no less than that of the end: flood " + floodBegin + "/"
                            + floodEnd + ", scan " + scanBegin + "/" + scanEnd);
        }
    }

    int begin(HostKey.Watch watch) {
        return watch == HostKey.Watch.SYN_FLOOD ? floodBegin : scanBegin;
    }

    int end(HostKey.Watch watch) {
        return watch == HostKey.Watch.SYN_FLOOD ? floodEnd : scanEnd;
    }
}
