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
 * @param lostTo the latest point of its clock up to which something of it was lost; {@link #NEVER} if nothing was
 * @param ending why it is done, while not all of its connections have ended; null as long as it goes on
 */
record ObserverProgress(
        long session,
        long nextSequence,
        long watermark,
        long missed,
        long lostTo,
        @Nullable EndReason ending) {
    static final long NEVER = Long.MIN_VALUE;

    private static final int LENGTH = 4 * Long.BYTES;
    private static final EndReason[] REASONS = EndReason.values();

    /** Eight octets more if something was lost, one while it is ending. */
    static final Serde<ObserverProgress> SERDE = Serdes.serdeFrom(
            (topic, progress) -> progress == null ? null : write(progress),
            (topic, bytes) -> bytes == null ? null : read(ByteBuffer.wrap(bytes)));

    static ObserverProgress start(long session) {
        return new ObserverProgress(session, 0, Long.MIN_VALUE, 0, NEVER, null);
    }

    /** Of an agent that will say nothing more. */
    static ObserverProgress ending(Ending ending, long lostTo) {
        return new ObserverProgress(ending.session(), 0, ending.atNs(), 0, lostTo, ending.reason());
    }

    private static byte[] write(ObserverProgress progress) {
        EndReason ending = progress.ending;
        boolean lost = progress.lostTo != NEVER;
        ByteBuffer out = ByteBuffer.allocate(LENGTH + (lost ? Long.BYTES : 0) + (ending == null ? 0 : 1))
                .putLong(progress.session)
                .putLong(progress.nextSequence)
                .putLong(progress.watermark)
                .putLong(progress.missed);
        if (lost) {
            out.putLong(progress.lostTo);
        }
        if (ending != null) {
            out.put((byte) ending.ordinal());
        }
        return out.array();
    }

    private static ObserverProgress read(ByteBuffer in) {
        return new ObserverProgress(
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.remaining() >= Long.BYTES ? in.getLong() : NEVER,
                in.hasRemaining() ? REASONS[in.get()] : null);
    }
}
