package flowstate.capture;

import flowstate.capture.publish.LivePublisher.SpoolConfig;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options for what live capture keeps on disk while no broker takes it. A picocli mixin. */
final class SpoolOptions {
    /** What gives way when the spool is full. */
    enum WhenFull {
        oldest,
        newest
    }

    @Option(
            names = "--spool-dir",
            order = 21,
            paramLabel = "FOLDER",
            description = "Where live capture keeps what no broker takes, in a folder of the agent's name (default:"
                    + " .flowstate/agent in the home folder).",
            defaultValue = "${sys:user.home}/.flowstate/agent")
    private Path folder;

    @Option(
            names = "--spool-limit",
            order = 22,
            paramLabel = "MB",
            description = "How many million octets are kept there at most; 0 for no spool (default: ${DEFAULT-VALUE}).",
            defaultValue = "1000")
    private long limitMegabytes;

    @Option(
            names = "--spool-full",
            order = 23,
            paramLabel = "oldest|newest",
            description = "Which segments are lost when the spool is full (default: ${DEFAULT-VALUE}).",
            defaultValue = "oldest")
    private WhenFull whenFull;

    /** The spool of an agent; null for none. */
    @Nullable
    SpoolConfig spool(String agent) {
        if (limitMegabytes < 0) {
            throw new IllegalArgumentException("the spool's limit must not be negative, was " + limitMegabytes);
        }
        return limitMegabytes == 0
                ? null
                : new SpoolConfig(
                        folder.resolve(agent.replaceAll("[^A-Za-z0-9._-]", "_")),
                        limitMegabytes * 1_000_000,
                        whenFull == WhenFull.oldest);
    }
}
