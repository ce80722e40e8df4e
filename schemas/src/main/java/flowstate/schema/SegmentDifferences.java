package flowstate.schema;

import java.util.ArrayList;
import java.util.List;

/**
 * Segments of one connection as they are written: as differences from those before, as the schema tells. By end, low at 0 and
 * high at 1. Not thread-safe; meant to be reused.
 */
final class SegmentDifferences {
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

    void write(TcpSegment s, AvroOutput out) {
        int end = s.getFromLow() ? 0 : 1;
        int seq = (int) s.getSeq();
        int ack = (int) s.getAck();
        out.writeLong(s.getTime() - timeNs);
        out.writeBoolean(s.getFromLow());
        out.writeInt(seq - expected[end]);
        out.writeInt(ack - expected[1 - end]);
        out.writeInt(s.getFlags());
        out.writeInt(s.getWindow() - window[end]);
        out.writeInt(s.getPayloadLength());
        out.writeInt(s.getWireLength() - s.getPayloadLength());
        out.writeInt(s.getTtl() - ttl[end]);
        out.writeInt(s.getIpId() - ipId[end]);
        out.writeInt(s.getTrafficClass());
        out.writeInt(s.getVlanId());
        if (s.getTimestampValue() < 0) {
            out.writeInt(0);
        } else {
            out.writeInt(1);
            int value = (int) s.getTimestampValue();
            int echo = (int) s.getTimestampEcho();
            out.writeInt(value - timestampValue[end]);
            out.writeInt(echo - timestampEcho[end]);
            timestampValue[end] = value;
            timestampEcho[end] = echo;
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
        timeNs = s.getTime();
        window[end] = s.getWindow();
        ttl[end] = s.getTtl();
        ipId[end] = s.getIpId();
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

    TcpSegment read(AvroInput in) {
        TcpSegment s = new TcpSegment();
        timeNs += in.takeLong();
        s.setTime(timeNs);
        boolean fromLow = in.takeBoolean();
        int end = fromLow ? 0 : 1;
        int seq = expected[end] + in.takeInt();
        int ack = expected[1 - end] + in.takeInt();
        int flags = in.takeInt();
        s.setFromLow(fromLow);
        s.setSeq(Integer.toUnsignedLong(seq));
        s.setAck(Integer.toUnsignedLong(ack));
        s.setFlags(flags);
        s.setWindow(window[end] += in.takeInt());
        int payload = in.takeInt();
        s.setPayloadLength(payload);
        s.setWireLength(payload + in.takeInt());
        s.setTtl(ttl[end] += in.takeInt());
        s.setIpId(ipId[end] += in.takeInt());
        s.setTrafficClass(in.takeInt());
        s.setVlanId(in.takeInt());
        if (in.takeIndex(2) == 1) {
            s.setTimestampValue(Integer.toUnsignedLong(timestampValue[end] += in.takeInt()));
            s.setTimestampEcho(Integer.toUnsignedLong(timestampEcho[end] += in.takeInt()));
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
        sent(end, seq, ack, flags, payload);
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
}
