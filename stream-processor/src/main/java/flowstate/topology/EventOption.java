package flowstate.topology;

import flowstate.tcp.EventKind;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says which lifecycle events are published. A picocli mixin. */
public final class EventOption {
    @Option(
            names = "--events",
            paramLabel = "EVENT[,EVENT…]",
            split = ",",
            hideParamSyntax = true,
            description =
                    "Which lifecycle events to publish, such as RESET,ENDED (default: all); anomalies come in any case."
                            + " ENDED alone is one record for each connection, once it is settled, as in Zeek's conn.log.")
    private @Nullable Set<EventKind> events;

    /** At least one. */
    public Set<EventKind> events() {
        return events == null ? EnumSet.allOf(EventKind.class) : events;
    }
}
