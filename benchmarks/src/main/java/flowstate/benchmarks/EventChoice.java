package flowstate.benchmarks;

import java.util.List;
import picocli.CommandLine.Option;

/** The option that has a replay tell some events only. */
final class EventChoice {
    @Option(
            names = "--events",
            paramLabel = "EVENTS",
            defaultValue = "",
            description =
                    "What replay is told to publish, ENDED among it (default: all). Goals are not for such a choice.")
    private String events = "";

    boolean isAll() {
        return events.isEmpty();
    }

    /** As replay has it. */
    List<String> option() {
        return isAll() ? List.of() : List.of("--events", events);
    }

    /** To put behind what is measured. */
    String describe() {
        return isAll() ? "" : " " + String.join(" ", option());
    }
}
