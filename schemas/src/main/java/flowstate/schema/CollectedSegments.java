package flowstate.schema;

/**
 * Some segments of one connection, encoded as they are collected: what {@link SegmentBatchWriter} puts into a batch when its clock
 * is known. Takes some 20 octets a segment. Not thread-safe; meant to be reused.
 */
public final class CollectedSegments {
    private final AvroOutput octets = new AvroOutput(128);
    private final SegmentDifferences differences = new SegmentDifferences();
    private int size;
    private long firstTimeNs;
    private long lastTimeNs;

    /** Forgets what was collected. */
    public void clear() {
        octets.clear();
        differences.begin();
        size = 0;
    }

    public int size() {
        return size;
    }

    /** Adds a segment, which may be changed then. */
    public void add(TcpSegment segment) {
        long timeNs = segment.getTime();
        if (size == 0) {
            // the schema has it as a difference from a clock that is not known yet
            firstTimeNs = timeNs;
        } else {
            octets.writeLong(timeNs - lastTimeNs);
        }
        lastTimeNs = timeNs;
        differences.write(segment, octets);
        size++;
    }

    /** Writes them as an array of the schema. */
    void writeTo(AvroOutput out, long clockNs) {
        if (size > 0) {
            out.writeInt(size);
            out.writeLong(firstTimeNs - clockNs);
            out.write(octets);
        }
        out.writeInt(0);
    }
}
