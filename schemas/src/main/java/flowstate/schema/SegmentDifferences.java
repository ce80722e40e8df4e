package flowstate.schema;

import flowstate.octets.Varint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Segments of one connection as they are written: as differences from those before, as the schema tells. What they differ
 * from is kept by end, in numbers that the caller holds.
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

    /** 22 numbers of 32 bits, of five octets each at the most, and four booleans. */
    private static final int MOST_OCTETS = 128;

    private SegmentDifferences() {}

    /** What is kept before the first segment. */
    static int[] ofNothing() {
        return new int[2 * KEPT];
    }

    /** Begins with the first segment. */
    static void begin(int[] last) {
        Arrays.fill(last, 0);
    }

    private static void sent(int[] last, int end, int seq, int ack, int flags, int payload) {
        int other = HIGH - end;
        last[end + SENT] = 1;
        last[end + EXPECTED] = seq + payload + (flags & 1) + (flags >> 1 & 1);
        if ((flags & 16) != 0 && last[other + SENT] == 0) {
            last[other + EXPECTED] = ack;
        }
    }

    /** How many octets a segment takes at the most. */
    static int mostOctets(TcpSegment s) {
        return MOST_OCTETS + Varint.LONGEST * s.getSackBlocks().size();
    }

    /**
     * Writes all of a segment that comes after its time, at an index from which on there is room for it.
     *
     * @param last what is kept of the segments before
     * @return the index behind it
     */
    static int write(int[] last, TcpSegment s, byte[] to, int from) {
        int end = s.getFromLow() ? LOW : HIGH;
        int seq = (int) s.getSeq();
        int ack = (int) s.getAck();
        int at = put(to, from, s.getFromLow());
        at = Varint.put(to, at, seq - last[end + EXPECTED]);
        at = Varint.put(to, at, ack - last[HIGH - end + EXPECTED]);
        at = Varint.put(to, at, s.getFlags());
        at = Varint.put(to, at, s.getWindow() - last[end + WINDOW]);
        at = Varint.put(to, at, s.getPayloadLength());
        at = Varint.put(to, at, s.getWireLength() - s.getPayloadLength());
        at = Varint.put(to, at, s.getTtl() - last[end + TTL]);
        at = Varint.put(to, at, s.getIpId() - last[end + IP_ID]);
        at = Varint.put(to, at, s.getTrafficClass());
        at = Varint.put(to, at, s.getVlanId());
        if (s.getTimestampValue() < 0) {
            at = Varint.put(to, at, 0);
        } else {
            at = Varint.put(to, at, 1);
            int value = (int) s.getTimestampValue();
            int echo = (int) s.getTimestampEcho();
            at = Varint.put(to, at, value - last[end + TIMESTAMP_VALUE]);
            at = Varint.put(to, at, echo - last[end + TIMESTAMP_ECHO]);
            last[end + TIMESTAMP_VALUE] = value;
            last[end + TIMESTAMP_ECHO] = echo;
        }
        at = putOptions(s, to, at);
        Integer hash = s.getPayloadHash();
        at = Varint.put(to, at, hash == null ? 0 : 1);
        if (hash != null) {
            at = Varint.put(to, at, hash);
        }
        at = Varint.put(to, at, s.getChecksum());
        at = put(to, at, s.getBadOptions());
        at = put(to, at, s.getPayloadCut());
        last[end + WINDOW] = s.getWindow();
        last[end + TTL] = s.getTtl();
        last[end + IP_ID] = s.getIpId();
        sent(last, end, seq, ack, s.getFlags(), s.getPayloadLength());
        return at;
    }

    private static int put(byte[] to, int at, boolean value) {
        to[at] = (byte) (value ? 1 : 0);
        return at + 1;
    }

    private static int putOptions(TcpSegment s, byte[] to, int from) {
        List<Long> blocks = s.getSackBlocks();
        int edges = blocks.size();
        boolean none =
                s.getMss() < 0 && s.getWindowScale() < 0 && !s.getSackPermitted() && edges == 0 && s.getFastOpen() < 0;
        int at = Varint.put(to, from, none ? 0 : 1);
        if (none) {
            return at;
        }
        at = Varint.put(to, at, s.getMss());
        at = Varint.put(to, at, s.getWindowScale());
        at = put(to, at, s.getSackPermitted());
        if (edges > 0) {
            at = Varint.put(to, at, edges);
            for (int i = 0; i < edges; i++) {
                at = Varint.put(to, at, blocks.get(i));
            }
        }
        at = Varint.put(to, at, 0);
        return Varint.put(to, at, s.getFastOpen());
    }

    /**
     * Reads all of a segment that comes after its time, into one of which nothing is left then.
     *
     * @param last what is kept of the segments before
     */
    static void read(int[] last, AvroInput in, long timeNs, TcpSegment s) {
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
        sent(last, end, seq, ack, flags, payload);
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
