package flowstate.topology;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the records on the segments topic that are no segment batches, and are skipped: one bad producer must not stop
 * everybody's connections. Told at 1, 10, 100 and so on. Thread-safe.
 */
public final class UnreadableRecords {
    private static final Logger LOG = LoggerFactory.getLogger(UnreadableRecords.class);
    private static final AtomicLong COUNT = new AtomicLong();

    private UnreadableRecords() {}

    /**
     * A record is skipped.
     *
     * @param record where it is
     * @param reason why it cannot be read
     */
    static void skip(Optional<RecordMetadata> record, RuntimeException reason) {
        long count = COUNT.incrementAndGet();
        if (Long.toString(count).matches("10*")) {
            LOG.warn(
                    "skipped an unreadable record, number {} since the start: {}: {}",
                    count,
                    record.map(at ->
                                    "topic " + at.topic() + ", partition " + at.partition() + ", offset " + at.offset())
                            .orElse("from nowhere"),
                    reason.getMessage());
        }
    }

    /** Records skipped by this process since its start. */
    public static long count() {
        return COUNT.get();
    }
}
