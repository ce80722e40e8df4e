package flowstate.capture.publish;

import flowstate.capture.decode.SkipReason;
import java.util.Locale;
import java.util.Map;

/**
 * What became of each packet of a live capture up to one moment: seen + recovered = published + skipped, by reason, +
 * own + lost + pending. What the kernel and the interface dropped was never seen.
 *
 * @param seen packets that the kernel handed out
 * @param recovered segments that an earlier run left in the spool
 * @param published segments that the broker has acknowledged
 * @param batches records that carried them
 * @param skipped packets that are no TCP segments, by reason; reasons that did not occur are absent; unmodifiable
 * @param own segments of connections by which agents publish
 * @param lost segments for which there was no room, or that the broker refused
 * @param pending segments that are on their way
 * @param spooled those of them that are on disk only
 * @param droppedByKernel packets that came faster than the agent took them
 * @param droppedByInterface packets that the interface or its driver dropped
 */
public record LiveAccount(
        long seen,
        long recovered,
        long published,
        long batches,
        Map<SkipReason, Long> skipped,
        long own,
        long lost,
        long pending,
        long spooled,
        long droppedByKernel,
        long droppedByInterface) {

    public LiveAccount {
        skipped = Skipped.occurred(skipped);
    }

    /** Packets that are no TCP segments, for all reasons together. */
    public long skippedInAll() {
        return Skipped.inAll(skipped);
    }

    /** Whether every packet that was seen is in exactly one of the counts. */
    public boolean balances() {
        return seen + recovered == published + skippedInAll() + own + lost + pending;
    }

    /** For a person, one count a line, as {@link CaptureAccount#render}; lines are separated by \n, the last has none. */
    public String render(String title) {
        StringBuilder text = new StringBuilder(title);
        line(text, "packets seen", seen);
        line(text, "segments published", published, " in " + grouped(batches) + " batches");
        seldom(text, "of an earlier run", recovered);
        seldom(text, "own traffic", own);
        skipped.forEach((reason, count) -> line(text, "skipped: " + reason.text(), count));
        seldom(text, "lost", lost);
        seldom(text, "kept in the spool", pending);
        seldom(text, "dropped by the kernel", droppedByKernel);
        seldom(text, "dropped by the interface", droppedByInterface);
        if (!balances()) {
            long known = published + skippedInAll() + own + lost + pending;
            line(text, "unaccounted for", seen + recovered - known, " (please report this)");
        }
        return text.toString();
    }

    private static void seldom(StringBuilder text, String label, long count) {
        if (count != 0) {
            line(text, label, count);
        }
    }

    private static void line(StringBuilder text, String label, long count) {
        line(text, label, count, "");
    }

    private static void line(StringBuilder text, String label, long count, String remark) {
        text.append(String.format(Locale.ROOT, "%n  %-44s %12s%s", label, grouped(count), remark));
    }

    private static String grouped(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
