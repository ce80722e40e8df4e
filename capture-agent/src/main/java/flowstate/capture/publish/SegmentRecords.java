package flowstate.capture.publish;

import flowstate.capture.decode.DecodedSegment;
import flowstate.schema.TcpSegment;
import java.util.ArrayList;
import java.util.List;

/** What was decoded, as it is published. */
public final class SegmentRecords {
    private SegmentRecords() {}

    /**
     * A segment's record.
     *
     * @param timeNs its capture time as captured, nanoseconds since 1970
     * @param fromLow whether the low end of the connection key sent it
     */
    public static TcpSegment of(DecodedSegment segment, long timeNs, boolean fromLow) {
        TcpSegment record = new TcpSegment();
        fill(record, segment, timeNs, fromLow);
        return record;
    }

    static void fill(TcpSegment record, DecodedSegment segment, long timeNs, boolean fromLow) {
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
