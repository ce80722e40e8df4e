package flowstate.standalone;

import java.nio.file.Path;
import java.util.List;

/**
 * What a replay is asked to do.
 *
 * @param files capture files, at least one; each is a capture of its own
 * @param format how events are printed
 * @param temporaryFolder where the broker and the processor keep their files while it runs
 * @param port where clients reach the broker, or {@link EmbeddedBroker#FREE_PORT}
 * @param watched whether somebody is likely to watch stderr: progress is said earlier and more often
 */
record ReplayOptions(List<Path> files, OutputFormat format, Path temporaryFolder, int port, boolean watched) {}
