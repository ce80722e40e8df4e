package flowstate.standalone;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** Says on stderr how far a long replay has come: every second to somebody who watches, else every 5 s. */
final class Progress {
    private static final long WATCHED_NS = Duration.ofSeconds(1).toNanos();
    private static final long UNWATCHED_NS = Duration.ofSeconds(5).toNanos();
    // starting up is not worth a word
    private static final long QUIET_NS = Duration.ofSeconds(5).toNanos();

    private final PrintWriter err;
    private final long intervalNs;
    private long nextNs;

    Progress(PrintWriter err, boolean watched, long startedNs) {
        this.err = err;
        this.intervalNs = watched ? WATCHED_NS : UNWATCHED_NS;
        this.nextNs = startedNs + QUIET_NS;
    }

    void tell(long nowNs, long packets, long events, int filesDone, int files) {
        if (nowNs - nextNs < 0) {
            return;
        }
        nextNs = nowNs + intervalNs;
        if (packets == 0) {
            err.println("flowstate: starting up");
            err.flush();
            return;
        }
        String ofFiles = files == 1 ? "" : String.format(Locale.ROOT, "%d of %d files, ", filesDone, files);
        err.println(String.format(Locale.ROOT, "flowstate: %s%,d packets read, %,d events", ofFiles, packets, events));
        err.flush();
    }
}
