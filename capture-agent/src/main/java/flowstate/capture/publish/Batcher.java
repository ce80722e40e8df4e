package flowstate.capture.publish;

import flowstate.capture.decode.DecodedSegment;
import flowstate.capture.decode.OuterHeaders;
import flowstate.capture.publish.Connections.Connection;
import flowstate.schema.CollectedSegments;
import flowstate.schema.ConnectionKey;
import flowstate.schema.Progress;
import flowstate.schema.Scope;
import flowstate.schema.TcpSegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * One session's segments on their way out: collected by connection, and these by partition into batches, which are numbered,
 * with progress in between.
 *
 * <p>A connection's open segments go into its partition's batch when they are as many as may be, when the capture's clock has
 * gone on by the linger since the first of them, or when too many connections have some and these are the oldest. A batch
 * leaves when it is full, and all of them do when it has been looked whose linger is over ({@link Batching#sweep}), so that
 * many connections share a batch. A connection's segments leave in the order of capture. Connections without open segments are
 * remembered for the sake of their keys, as long as there is room; so memory is bounded by the limit on those that have some.
 * Not thread-safe.
 */
final class Batcher {
    /** It has been looked since the connection came: what is known of it is all there is to know. */
    static final long SURE = -1;

    /** Some 500 octets each. */
    private static final int MOST_SPARE = 4096;

    private final PublisherConfig config;
    private final String capture;
    private final long session;
    private final BatchSink sink;
    private final Exclusion exclusion;
    private final long watermarkLagNs;
    private final long lingerNs;
    private final long sweepIntervalNs;
    private final long progressIntervalNs;

    private final Connections connections;
    private final Connections.Line open = new Connections.Line();
    private final Connections.Line idle = new Connections.Line();
    private final Deque<CollectedSegments> spare = new ArrayDeque<>();
    private final TcpSegment record = new TcpSegment();
    private final byte[] tunnelOctets = new byte[OuterHeaders.MOST_OCTETS];
    private long takenSegments;
    private long openSegments;
    private long ownSegments;

    private final PartitionBatch[] batches;
    private long dropped;

    private boolean started;
    private long clockNs;
    private long sweptClockNs;
    private long progressClockNs;
    private long sentClockNs = Long.MIN_VALUE;

    /**
     * A session that has not begun.
     *
     * @param capture what the records are to name as the interface
     * @param session nanoseconds since 1970 at its start
     * @param partitions of the segments topic, at least 1
     */
    Batcher(PublisherConfig config, String capture, long session, int partitions, BatchSink sink) {
        this(config, capture, session, partitions, sink, Exclusion.NOTHING, 0);
    }

    /**
     * A session of a live capture that has not begun.
     *
     * @param exclusion what is not to be published
     * @param watermarkLagNs how far the clock may be ahead of packets that the kernel still holds
     */
    Batcher(
            PublisherConfig config,
            String capture,
            long session,
            int partitions,
            BatchSink sink,
            Exclusion exclusion,
            long watermarkLagNs) {
        this.exclusion = exclusion;
        this.watermarkLagNs = watermarkLagNs;
        this.config = config;
        this.capture = capture;
        this.session = session;
        this.sink = sink;
        this.lingerNs = config.batching().linger().toNanos();
        this.sweepIntervalNs = config.batching().sweep().toNanos();
        this.progressIntervalNs = config.batching().progressInterval().toNanos();
        this.connections = new Connections(session);
        this.batches = new PartitionBatch[partitions];
        Arrays.setAll(batches, PartitionBatch::new);
    }

    /** Segments that were taken in. */
    long takenSegments() {
        return takenSegments;
    }

    /** Segments of connections that are not to be published. */
    long ownSegments() {
        return ownSegments;
    }

    /** Packets that were dropped before they came here, in all; told with the next progress. */
    void dropped(long total) {
        dropped = total;
    }

    /** Leaves a number out on each partition: packets were missed, nobody knows how many. */
    void skipNumbers() throws PublishException {
        for (PartitionBatch batch : batches) {
            if (batch.isUsed()) {
                leaveUnlessEmpty(batch);
                batch.skipNumber();
            }
        }
    }

    /** Segments that have not left. */
    long openSegments() {
        return openSegments;
    }

    /**
     * Moves the capture's clock: segments whose linger is over leave, progress is told when it is due. To be called for
     * each packet before its segment is added.
     *
     * @param packetClockNs nanoseconds since 1970; a clock that goes back counts as one that stands still
     */
    void advance(long packetClockNs) throws PublishException {
        if (!started) {
            started = true;
            clockNs = packetClockNs;
            sweptClockNs = packetClockNs;
            progressClockNs = packetClockNs;
        }
        if (packetClockNs <= clockNs) {
            return;
        }
        clockNs = packetClockNs;
        if (clockNs - sweptClockNs >= sweepIntervalNs) {
            sweptClockNs = clockNs;
            sweep();
            sink.pause();
        }
        if (clockNs - progressClockNs >= progressIntervalNs) {
            progressClockNs = clockNs;
            tellProgress(false);
        }
    }

    /** How long after the last {@link #advance} segments that are open leave, by the capture's clock. */
    long nsToSweep() {
        return sweptClockNs + sweepIntervalNs - clockNs;
    }

    private void sweep() throws PublishException {
        for (Connection oldest = open.first();
                oldest != null && clockNs - oldest.openedClockNs >= lingerNs;
                oldest = open.first()) {
            close(oldest);
        }
        for (PartitionBatch batch : batches) {
            leaveUnlessEmpty(batch);
        }
    }

    /**
     * Adds a segment at the present clock.
     *
     * @param timeNs its capture time as captured, nanoseconds since 1970
     */
    void add(DecodedSegment segment, long timeNs) throws PublishException {
        Connection connection = connections.find(segment);
        boolean fromLow = connections.fromLow();
        if (connection == null) {
            connection = admit(segment);
        }
        if (connection.excludedVersion != exclusion.version()) {
            judge(connection);
        }
        if (connection.excluded && connection.segments == null) {
            takenSegments++;
            ownSegments++;
            return;
        }
        CollectedSegments segments = connection.segments;
        if (segments == null) {
            idle.remove(connection);
            open.add(connection);
            connection.openedClockNs = clockNs;
            connection.tunnelled = false;
            segments = spare.isEmpty() ? new CollectedSegments() : spare.pop();
            segments.clear();
            connection.segments = segments;
        }
        SegmentRecords.fill(record, segment, timeNs, fromLow);
        segments.add(record);
        if (segment.outerHeaders > 0 && !connection.tunnelled) {
            noteTunnel(connection, segment, fromLow);
        }
        connection.lastClockNs = clockNs;
        takenSegments++;
        openSegments++;
        if (segments.size() >= config.batching().segments()) {
            close(connection);
        }
    }

    /** The first open segment that has one tells the tunnel; it is the same as before, nearly always. */
    private void noteTunnel(Connection connection, DecodedSegment segment, boolean fromLow) {
        connection.tunnelled = true;
        int length = segment.outer.write(tunnelOctets, !fromLow);
        byte[] known = connection.tunnelOctets;
        if (known == null || !Arrays.equals(known, 0, known.length, tunnelOctets, 0, length)) {
            connection.tunnelOctets = Arrays.copyOf(tunnelOctets, length);
            connection.tunnel = OuterHeaders.text(tunnelOctets, length, segment.addressLength);
        }
    }

    /** Lets everything leave, and tells each partition that the capture is over, if any had segments. */
    void finish() throws PublishException {
        for (Connection oldest = open.first(); oldest != null; oldest = open.first()) {
            close(oldest);
        }
        tellProgress(true);
    }

    /** A place for a new connection, idle as yet; the least recently used gives way when there is none. */
    private Connection admit(DecodedSegment segment) throws PublishException {
        while (connections.size() >= config.batching().open()) {
            Connection oldestOpen = open.first();
            if (idle.first() == null && oldestOpen != null) {
                close(oldestOpen);
            }
            Connection leaver = idle.first();
            if (leaver != null) {
                idle.remove(leaver);
                connections.remove(leaver);
            }
        }
        byte[] source = Arrays.copyOf(segment.source, segment.addressLength);
        byte[] destination = Arrays.copyOf(segment.destination, segment.addressLength);
        String scope = Scope.of(source, destination, config.agent(), config.network());
        byte[] key = ConnectionKey.of(source, segment.sourcePort, destination, segment.destinationPort, scope)
                .toBytes();
        exclusion.look(false);
        Connection connection = connections.add(key, partition(key, batches.length));
        connection.looksBefore = exclusion.looks();
        judge(connection);
        idle.add(connection);
        return connection;
    }

    /**
     * Where Kafka's default partitioner puts a key. Computed here because the sequence numbers are per partition, and
     * must be in the record before the producer would choose.
     */
    static int partition(byte[] key, int partitions) {
        return Utils.toPositive(Utils.murmur2(key)) % partitions;
    }

    private void judge(Connection connection) {
        connection.excludedVersion = exclusion.version();
        connection.excluded = exclusion.excludes(ConnectionKey.fromBytes(connection.key));
    }

    /** Whether it is not to be published; nothing of a connection leaves before it was looked after it came. */
    private boolean isExcluded(Connection connection) {
        if (connection.looksBefore != SURE) {
            if (exclusion.looks() == connection.looksBefore) {
                exclusion.look(true);
            }
            connection.looksBefore = SURE;
        }
        if (connection.excludedVersion != exclusion.version()) {
            judge(connection);
        }
        return connection.excluded;
    }

    private void close(Connection connection) throws PublishException {
        CollectedSegments segments = connection.segments;
        if (segments == null) {
            return;
        }
        connection.segments = null;
        open.remove(connection);
        idle.add(connection);
        PartitionBatch batch = batches[connection.partition];
        if (isExcluded(connection)) {
            openSegments -= segments.size();
            ownSegments += segments.size();
        } else {
            // what lingered may have ended before what is in a batch already
            sentClockNs = Math.max(sentClockNs, connection.lastClockNs);
            batch.add(connection, sentClockNs, segments);
        }
        if (spare.size() < MOST_SPARE) {
            spare.push(segments);
        }
        if (batch.isFull()) {
            leave(batch, null);
        }
    }

    private void leaveUnlessEmpty(PartitionBatch batch) throws PublishException {
        if (!batch.isEmpty()) {
            leave(batch, null);
        }
    }

    private void leave(PartitionBatch batch, @Nullable Progress progress) throws PublishException {
        openSegments -= batch.segments();
        batch.leave(config, session, capture, progress, sink);
    }

    /** Every partition's watermark: where its oldest open segments began, or the present where it has none. */
    private void tellProgress(boolean end) throws PublishException {
        long[] watermarks = new long[batches.length];
        Arrays.fill(watermarks, clockNs - watermarkLagNs);
        for (Connection each = open.first(); each != null; each = each.next) {
            watermarks[each.partition] = Math.min(watermarks[each.partition], each.openedClockNs);
        }
        // that a capture has ended is said everywhere: a reader of several partitions knows when it has all of it
        boolean everywhere = end && Arrays.stream(batches).anyMatch(PartitionBatch::isUsed);
        for (int partition = 0; partition < batches.length; partition++) {
            PartitionBatch batch = batches[partition];
            if (everywhere || batch.isUsed()) {
                leave(batch, batch.progress(watermarks[partition], dropped, end));
            }
        }
    }
}
