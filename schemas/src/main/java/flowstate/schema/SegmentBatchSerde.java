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
 * <p>Between a batch and its encoded form lie the differences that the schema tells of; see {@link Ends}. Buffers are
 * reused per thread; instances may be shared between threads.
 */
@NullUnmarked
public final class SegmentBatchSerde
        implements Serde<SegmentBatch>, Serializer<SegmentBatch>, Deserializer<SegmentBatch> {
    static final Schema SCHEMA = flowstate.schema.wire.SegmentBatch.getClassSchema();

    private static final int MOST_SEGMENTS_EXPECTED = 16;

    private final SingleObject form;
    private final ThreadLocal<Buffers> buffers = ThreadLocal.withInitial(Buffers::new);

    private static final class Buffers {
        final AvroOutput out = new AvroOutput(4096);
        final AvroInput in = new AvroInput();
        final Ends ends = new Ends();

        // most batches have those of the batch before
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

    /** What segments of a batch are written as differences from: by end, low at 0 and high at 1. */
    private static final class Ends {
        private final boolean[] sent = new boolean[2];
        private final int[] expected = new int[2];
        final int[] window = new int[2];
        final int[] ttl = new int[2];
        final int[] ipId = new int[2];
        final int[] timestampValue = new int[2];
        final int[] timestampEcho = new int[2];
        long timeNs;

        void begin(long clockNs) {
            timeNs = clockNs;
            for (int end = 0; end < 2; end++) {
                sent[end] = false;
                expected[end] = 0;
                window[end] = 0;
                ttl[end] = 0;
                ipId[end] = 0;
                timestampValue[end] = 0;
                timestampEcho[end] = 0;
            }
        }

        void sent(int end, int seq, int ack, int flags, int payload) {
            sent[end] = true;
            expected[end] = seq + payload + (flags & 1) + (flags >> 1 & 1);
            if ((flags & 16) != 0 && !sent[1 - end]) {
                expected[1 - end] = ack;
            }
        }
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
        Buffers mine = buffers.get();
        AvroOutput out = mine.out;
        out.clear();
        out.writeRaw(form.header());
        out.writeString(batch.getAgent());
        out.writeLong(batch.getSession());
        out.writeString(batch.getInterface());
        out.writeLong(batch.getSequence());
        out.writeLong(batch.getClock());
        List<TcpSegment> segments = batch.getSegments();
        int count = segments.size();
        if (count > 0) {
            out.writeInt(count);
            mine.ends.begin(batch.getClock());
            for (int i = 0; i < count; i++) {
                write(segments.get(i), mine.ends, out);
            }
        }
        out.writeInt(0);
        Progress progress = batch.getProgress();
        out.writeInt(progress == null ? 0 : 1);
        if (progress != null) {
            out.writeLong(progress.watermark());
            out.writeLong(progress.dropped());
            out.writeBoolean(progress.endOfCapture());
        }
        String tunnel = batch.getTunnel();
        out.writeInt(tunnel == null ? 0 : 1);
        if (tunnel != null) {
            out.writeString(tunnel);
        }
        return out.toBytes();
    }

    private static void write(TcpSegment s, Ends ends, AvroOutput out) {
        int end = s.getFromLow() ? 0 : 1;
        int seq = (int) s.getSeq();
        int ack = (int) s.getAck();
        out.writeLong(s.getTime() - ends.timeNs);
        out.writeBoolean(s.getFromLow());
        out.writeInt(seq - ends.expected[end]);
        out.writeInt(ack - ends.expected[1 - end]);
        out.writeInt(s.getFlags());
        out.writeInt(s.getWindow() - ends.window[end]);
        out.writeInt(s.getPayloadLength());
        out.writeInt(s.getWireLength() - s.getPayloadLength());
        out.writeInt(s.getTtl() - ends.ttl[end]);
        out.writeInt(s.getIpId() - ends.ipId[end]);
        out.writeInt(s.getTrafficClass());
        out.writeInt(s.getVlanId());
        if (s.getTimestampValue() < 0) {
            out.writeInt(0);
        } else {
            out.writeInt(1);
            int value = (int) s.getTimestampValue();
            int echo = (int) s.getTimestampEcho();
            out.writeInt(value - ends.timestampValue[end]);
            out.writeInt(echo - ends.timestampEcho[end]);
            ends.timestampValue[end] = value;
            ends.timestampEcho[end] = echo;
        }
        writeOptions(s, out);
        Integer hash = s.getPayloadHash();
        out.writeInt(hash == null ? 0 : 1);
        if (hash != null) {
            out.writeInt(hash);
        }
        out.writeInt(s.getChecksum());
        out.writeBoolean(s.getBadOptions());
        out.writeBoolean(s.getPayloadCut());
        ends.timeNs = s.getTime();
        ends.window[end] = s.getWindow();
        ends.ttl[end] = s.getTtl();
        ends.ipId[end] = s.getIpId();
        ends.sent(end, seq, ack, s.getFlags(), s.getPayloadLength());
    }

    private static void writeOptions(TcpSegment s, AvroOutput out) {
        List<Long> blocks = s.getSackBlocks();
        int edges = blocks.size();
        boolean none =
                s.getMss() < 0 && s.getWindowScale() < 0 && !s.getSackPermitted() && edges == 0 && s.getFastOpen() < 0;
        out.writeInt(none ? 0 : 1);
        if (none) {
            return;
        }
        out.writeInt(s.getMss());
        out.writeInt(s.getWindowScale());
        out.writeBoolean(s.getSackPermitted());
        if (edges > 0) {
            out.writeInt(edges);
            for (int i = 0; i < edges; i++) {
                out.writeLong(blocks.get(i));
            }
        }
        out.writeInt(0);
        out.writeInt(s.getFastOpen());
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
        mine.ends.begin(batch.getClock());
        List<TcpSegment> segments = List.of();
        for (int count = in.takeBlock(); count > 0; count = in.takeBlock()) {
            if (segments.isEmpty()) {
                segments = new ArrayList<>(Math.min(count, MOST_SEGMENTS_EXPECTED));
            }
            for (int i = 0; i < count; i++) {
                segments.add(readSegment(in, mine.ends));
            }
        }
        batch.setSegments(segments);
        if (in.takeIndex(2) == 1) {
            batch.setProgress(new Progress(in.takeLong(), in.takeLong(), in.takeBoolean()));
        }
        if (in.takeIndex(2) == 1) {
            mine.tunnel = in.takeString(mine.tunnel);
            batch.setTunnel(mine.tunnel);
        }
        return batch;
    }

    private static TcpSegment readSegment(AvroInput in, Ends ends) {
        TcpSegment s = new TcpSegment();
        ends.timeNs += in.takeLong();
        s.setTime(ends.timeNs);
        boolean fromLow = in.takeBoolean();
        int end = fromLow ? 0 : 1;
        int seq = ends.expected[end] + in.takeInt();
        int ack = ends.expected[1 - end] + in.takeInt();
        int flags = in.takeInt();
        s.setFromLow(fromLow);
        s.setSeq(Integer.toUnsignedLong(seq));
        s.setAck(Integer.toUnsignedLong(ack));
        s.setFlags(flags);
        s.setWindow(ends.window[end] += in.takeInt());
        int payload = in.takeInt();
        s.setPayloadLength(payload);
        s.setWireLength(payload + in.takeInt());
        s.setTtl(ends.ttl[end] += in.takeInt());
        s.setIpId(ends.ipId[end] += in.takeInt());
        s.setTrafficClass(in.takeInt());
        s.setVlanId(in.takeInt());
        if (in.takeIndex(2) == 1) {
            s.setTimestampValue(Integer.toUnsignedLong(ends.timestampValue[end] += in.takeInt()));
            s.setTimestampEcho(Integer.toUnsignedLong(ends.timestampEcho[end] += in.takeInt()));
        }
        if (in.takeIndex(2) == 1) {
            readOptions(in, s);
        }
        if (in.takeIndex(2) == 1) {
            s.setPayloadHash(in.takeInt());
        }
        s.setChecksum(in.takeInt());
        s.setBadOptions(in.takeBoolean());
        s.setPayloadCut(in.takeBoolean());
        ends.sent(end, seq, ack, flags, payload);
        return s;
    }

    private static void readOptions(AvroInput in, TcpSegment s) {
        s.setMss(in.takeInt());
        s.setWindowScale(in.takeInt());
        s.setSackPermitted(in.takeBoolean());
        List<Long> blocks = List.of();
        for (int count = in.takeBlock(); count > 0; count = in.takeBlock()) {
            if (blocks.isEmpty()) {
                blocks = new ArrayList<>(count);
            }
            for (int i = 0; i < count; i++) {
                blocks.add(in.takeLong());
            }
        }
        s.setSackBlocks(blocks);
        s.setFastOpen(in.takeInt());
    }

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {}
}
