package flowstate.capture.publish;

import flowstate.capture.decode.SkipReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of each packet of one capture: read = published + filtered out + skipped, by reason, + failed.
 *
 * @param capture the capture file's path as the user gave it, or the interface's name
 * @param read packets taken from the capture
 * @param published segments that the broker has acknowledged
 * @param batches records that carried them
 * @param filteredOut packets that the filter did not select
 * @param skipped packets that are no TCP segments, by reason; reasons that did not occur are absent; unmodifiable
 * @param failed segments that the broker has not acknowledged; 0 unless publishing failed
 * @param interrupted whether the agent was told to stop before the capture's end
 * @param brokenOff why the capture could not be read to its end, one line for a person; null if it was
 */
public record CaptureAccount(
        String capture,
        long read,
        long published,
        long batches,
        long filteredOut,
        Map<SkipReason, Long> skipped,
        long failed,
        boolean interrupted,
        @Nullable String brokenOff) {

    public CaptureAccount {
        skipped = Skipped.occurred(skipped);
    }

    /** Packets that are no TCP segments, for all reasons together. */
    public long skippedInAll() {
        return Skipped.inAll(skipped);
    }

    /** Whether every packet that was read is in exactly one of the counts. */
    public boolean balances() {
        return read == published + filteredOut + skippedInAll() + failed;
    }

    /**
     * For a person: a line with the capture's name and what cut it short, then one count a line, aligned; counts that
     * are usually 0 appear only when they are not. Lines are separated by \n, the last has none.
     */
    public String render() {
        record Line(String label, long count, String remark) {}
        List<Line> lines = new ArrayList<>();
        lines.add(new Line("packets read", read, ""));
        lines.add(new Line("segments published", published, " in " + grouped(batches) + " batches"));
        if (filteredOut > 0) {
            lines.add(new Line("filtered out", filteredOut, ""));
        }
        skipped.forEach((reason, count) -> lines.add(new Line("skipped: " + reason.text(), count, "")));
        if (failed > 0) {
            lines.add(new Line("not acknowledged", failed, ""));
        }
        if (!balances()) {
            long known = published + filteredOut + skippedInAll() + failed;
            lines.add(new Line("unaccounted for", read - known, " (please report this)"));
        }
        int labelWidth = 0;
        int countWidth = 0;
        for (Line line : lines) {
            labelWidth = Math.max(labelWidth, line.label.length());
            countWidth = Math.max(countWidth, grouped(line.count).length());
        }
        StringBuilder text = new StringBuilder(capture);
        text.append(interrupted ? " (stopped before its end)" : brokenOff != null ? " (broken off)" : "");
        for (Line line : lines) {
            text.append("\n  ").append(line.label).append(" ".repeat(labelWidth - line.label.length() + 2));
            String count = grouped(line.count);
            text.append(" ".repeat(countWidth - count.length())).append(count).append(line.remark);
        }
        return text.toString();
    }

    private static String grouped(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
