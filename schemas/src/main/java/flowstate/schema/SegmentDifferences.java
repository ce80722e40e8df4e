package flowstate.schema;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Segments of one connection as they are written: as differences from those before, as the schema tells; what
 * they differ from is kept by end. Not thread-safe; meant to be reused.
 */
final class SegmentDifferences {
    private static final int SENT = 0;
    private static final int EXPECTED = 1;
    private static final int WINDOW = 2;
    private static final int TTL = 3;
    private static final int IP_ID = 4;
    private static final int TIMESTAMP_VALUE = 5;
    private static final int TIMESTAMP_ECHO = 6;

    /** What is kept of an end. */
    private static final int KEPT = 8;

    private static final int LOW = 0;
    private static final int HIGH = KEPT;

    private final int[] last = new int[2 * KEPT];

    /** Begins with the first segment. */
    void begin() {
        Arrays.fill(last, 0);
    }

    private void sent(int end, int seq, int ack, int flags, int payload) {
        int other = HIGH - end;
        last[end + SENT] = 1;
        last[end + EXPECTED] = seq + payload + (flags & 1) + (flags >> 1 & 1);
        if ((flags & 16) != 0 && last[other + SENT] == 0) {
            last[other + EXPECTED] = ack;
        }
    }

    /** Writes all of a segment that comes after its time. */
    void write(TcpSegment s, AvroOutput out) {
        int end = s.getFromLow() ? LOW : HIGH;
        int seq = (int) s.getSeq();
        int ack = (int) s.getAck();
        out.writeBoolean(s.getFromLow());
        out.writeInt(seq - last[end + EXPECTED]);
        out.writeInt(ack - last[HIGH - end + EXPECTED]);
        out.writeInt(s.getFlags());
        out.writeInt(s.getWindow() - last[end + WINDOW]);
        out.writeInt(s.getPayloadLength());
        out.writeInt(s.getWireLength() - s.getPayloadLength());
        out.writeInt(s.getTtl() - last[end + TTL]);
        out.writeInt(s.getIpId() - last[end + IP_ID]);
        out.writeInt(s.getTrafficClass());
        out.writeInt(s.getVlanId());
        if (s.getTimestampValue() < 0) {
            out.writeInt(0);
        } else {
            out.writeInt(1);
            int value = (int) s.getTimestampValue();
            int echo = (int) s.getTimestampEcho();
            out.writeInt(value - last[end + TIMESTAMP_VALUE]);
            out.writeInt(echo - last[end + TIMESTAMP_ECHO]);
            last[end + TIMESTAMP_VALUE] = value;
            last[end + TIMESTAMP_ECHO] = echo;
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
        last[end + WINDOW] = s.getWindow();
        last[end + TTL] = s.getTtl();
        last[end + IP_ID] = s.getIpId();
        sent(end, seq, ack, s.getFlags(), s.getPayloadLength());
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

    /** Reads all of a segment that comes after its time, into one of which nothing is left then. */
    void read(AvroInput in, long timeNs, TcpSegment s) {
        boolean fromLow = in.takeBoolean();
        int end = fromLow ? LOW : HIGH;
        int seq = last[end + EXPECTED] + in.takeInt();
        int ack = last[HIGH - end + EXPECTED] + in.takeInt();
        int flags = in.takeInt();
        s.setTime(timeNs);
        s.setFromLow(fromLow);
        s.setSeq(Integer.toUnsignedLong(seq));
        s.setAck(Integer.toUnsignedLong(ack));
        s.setFlags(flags);
        s.setWindow(last[end + WINDOW] += in.takeInt());
        int payload = in.takeInt();
        s.setPayloadLength(payload);
        s.setWireLength(payload + in.takeInt());
        s.setTtl(last[end + TTL] += in.takeInt());
        s.setIpId(last[end + IP_ID] += in.takeInt());
        s.setTrafficClass(in.takeInt());
        s.setVlanId(in.takeInt());
        if (in.takeIndex(2) == 1) {
            s.setTimestampValue(Integer.toUnsignedLong(last[end + TIMESTAMP_VALUE] += in.takeInt()));
            s.setTimestampEcho(Integer.toUnsignedLong(last[end + TIMESTAMP_ECHO] += in.takeInt()));
        } else {
            s.setTimestampValue(-1);
            s.setTimestampEcho(-1);
        }
        if (in.takeIndex(2) == 1) {
            readOptions(in, s);
        } else {
            setOptions(s, -1, -1, false, List.of(), -1);
        }
        s.setPayloadHash(in.takeIndex(2) == 1 ? (Integer) in.takeInt() : null);
        s.setChecksum(in.takeInt());
        s.setBadOptions(in.takeBoolean());
        s.setPayloadCut(in.takeBoolean());
        sent(end, seq, ack, flags, payload);
    }

    private static void readOptions(AvroInput in, TcpSegment s) {
        int mss = in.takeInt();
        int windowScale = in.takeInt();
        boolean sackPermitted = in.takeBoolean();
        List<Long> blocks = List.of();
        for (int count = in.takeBlock(); count > 0; count = in.takeBlock()) {
            if (blocks.isEmpty()) {
                blocks = new ArrayList<>(count);
            }
            for (int i = 0; i < count; i++) {
                blocks.add(in.takeLong());
            }
        }
        setOptions(s, mss, windowScale, sackPermitted, blocks, in.takeInt());
    }

    private static void setOptions(
            TcpSegment s, int mss, int windowScale, boolean sackPermitted, List<Long> blocks, int fastOpen) {
        s.setMss(mss);
        s.setWindowScale(windowScale);
        s.setSackPermitted(sackPermitted);
        s.setSackBlocks(blocks);
        s.setFastOpen(fastOpen);
    }
}
