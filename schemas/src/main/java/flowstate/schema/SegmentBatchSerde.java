package flowstate.schema;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.NullUnmarked;

/**
 * Segment batches as Avro's single-object encoding, written and read by hand: they are what the pipeline has most of, and
 * Avro's own coders cost some ten times as much. A test holds that Avro reads and writes the same.
 *
 * <p>Between a batch and its encoded form lie the differences that the schema tells of; see {@link SegmentDifferences}.
 * Whoever reads many has a {@link SegmentBatchReader}, which is what reads them here. Buffers are reused per thread;
 * instances may be shared between threads.
 */
@NullUnmarked
public final class SegmentBatchSerde
        implements Serde<SegmentBatch>, Serializer<SegmentBatch>, Deserializer<SegmentBatch> {
    static final Schema SCHEMA = flowstate.schema.wire.SegmentBatch.getClassSchema();

    private final ThreadLocal<SegmentBatchWriter> writers = ThreadLocal.withInitial(SegmentBatchWriter::new);
    private final ThreadLocal<SegmentBatchReader> readers;

    public SegmentBatchSerde() {
        this(SingleObject.released(SCHEMA));
    }

    SegmentBatchSerde(Collection<Schema> otherVersions) {
        readers = ThreadLocal.withInitial(() -> new SegmentBatchReader(otherVersions));
    }

    @Override
    public Serializer<SegmentBatch> serializer() {
        return this;
    }

    @Override
    public Deserializer<SegmentBatch> deserializer() {
        return this;
    }

    @Override
    public byte[] serialize(String topic, SegmentBatch batch) {
        if (batch == null) {
            return null;
        }
        SegmentBatchWriter writer = writers.get();
        writer.begin(batch.getClock());
        List<ConnectionSegments> connections = batch.getConnections();
        for (ConnectionSegments each : connections) {
            writer.add(each);
        }
        return writer.finish(
                batch.getAgent(), batch.getSession(), batch.getInterface(), batch.getSequence(), batch.getProgress());
    }

    /**
     * Reads a batch.
     *
     * @throws SerializationException if no known version of the schema wrote it, or it is cut short or wrong
     */
    @Override
    public SegmentBatch deserialize(String topic, byte[] bytes) {
        if (bytes == null) {
            return null;
        }
        SegmentBatchReader reader = readers.get();
        reader.read(topic, bytes);
        return reader.take();
    }

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {}
}
