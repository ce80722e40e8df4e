package flowstate.capture.publish;

import flowstate.capture.decode.DecodedSegment;
import flowstate.capture.decode.OuterHeaders;
import flowstate.capture.publish.Connections.Connection;
import flowstate.schema.ConnectionKey;
import flowstate.schema.Progress;
import flowstate.schema.Scope;
import flowstate.schema.SegmentBatch;
import flowstate.schema.TcpSegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * One session's segments on their way out: collected into a batch per connection, numbered per partition, with progress
 * in between.
 *
 * <p>A batch leaves when it is full, when the capture's clock has gone on by the linger since its first segment, or when
 * too many are open and it is the oldest. Batches of one connection leave in the order of capture. Connections without
 * an open batch are remembered for the sake of their keys, as long as there is room; so memory is bounded by the limit
 * on open batches. Not thread-safe.
 */
final class Batcher {
    /** It has been looked since the connection came: what is known of it is all there is to know. */
    static final long SURE = -1;

    private final PublisherConfig config;
    private final String capture;
    private final long session;
    private final BatchSink sink;
    private final Exclusion exclusion;
    private final long watermarkLagNs;
    private final long lingerNs;
    private final long progressIntervalNs;

    private final Connections connections;
    private final Connections.Line open = new Connections.Line();
    private final Connections.Line idle = new Connections.Line();
    private final byte[] tunnelOctets = new byte[OuterHeaders.MOST_OCTETS];
    private long takenSegments;
    private long openSegments;
    private long ownSegments;

    /** By partition: the next batch's number, and what had been dropped when progress was last told. */
    private final long[] sequences;

    private final long[] droppedTold;
    private long dropped;

