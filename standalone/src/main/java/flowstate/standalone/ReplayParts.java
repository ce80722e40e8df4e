package flowstate.standalone;

import flowstate.capture.decode.Checksums;
import flowstate.capture.source.CaptureException;
import flowstate.capture.source.PacketSource;
import flowstate.topology.TrackerSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The parts that a replay runs between the files and the events, with the user's options in them. */
public interface ReplayParts extends AutoCloseable {

    /** Makes the parts for one replay. */
    interface Factory {
        /**
         * The parts with these options.
         *
         * @param filter which packets count, in tcpdump's language; null for all
         * @param tracker what the tracker goes by
         * @param checksums whether wrong ones count
         * @throws IllegalArgumentException if the filter is wrong
         * @throws StandaloneException if filters cannot be had here
         */
        ReplayParts create(@Nullable String filter, TrackerSettings tracker, Checksums checksums)
                throws StandaloneException;
    }

    /**
     * Opens a capture file, which may be a pipe: it is opened once.
     *
     * @throws CaptureException if it cannot be read at all
     */
    PacketSource open(Path file) throws CaptureException;

    /** A publisher to the cluster, whose topics are there. */
    FilePublisher publisher(String bootstrapServers) throws StandaloneException, InterruptedException;

    /**
     * Starts the processor; need not wait until it runs.
     *
     * @param stateFolder where its stores go; made when needed, deleted by the caller
     */
    SegmentProcessor processor(String bootstrapServers, Path stateFolder) throws StandaloneException;

    /** Frees what the parts share. */
    @Override
    void close();
}
