package flowstate.schema;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One TCP segment as an agent saw it on the wire, with its numbers as they are: what {@link SegmentBatchSerde} writes as
 * differences. Optional numbers are -1 when absent, so that the hot path boxes nothing. Not thread-safe.
 *
 * <p>Times are nanoseconds since 1970 as captured, and may lie; sequence and acknowledgement numbers, timestamps and SACK
 * edges are 0..2^32-1; lengths are octets, {@code wireLength} that of the IP datagram. The schema has more of each.
 */
public final class TcpSegment {
    private long time;
    private boolean fromLow;
    private long seq;
    private long ack;
    private int flags;
    private int window;
    private int payloadLength;
    private int wireLength;
    private int ttl;
    private int ipId = -1;
    private int trafficClass;
    private int vlanId = -1;
    private int mss = -1;
    private int windowScale = -1;
    private boolean sackPermitted;
    private long timestampValue = -1;
    private long timestampEcho = -1;
    private List<Long> sackBlocks = List.of();
    private int fastOpen = -1;
    private @Nullable Integer payloadHash;
    private int checksum;
    private boolean badOptions;
    private boolean payloadCut;

    public long getTime() {
        return time;
    }

    public void setTime(long time) {
        this.time = time;
    }

    public boolean getFromLow() {
        return fromLow;
    }

    public void setFromLow(boolean fromLow) {
        this.fromLow = fromLow;
    }

    public long getSeq() {
        return seq;
    }

    public void setSeq(long seq) {
        this.seq = seq;
    }

    public long getAck() {
        return ack;
    }

    public void setAck(long ack) {
        this.ack = ack;
    }

    public int getFlags() {
        return flags;
    }

    public void setFlags(int flags) {
        this.flags = flags;
    }

    public int getWindow() {
        return window;
    }

    public void setWindow(int window) {
        this.window = window;
    }

    public int getPayloadLength() {
        return payloadLength;
    }

    public void setPayloadLength(int payloadLength) {
        this.payloadLength = payloadLength;
    }

    public int getWireLength() {
        return wireLength;
    }

    public void setWireLength(int wireLength) {
        this.wireLength = wireLength;
    }

    public int getTtl() {
        return ttl;
    }

    public void setTtl(int ttl) {
        this.ttl = ttl;
    }

    public int getIpId() {
        return ipId;
    }

    public void setIpId(int ipId) {
        this.ipId = ipId;
    }

    public int getTrafficClass() {
        return trafficClass;
    }

    public void setTrafficClass(int trafficClass) {
        this.trafficClass = trafficClass;
    }

    public int getVlanId() {
        return vlanId;
    }

    public void setVlanId(int vlanId) {
        this.vlanId = vlanId;
    }

    public int getMss() {
        return mss;
    }

    public void setMss(int mss) {
        this.mss = mss;
    }

    public int getWindowScale() {
        return windowScale;
    }

    public void setWindowScale(int windowScale) {
        this.windowScale = windowScale;
    }

    public boolean getSackPermitted() {
        return sackPermitted;
    }

    public void setSackPermitted(boolean sackPermitted) {
        this.sackPermitted = sackPermitted;
    }

    public long getTimestampValue() {
        return timestampValue;
    }

    public void setTimestampValue(long timestampValue) {
        this.timestampValue = timestampValue;
    }

    public long getTimestampEcho() {
        return timestampEcho;
    }

    public void setTimestampEcho(long timestampEcho) {
        this.timestampEcho = timestampEcho;
    }

    public List<Long> getSackBlocks() {
        return sackBlocks;
    }

    public void setSackBlocks(List<Long> sackBlocks) {
        this.sackBlocks = sackBlocks;
    }

    public int getFastOpen() {
        return fastOpen;
    }

    public void setFastOpen(int fastOpen) {
        this.fastOpen = fastOpen;
    }

    public @Nullable Integer getPayloadHash() {
        return payloadHash;
    }

    public void setPayloadHash(@Nullable Integer payloadHash) {
        this.payloadHash = payloadHash;
    }

    public int getChecksum() {
        return checksum;
    }

    public void setChecksum(int checksum) {
        this.checksum = checksum;
    }

    public boolean getBadOptions() {
        return badOptions;
    }

    public void setBadOptions(boolean badOptions) {
        this.badOptions = badOptions;
    }

    public boolean getPayloadCut() {
        return payloadCut;
    }

    public void setPayloadCut(boolean payloadCut) {
        this.payloadCut = payloadCut;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TcpSegment s
                && time == s.time
                && fromLow == s.fromLow
                && seq == s.seq
                && ack == s.ack
                && flags == s.flags
                && window == s.window
                && payloadLength == s.payloadLength
                && wireLength == s.wireLength
                && ttl == s.ttl
                && ipId == s.ipId
                && trafficClass == s.trafficClass
                && vlanId == s.vlanId
                && mss == s.mss
                && windowScale == s.windowScale
                && sackPermitted == s.sackPermitted
                && timestampValue == s.timestampValue
                && timestampEcho == s.timestampEcho
                && sackBlocks.equals(s.sackBlocks)
                && fastOpen == s.fastOpen
                && Objects.equals(payloadHash, s.payloadHash)
                && checksum == s.checksum
                && badOptions == s.badOptions
                && payloadCut == s.payloadCut;
    }

    @Override
    public int hashCode() {
        return Objects.hash(time, fromLow, seq, ack, flags, payloadLength);
    }

    @Override
    public String toString() {
        return (fromLow ? "low" : "high") + " at " + time + " seq " + seq + " ack " + ack + " flags " + flags
                + " window " + window + " payload " + payloadLength;
    }
}
