package flowstate.topology;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * A record among the attempts that says that a partition of the input has nothing more of a session. It goes to every
 * partition: its key is the session alone, which no host's key is as short as.
 */
final class EndOfCapture implements StreamPartitioner<byte[], byte[]> {

    static byte[] key(long session) {
        return ByteBuffer.allocate(Long.BYTES).putLong(session).array();
    }

    static byte[] value(int partition) {
        return new byte[] {(byte) partition};
    }

    static boolean is(byte[] key) {
        return key.length == Long.BYTES;
    }

    static long session(byte[] key) {
        return ByteBuffer.wrap(key).getLong();
    }

    /** All others as Kafka's default partitioner has them. */
    @Override
    public Optional<Set<Integer>> partitions(String topic, byte[] key, byte[] value, int partitions) {
        return Optional.of(
                is(key)
                        ? IntStream.range(0, partitions).boxed().collect(Collectors.toSet())
                        : Set.of(Utils.toPositive(Utils.murmur2(key)) % partitions));
    }
}
