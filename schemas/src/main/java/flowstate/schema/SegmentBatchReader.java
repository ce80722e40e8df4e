package flowstate.schema;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Segment batches, read from Avro's single-object encoding one at a time, into objects that are used again: there is a segment
 * every microsecond, and making one of each costs more than reading it. The whole batch is read before anything of it is handed
 * out, so that nobody ever goes by half of one that is malformed.
 *
 * <p>Connections and segments go by their positions in the batch, segments along all of its connections. What each field means
 * is in the schema. Not thread-safe.
 */
public final class SegmentBatchReader {
    /** Segments kept for the next batches; most have fewer. */
    private static final int MOST_KEPT = 4096;

    private final SingleObject form;
    private final AvroInput in = new AvroInput();
    private final int[] last = SegmentDifferences.ofNothing();

    // most have those of the batch before
    private String agent = "";
    private String captureInterface = "";
    private String latestTunnel = "";

    private long session;
    private long sequence;
    private long clock;
    private @Nullable Progress progress;

    private byte[] octets = {};
    private int connections;
    private int[] keyStarts = new int[64];
    private int[] keyEnds = new int[64];
    private long[] clocks = new long[64];
    private @Nullable String[] tunnels = new String[64];
    private int[] ends = new int[64];

    /** Those of the batch first, then what is kept. */
    private final ArrayList<TcpSegment> segments = new ArrayList<>();

    private int size;

    public SegmentBatchReader() {
        this(SingleObject.released(SegmentBatchSerde.SCHEMA));
    }

    SegmentBatchReader(Collection<Schema> otherVersions) {
        this.form = new SingleObject(SegmentBatchSerde.SCHEMA, otherVersions);
    }

    /**
     * Reads a batch, which takes the place of the one before. Its octets must not be changed as long as it is used.
     *
     * @throws SerializationException if no known version of the schema wrote it, or it is cut short or wrong; then there is none
     */
    public void read(String topic, byte[] bytes) {
        forget();
        byte[] own = form.own(topic, bytes);
        in.reset(own, SingleObject.HEADER_LENGTH, own.length);
        octets = own;
        try {
            read();
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            forget();
            throw new SerializationException(
                    "cannot read a SegmentBatch of " + bytes.length + " octets on " + topic + ": " + e.getMessage(), e);
        }
    }

    private void forget() {
        connections = 0;
        size = 0;
        progress = null;
        if (segments.size() > MOST_KEPT) {
            segments.subList(MOST_KEPT, segments.size()).clear();
        }
    }

    private void read() {
        agent = in.takeString(agent);
        session = in.takeLong();
        captureInterface = in.takeString(captureInterface);
        sequence = in.takeLong();
        clock = in.takeLong();
        long clockNs = clock;
        for (int count = in.takeBlock(); count > 0; count = in.takeBlock()) {
            for (int i = 0; i < count; i++) {
                clockNs = readConnection(clockNs);
            }
        }
        if (in.takeIndex(2) == 1) {
            progress = new Progress(in.takeLong(), in.takeLong(), in.takeBoolean());
        }
    }

    private long readConnection(long previousClockNs) {
        int connection = connections++;
        if (connection == ends.length) {
            makeRoom();
        }
        int keyLength = in.takeCount();
        keyStarts[connection] = in.next(keyLength);
        keyEnds[connection] = keyStarts[connection] + keyLength;
        long clockNs = previousClockNs + in.takeLong();
        clocks[connection] = clockNs;
        boolean tunnelled = in.takeIndex(2) == 1;
        if (tunnelled) {
            latestTunnel = in.takeString(latestTunnel);
        }
        tunnels[connection] = tunnelled ? latestTunnel : null;
        readSegments(clockNs);
        ends[connection] = size;
        return clockNs;
    }

    private void readSegments(long clockNs) {
        SegmentDifferences.begin(last);
        long timeNs = clockNs;
        for (int count = in.takeBlock(); count > 0; count = in.takeBlock()) {
            for (int i = 0; i < count; i++) {
                timeNs += in.takeLong();
                if (size == segments.size()) {
                    segments.add(new TcpSegment());
                }
                SegmentDifferences.read(last, in, timeNs, segments.get(size++));
            }
        }
    }

    private void makeRoom() {
        int room = 2 * connections;
        keyStarts = Arrays.copyOf(keyStarts, room);
        keyEnds = Arrays.copyOf(keyEnds, room);
        clocks = Arrays.copyOf(clocks, room);
        tunnels = Arrays.copyOf(tunnels, room);
        ends = Arrays.copyOf(ends, room);
    }

    public String agent() {
        return agent;
    }

    public long session() {
        return session;
    }

    public String captureInterface() {
        return captureInterface;
    }

    public long sequence() {
        return sequence;
    }

    public long clock() {
        return clock;
    }

    public @Nullable Progress progress() {
        return progress;
    }

    /** How many connections it tells of. */
    public int connections() {
        return connections;
    }

    /** The octets that {@link #keyStart} and {@link #keyEnd} are places in; not to be changed. */
    public byte[] octets() {
        return octets;
    }

    public int keyStart(int connection) {
        return keyStarts[connection];
    }

    public int keyEnd(int connection) {
        return keyEnds[connection];
    }

    /** The agent's capture clock at the last segment of a connection, nanoseconds since 1970. */
    public long clock(int connection) {
        return clocks[connection];
    }

    /** The same at the last of all its segments; at the batch's beginning if there is none. */
    public long lastClock() {
        return connections == 0 ? clock : clocks[connections - 1];
    }

    /** What the first tunnelled segment of a connection was wrapped in; null if none was. */
    public @Nullable String tunnel(int connection) {
        return tunnels[connection];
    }

    /** The first of a connection's segments. */
    public int first(int connection) {
        return connection == 0 ? 0 : ends[connection - 1];
    }

    /** The one after the last of a connection's segments. */
    public int end(int connection) {
        return ends[connection];
    }

    /** All segments, and more behind them that mean nothing; they change with the next batch. */
    public List<TcpSegment> segments() {
        return segments;
    }

    /** The batch as objects of its own. */
    SegmentBatch take() {
        SegmentBatch batch = new SegmentBatch();
        batch.setAgent(agent);
        batch.setSession(session);
        batch.setInterface(captureInterface);
        batch.setSequence(sequence);
        batch.setClock(clock);
        batch.setProgress(progress);
        if (connections > 0) {
            List<ConnectionSegments> all = new ArrayList<>(connections);
            for (int i = 0; i < connections; i++) {
                all.add(new ConnectionSegments(
                        Arrays.copyOfRange(octets, keyStarts[i], keyEnds[i]),
                        clocks[i],
                        tunnels[i],
                        new ArrayList<>(segments.subList(first(i), end(i)))));
            }
            batch.setConnections(all);
        }
        segments.subList(0, size).clear();
        forget();
        return batch;
    }
}
