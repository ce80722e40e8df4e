package flowstate.capture.publish;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Lines for whoever runs the agent; of each kind one in a minute, so that what goes on for long does not fill the log. */
public final class Notices {
    private static final long INTERVAL_NS = Duration.ofMinutes(1).toNanos();

    private final Consumer<String> lines;
    private final Map<String, Long> saidNs = new HashMap<>();
    private final Map<String, Long> heldBack = new HashMap<>();

    /** @param lines takes each line that is said */
    public Notices(Consumer<String> lines) {
        this.lines = lines;
    }

    /** Says a line, unless one of this kind was said less than a minute ago. */
    public synchronized void say(String kind, String line) {
        long now = System.nanoTime();
        Long before = saidNs.get(kind);
        if (before != null && now - before < INTERVAL_NS) {
            heldBack.merge(kind, 1L, Long::sum);
            return;
        }
        saidNs.put(kind, now);
        Long more = heldBack.remove(kind);
        lines.accept(more == null ? line : line + " (" + more + " times more since it was last said)");
    }
}
