package flowstate.topology;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Skips records on the segments topic that are no segment batches, and counts them: one bad producer must not stop
 * everybody's connections. Told at 1, 10, 100 and so on. Kafka makes an instance a thread; the count is of all.
 */
public final class UnreadableRecords implements DeserializationExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(UnreadableRecords.class);
    private static final AtomicLong COUNT = new AtomicLong();

    @Override
    public Response handleError(
            ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
        long count = COUNT.incrementAndGet();
        if (Long.toString(count).matches("10*")) {
            LOG.warn(
                    "skipped an unreadable record, number {} since the start: topic {}, partition {}, offset {}: {}",
                    count,
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    exception.getMessage());
        }
        return Response.resume();
    }

    /** Records skipped by this process since its start. */
    public static long count() {
        return COUNT.get();
    }

    @Override
    public void configure(Map<String, ?> configs) {}
}
