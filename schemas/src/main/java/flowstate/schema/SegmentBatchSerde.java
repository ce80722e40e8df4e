package flowstate.schema;

import java.util.ArrayList;
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
 * <p>Between a batch and its encoded form lie the differences that the schema tells of; see {@link SegmentDifferences}. Buffers are
 * reused per thread; instances may be shared between threads.
 */
@NullUnmarked
public final class SegmentBatchSerde
        implements Serde<SegmentBatch>, Serializer<SegmentBatch>, Deserializer<SegmentBatch> {
    static final Schema SCHEMA = flowstate.schema.wire.SegmentBatch.getClassSchema();

    /** A hostile count shall not take memory before the octets are there. */
    private static final int MOST_EXPECTED = 64;

    private final SingleObject form;
    private final ThreadLocal<Buffers> buffers = ThreadLocal.withInitial(Buffers::new);

    private static final class Buffers {
        final SegmentBatchWriter writer = new SegmentBatchWriter();
        final AvroInput in = new AvroInput();
        final SegmentDifferences differences = new SegmentDifferences();

        // most have those of the one before
        String agent = "";
        String captureInterface = "";
        String tunnel = "";
    }

    public SegmentBatchSerde() {
        this(SingleObject.released(SCHEMA));
    }

    SegmentBatchSerde(Collection<Schema> otherVersions) {
        this.form = new SingleObject(SCHEMA, otherVersions);
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
        SegmentBatchWriter writer = buffers.get().writer;
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
        byte[] own = form.own(topic, bytes);
        Buffers mine = buffers.get();
        mine.in.reset(own, SingleObject.HEADER_LENGTH, own.length);
        try {
            return read(mine);
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new SerializationException(
                    "cannot read a SegmentBatch of " + bytes.length + " octets on " + topic + ": " + e.getMessage(), e);
        }
    }

    private static SegmentBatch read(Buffers mine) {
        AvroInput in = mine.in;
        SegmentBatch batch = new SegmentBatch();
        mine.agent = in.takeString(mine.agent);
        batch.setAgent(mine.agent);
        batch.setSession(in.takeLong());
        mine.captureInterface = in.takeString(mine.captureInterface);
        batch.setInterface(mine.captureInterface);
        batch.setSequence(in.takeLong());
        batch.setClock(in.takeLong());
        List<ConnectionSegments> connections = List.of();
        long clockNs = batch.getClock();
        for (int count = in.takeBlock(); count > 0; count = in.takeBlock()) {
            if (connections.isEmpty()) {
                connections = new ArrayList<>(Math.min(count, MOST_EXPECTED));
            }
            for (int i = 0; i < count; i++) {
                ConnectionSegments each = readConnection(mine, clockNs);
                connections.add(each);
                clockNs = each.clock();
            }
        }
        batch.setConnections(connections);
        if (in.takeIndex(2) == 1) {
            batch.setProgress(new Progress(in.takeLong(), in.takeLong(), in.takeBoolean()));
        }
        return batch;
    }

    private static ConnectionSegments readConnection(Buffers mine, long previousClockNs) {
        AvroInput in = mine.in;
        byte[] key = in.takeBytes();
        long clockNs = previousClockNs + in.takeLong();
        String tunnel = null;
        if (in.takeIndex(2) == 1) {
            mine.tunnel = in.takeString(mine.tunnel);
            tunnel = mine.tunnel;
        }
        List<TcpSegment> segments = List.of();
        mine.differences.begin();
        long timeNs = clockNs;
        for (int count = in.takeBlock(); count > 0; count = in.takeBlock()) {
            if (segments.isEmpty()) {
                segments = new ArrayList<>(Math.min(count, MOST_EXPECTED));
            }
            for (int i = 0; i < count; i++) {
                timeNs += in.takeLong();
                segments.add(mine.differences.read(in, timeNs));
            }
        }
        return new ConnectionSegments(key, clockNs, tunnel, segments);
    }

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {}
}
