package flowstate.benchmarks;

import flowstate.schema.EndReason;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.Teardown;
import org.jspecify.annotations.Nullable;

/** How a generated connection ends, and how its settled record says so. */
enum Close {
    FOUR_SEGMENTS("4-way close"),
    THREE_SEGMENTS("3-way close"),
    RESET("reset by responder"),
    REFUSED("refused"),
    UNANSWERED(" S0 ");

    private static final Close[] ALL = values();

    private final String printed;

    Close(String printed) {
        this.printed = printed;
    }

    /** That of a printed line, or null if it tells another end. */
    static @Nullable Close of(String endedLine) {
        for (Close each : ALL) {
            if (endedLine.contains(each.printed)) {
                return each;
            }
        }
        return null;
    }

    /** That of a settled record, or null if it tells another end. */
    static @Nullable Close of(LifecycleEvent ended) {
        if (ended.getConnState().equals("S0")) {
            return UNANSWERED;
        }
        EndReason reason = ended.getEndReason();
        Teardown teardown = ended.getTeardown();
        if (reason == EndReason.REJECTED) {
            return REFUSED;
        }
        if (reason == EndReason.RST_RESPONDER) {
            return RESET;
        }
        return reason != EndReason.FIN
                ? null
                : teardown == Teardown.FOUR_SEGMENTS
                        ? FOUR_SEGMENTS
                        : teardown == Teardown.THREE_SEGMENTS ? THREE_SEGMENTS : null;
    }
}
