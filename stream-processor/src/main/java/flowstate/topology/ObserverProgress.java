package flowstate.topology;

import flowstate.tcp.EndReason;
import flowstate.topology.Endings.Ending;
import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/**
 * What one agent has told one partition last.
 *
 * @param session its session
 * @param nextSequence the batch number that is expected next
 * @param watermark how far its capture has come, nanoseconds since 1970
 * @param missed batches of it that never arrived
 * @param ending why it is done, while not all of its connections have ended; null as long as it goes on
 */
record ObserverProgress(
        long session,
        long nextSequence,
        long watermark,
        long missed,
        @Nullable EndReason ending) {
    private static final int LENGTH = 4 * Long.BYTES;
    private static final EndReason[] REASONS = EndReason.values();

    /** An octet more while it is ending. */
    static final Serde<ObserverProgress> SERDE = Serdes.serdeFrom(
            (topic, progress) -> progress == null ? null : write(progress),
            (topic, bytes) -> bytes == null ? null : read(ByteBuffer.wrap(bytes)));

    static ObserverProgress start(long session) {
        return new ObserverProgress(session, 0, Long.MIN_VALUE, 0, null);
    }

    /** Of an agent that will say nothing more. */
    static ObserverProgress ending(Ending ending) {
        return new ObserverProgress(ending.session(), 0, ending.atNs(), 0, ending.reason());
    }

    private static byte[] write(ObserverProgress progress) {
        EndReason ending = progress.ending;
        ByteBuffer out = ByteBuffer.allocate(ending == null ? LENGTH : LENGTH + 1)
                .putLong(progress.session)
                .putLong(progress.nextSequence)
                .putLong(progress.watermark)
                .putLong(progress.missed);
        if (ending != null) {
            out.put((byte) ending.ordinal());
        }
        return out.array();
    }

    private static ObserverProgress read(ByteBuffer in) {
        return new ObserverProgress(
                in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.hasRemaining() ? REASONS[in.get()] : null);
    }
}
