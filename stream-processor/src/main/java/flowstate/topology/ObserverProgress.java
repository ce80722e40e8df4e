package flowstate.topology;

import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * What one agent has told one partition last.
 *
 * @param session its session
 * @param nextSequence the batch number that is expected next
 * @param watermark how far its capture has come, nanoseconds since 1970
 * @param missed batches of it that never arrived
 */
record ObserverProgress(long session, long nextSequence, long watermark, long missed) {
    private static final int LENGTH = 4 * Long.BYTES;

    static final Serde<ObserverProgress> SERDE = Serdes.serdeFrom(
            (topic, progress) -> progress == null
                    ? null
                    : ByteBuffer.allocate(LENGTH)
                            .putLong(progress.session)
                            .putLong(progress.nextSequence)
                            .putLong(progress.watermark)
                            .putLong(progress.missed)
                            .array(),
            (topic, bytes) -> {
                if (bytes == null) {
                    return null;
                }
                ByteBuffer in = ByteBuffer.wrap(bytes);
                return new ObserverProgress(in.getLong(), in.getLong(), in.getLong(), in.getLong());
            });

    static ObserverProgress start(long session) {
        return new ObserverProgress(session, 0, Long.MIN_VALUE, 0);
    }
}
