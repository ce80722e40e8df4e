package flowstate.standalone;

import flowstate.capture.ChecksumOption;
import flowstate.capture.decode.Checksums;
import flowstate.topology.EventOption;
import flowstate.topology.TrackerSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What every command that runs the whole pipeline in one process can be told. A picocli mixin. */
final class PipelineOptions {
    @Option(
            names = "--format",
            order = 41,
            paramLabel = "text|json",
            description = "How events are printed (default: text).",
            defaultValue = "text")
    private OutputFormat format;

    @Option(
            names = "--timers",
            order = 42,
            paramLabel = "default|zeek",
            description = "Whose timers to go by (default: default); zeek's are shorter.",
            defaultValue = "default")
    private TimerProfile timers;

    @Option(
            names = "--temp-dir",
            order = 43,
            paramLabel = "DIR",
            description = "Where to keep Kafka's files until the end (default: the system's folder for such).",
            defaultValue = "${sys:java.io.tmpdir}")
    private Path temporaryFolder;

    @Option(
            names = "--port",
            order = 44,
            paramLabel = "PORT",
            description = "Port of the Kafka broker on 127.0.0.1, for a look inside (default: a free one).")
    private @Nullable Integer port;

    @Mixin
    private EventOption events;

    @Mixin
    private ChecksumOption checksums;

    OutputFormat format() {
        return format;
    }

    /** What the tracker is to go by. */
    TrackerSettings tracker() {
        return TrackerSettings.DEFAULT.with(timers.timers()).with(events.events());
    }

    /** What is done about checksums in capture files: Zeek's results are compared with where Zeek did not verify. */
    Checksums checksumsInFiles() {
        return checksums.or(timers == TimerProfile.ZEEK ? Checksums.ignore : Checksums.verify);
    }

    /** What is done about checksums of a live capture, where what the host sends has none yet. */
    Checksums checksumsLive() {
        return checksums.or(Checksums.ignore);
    }

    Path temporaryFolder() {
        return temporaryFolder;
    }

    /**
     * The broker's port, or {@link EmbeddedBroker#FREE_PORT}.
     *
     * @throws ParameterException if it is none
     */
    int port(CommandSpec spec) {
        Integer chosen = port;
        if (chosen == null) {
            return EmbeddedBroker.FREE_PORT;
        }
        if (chosen < 1 || chosen > 65535) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--port must be 1 to 65535, was " + chosen + "; without it a free port is taken");
        }
        return chosen;
    }
}
