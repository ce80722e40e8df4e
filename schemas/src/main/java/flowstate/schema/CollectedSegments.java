package flowstate.schema;

import flowstate.octets.Varint;
import java.util.Arrays;

/**
 * Some segments of one connection, encoded as they are collected: what {@link SegmentBatchWriter} puts into a batch when its clock
 * is known. Takes some 20 octets a segment. Not thread-safe; meant to be reused.
 */
public final class CollectedSegments {
    private final int[] last = SegmentDifferences.ofNothing();
    private byte[] octets = new byte[256];
    private int length;
    private int size;
    private long firstTimeNs;
    private long lastTimeNs;

    /** Forgets what was collected. */
    public void clear() {
        SegmentDifferences.begin(last);
        length = 0;
        size = 0;
    }

    public int size() {
        return size;
    }

    /** Adds a segment, which may be changed then. */
    public void add(TcpSegment segment) {
        int room = length + Varint.LONGEST + SegmentDifferences.mostOctets(segment);
        if (room > octets.length) {
            octets = Arrays.copyOf(octets, Math.max(2 * octets.length, room));
        }
        int at = length;
        long timeNs = segment.getTime();
        if (size == 0) {
            // the schema has it as a difference from a clock that is not known yet
            firstTimeNs = timeNs;
        } else {
            at = Varint.put(octets, at, timeNs - lastTimeNs);
        }
        lastTimeNs = timeNs;
        length = SegmentDifferences.write(last, segment, octets, at);
        size++;
    }

    /** Writes them as an array of the schema. */
    void writeTo(AvroOutput out, long clockNs) {
        if (size > 0) {
            out.writeInt(size);
            out.writeLong(firstTimeNs - clockNs);
            out.writeFixed(octets, 0, length);
        }
        out.writeInt(0);
    }
}