    private boolean started;
    private long clockNs;
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
        this.droppedTold = new long[partitions];
        this.config = config;
        this.capture = capture;
        this.session = session;
        this.sink = sink;
        this.lingerNs = config.batching().linger().toNanos();
        this.progressIntervalNs = config.batching().progressInterval().toNanos();
        this.connections = new Connections(session);
        this.sequences = new long[partitions];
    }

    /** Segments that came into a batch. */
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
    void skipNumbers() {
        for (int partition = 0; partition < sequences.length; partition++) {
            if (sequences[partition] > 0) {
                sequences[partition]++;
            }
        }
    }

    /** Segments in batches that have not left. */
    long openSegments() {
        return openSegments;
    }

    /**
     * Moves the capture's clock: batches whose linger is over leave, progress is told when it is due. To be called for
     * each packet before its segment is added.
     *
     * @param packetClockNs nanoseconds since 1970; a clock that goes back counts as one that stands still
     */
    void advance(long packetClockNs) throws PublishException {
        if (!started) {
            started = true;
            clockNs = packetClockNs;
            progressClockNs = packetClockNs;
        }
        if (packetClockNs <= clockNs) {
            return;
        }
        clockNs = packetClockNs;
        for (Connection oldest = open.first();
                oldest != null && clockNs - oldest.openedClockNs >= lingerNs;
                oldest = open.first()) {
            close(oldest);
        }
        if (clockNs - progressClockNs >= progressIntervalNs) {
            progressClockNs = clockNs;
            tellProgress(false);
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
        if (connection.segments == null) {
            idle.remove(connection);
            open.add(connection);
            connection.openedClockNs = clockNs;
            connection.tunnelled = false;
        }
        List<TcpSegment> segments = connection.open(config.batching().segments());
        segments.add(record(segment, timeNs, fromLow));
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

    /** Of a batch the first segment that has one tells the tunnel; it is the same as before, nearly always. */
    private void noteTunnel(Connection connection, DecodedSegment segment, boolean fromLow) {
        connection.tunnelled = true;
        int length = segment.outer.write(tunnelOctets, !fromLow);
        byte[] known = connection.tunnelOctets;
        if (known == null || !Arrays.equals(known, 0, known.length, tunnelOctets, 0, length)) {
            connection.tunnelOctets = Arrays.copyOf(tunnelOctets, length);
            connection.tunnel = OuterHeaders.text(tunnelOctets, length, segment.addressLength);
        }
    }

    /** Lets every open batch leave, then tells each partition that had segments that the capture is over. */
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
        Connection connection = connections.add(key, partition(key, sequences.length));
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
        List<TcpSegment> segments = connection.segments;
        if (segments == null) {
            return;
        }
        connection.segments = null;
        open.remove(connection);
        idle.add(connection);
        openSegments -= segments.size();
        if (isExcluded(connection)) {
            ownSegments += segments.size();
            return;
        }
        send(
                connection.partition,
                connection.key,
                connection.lastClockNs,
                segments,
                connection.tunnelled ? connection.tunnel : null,
                null);
    }

    /** Every partition's watermark: where its oldest open batch began, or the present where it has none. */
    private void tellProgress(boolean end) throws PublishException {
        long[] watermarks = new long[sequences.length];
        Arrays.fill(watermarks, clockNs - watermarkLagNs);
        for (Connection each = open.first(); each != null; each = each.next) {
            watermarks[each.partition] = Math.min(watermarks[each.partition], each.openedClockNs);
        }
        boolean everywhere = end && Arrays.stream(sequences).anyMatch(sequence -> sequence > 0);
        for (int partition = 0; partition < sequences.length; partition++) {
            // that a capture has ended is said everywhere: a reader of several partitions knows when it has all of it
            if (everywhere || sequences[partition] > 0) {
                Progress progress = new Progress(watermarks[partition], dropped - droppedTold[partition], end);
                droppedTold[partition] = dropped;
                send(partition, null, watermarks[partition], List.of(), null, progress);
            }
        }
    }

    private void send(
            int partition,
            byte @Nullable [] key,
            long batchClockNs,
            List<TcpSegment> segments,
            @Nullable String tunnel,
            @Nullable Progress progress)
            throws PublishException {
        // a batch that lingered may have ended before one that has already left
        sentClockNs = Math.max(sentClockNs, batchClockNs);
        SegmentBatch batch = new SegmentBatch();
        batch.setAgent(config.observer());
        batch.setSession(session);
        batch.setInterface(capture);
        batch.setSequence(sequences[partition]++);
        batch.setClock(sentClockNs);
        batch.setSegments(segments);
        batch.setTunnel(tunnel);
        if (progress != null) {
            batch.setProgress(progress);
        }
        sink.accept(partition, key, batch);
    }

    private static TcpSegment record(DecodedSegment segment, long timeNs, boolean fromLow) {
        TcpSegment record = new TcpSegment();
        record.setTime(timeNs);
        record.setFromLow(fromLow);
        record.setSeq(segment.sequence & 0xffff_ffffL);
        record.setAck(segment.acknowledgement & 0xffff_ffffL);
        record.setFlags(segment.flags);
        record.setWindow(segment.window);
        record.setPayloadLength(segment.payloadLength);
        record.setWireLength(segment.wireLength);
        record.setTtl(segment.ttl);
        record.setIpId(segment.ipId);
        record.setTrafficClass(segment.trafficClass);
        record.setVlanId(segment.vlanId);
        record.setMss(segment.mss);
        record.setWindowScale(segment.windowScale);
        record.setSackPermitted(segment.sackPermitted);
        record.setTimestampValue(segment.timestampValue);
        record.setTimestampEcho(segment.timestampEcho);
        record.setSackBlocks(sackBlocks(segment));
        record.setFastOpen(segment.fastOpen);
        record.setChecksum(segment.checksum);
        record.setBadOptions(segment.badOptions);
        record.setPayloadCut(segment.payloadCut);
        return record;
    }

    private static List<Long> sackBlocks(DecodedSegment segment) {
        int edges = 2 * segment.sackBlockCount;
        if (edges == 0) {
            return List.of();
        }
        List<Long> blocks = new ArrayList<>(edges);
        for (int i = 0; i < edges; i++) {
            blocks.add(segment.sackEdges[i] & 0xffff_ffffL);
        }
        return blocks;
    }
}
