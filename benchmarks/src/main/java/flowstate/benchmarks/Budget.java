package flowstate.benchmarks;

import java.time.Duration;

/** Time that a measurement has, from its making on. */
final class Budget {
    private final long deadlineNs;

    Budget(Duration time) {
        this.deadlineNs = System.nanoTime() + time.toNanos();
    }

    /** What is left, at least 1 s. */
    Duration left() {
        return Duration.ofNanos(Math.max(Duration.ofSeconds(1).toNanos(), deadlineNs - System.nanoTime()));
    }

    /** The shorter of what is left and a limit. */
    Duration atMost(Duration limit) {
        return left().compareTo(limit) < 0 ? left() : limit;
    }

    /** Whether something that took some time will probably fit in once more. */
    boolean allows(double seconds) {
        return deadlineNs - System.nanoTime() > seconds * 1.2e9;
    }
}
