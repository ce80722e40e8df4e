package flowstate.capture.publish;

import flowstate.capture.decode.Checksums;
import flowstate.capture.decode.DecodedSegment;
import flowstate.capture.decode.PacketDecoder;
import flowstate.capture.decode.SkipReason;
import flowstate.capture.source.LiveSource;
import flowstate.capture.source.PcapngFile;
import flowstate.capture.source.RawPacket;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One interface on its way to the outbox: a session and observer of its own. One thread runs it; the counts can be
 * asked for by others, between two handfuls of packets.
 */
final class LiveSession implements Runnable {
    private static final int HANDFUL = 256;
    private static final int IDLE_MS = 100;
    private static final long STATISTICS_INTERVAL_NS = Duration.ofSeconds(1).toNanos();

    private final LiveSource source;
    private final Batcher batcher;
    private final @Nullable PcapngFile copy;
    private final RawPacket packet = new RawPacket();
    private final DecodedSegment segment = new DecodedSegment();
    private final PacketDecoder decoder;

    /** Held while packets are taken: all counts agree whenever it is free. */
    final ReentrantLock lock = new ReentrantLock();

    private final long[] skipped = new long[SkipReason.values().length];
    private long seen;
    private long seenBeforeWaiting;
    private long blindSpots;
    private long statisticsClockNs = Long.MIN_VALUE;
    private volatile boolean stopped;

    LiveSession(LiveSource source, Checksums checksums, Batcher batcher, @Nullable PcapngFile copy) {
        this.source = source;
        this.decoder = new PacketDecoder(checksums);
        this.batcher = batcher;
        this.copy = copy;
    }

    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        try {
            while (!stopped) {
                boolean idle;
                int limitMs;
                lock.lock();
                try {
                    idle = takeHandful();
                    limitMs = batcher.openSegments() > 0 ? msToSweep() : IDLE_MS;
                } finally {
                    lock.unlock();
                }
                if (idle) {
                    source.await(limitMs, seen != seenBeforeWaiting);
                    seenBeforeWaiting = seen;
                }
            }
            lock.lock();
            try {
                readStatistics();
                batcher.finish();
            } finally {
                lock.unlock();
            }
        } catch (PublishException e) {
            throw new IllegalStateException("an outbox takes everything", e);
        } finally {
            source.close();
        }
    }

    private int msToSweep() {
        return (int) Math.max(1, Math.min(IDLE_MS, batcher.nsToSweep() / 1_000_000 + 1));
    }

    /** Takes what is there, up to a handful of packets. Returns whether there is no more. */
    private boolean takeHandful() throws PublishException {
        for (int i = 0; i < HANDFUL; i++) {
            source.next(packet);
            if (packet.clockNs - statisticsClockNs >= STATISTICS_INTERVAL_NS || statisticsClockNs == Long.MIN_VALUE) {
                statisticsClockNs = packet.clockNs;
                readStatistics();
            }
            batcher.advance(packet.clockNs);
            if (packet.tick) {
                return true;
            }
            seen++;
            if (copy != null) {
                copy.write(packet);
            }
            SkipReason reason = decoder.decode(
                    packet.linkType,
                    packet.buffer,
                    packet.offset,
                    packet.capturedLength,
                    packet.originalLength,
                    segment);
            if (reason == null) {
                // headers are all that was asked for: payload that was not looked at is not missing
                segment.payloadCut = false;
                batcher.add(segment, packet.timeNs);
            } else {
                skipped[reason.ordinal()]++;
            }
        }
        return false;
    }

    private void readStatistics() throws PublishException {
        source.readStatistics();
        batcher.dropped(source.droppedByKernel() + source.droppedByInterface());
        if (source.blindSpots() != blindSpots) {
            blindSpots = source.blindSpots();
            batcher.skipNumbers();
        }
        if (copy != null) {
            copy.settle();
        }
    }

    /** To be asked for with the lock held, as all below. */
    long seen() {
        return seen;
    }

    long skipped(SkipReason reason) {
        return skipped[reason.ordinal()];
    }

    long own() {
        return batcher.ownSegments();
    }

    long open() {
        return batcher.openSegments();
    }

    long droppedByKernel() {
        return source.droppedByKernel();
    }

    long droppedByInterface() {
        return source.droppedByInterface();
    }

    boolean isCapturing() {
        return source.isCapturing();
    }
}
