package flowstate.capture.source;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.pcap4j.core.BpfProgram.BpfCompileMode;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapHandle.BlockingMode;
import org.pcap4j.core.PcapHandle.TimestampPrecision;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.PcapNetworkInterface.PromiscuousMode;

/**
 * One open capture of libpcap. Pcap4j opens and configures it; packets are read straight from libpcap, and looked at
 * where the kernel has put them: a third of what pcap4j's own loop costs.
 *
 * <p>Never blocks but in {@link #await}, which has a limit: libpcap's own waiting may not end on a silent interface. One
 * thread. For 64-bit systems whose {@code struct timeval} has 16 octets (Linux, macOS, BSD).
 */
final class LiveHandle implements AutoCloseable {
    /** How long the kernel may collect packets before it hands them out together. */
    static final int BLOCK_MS = 20;

    private static final int PRECISION_NANO = 1;
    private static final short POLLIN = 1;
    /** IF_NAMESIZE is 16 on Linux and BSD. */
    private static final int LONGEST_NAME = 256;
    /** What data pointers are looked at through: one buffer object for all packets of a ring. */
    private static final long WINDOW_OCTETS = 256L << 20;

    static {
        // as pcap4j finds it
        Native.register(LiveHandle.class, System.getProperty("org.pcap4j.core.pcapLibName", "pcap"));
    }

    /** What is the C library's. */
    private static final class C {
        static {
            Native.register(C.class, "c");
        }

        private static native int poll(Pointer descriptors, long count, int limitMs);

        private static native int if_nametoindex(String name);

        private static native Pointer if_indextoname(int index, byte[] name);

        private C() {}
    }

    private static native int pcap_next_ex(long handle, long header, long data);

    private static native int pcap_get_selectable_fd(long handle);

    private static native int pcap_get_tstamp_precision(long handle);

    private static native int pcap_datalink(long handle);

    private static native int pcap_stats(long handle, Pointer statistics);

    private static native String pcap_geterr(long handle);

    private final PcapHandle pcap;
    private final long address;
    private final int linkType;
    private final long fractionNs;

    /** Where libpcap writes its two results, and its statistics. */
    private final Memory results = new Memory(16);

    private final ByteBuffer resultsView = results.getByteBuffer(0, 16).order(ByteOrder.nativeOrder());
    private final Memory statistics = new Memory(16);
    private final Memory pollDescriptor = new Memory(8);

    private long headerAt;
    private ByteBuffer header = ByteBuffer.allocate(0);
    private long windowAt;
    private ByteBuffer window = ByteBuffer.allocate(0);

    private LiveHandle(PcapHandle pcap) throws PcapNativeException {
        this.pcap = pcap;
        this.address = address(pcap);
        this.linkType = pcap_datalink(address);
        this.fractionNs = pcap_get_tstamp_precision(address) == PRECISION_NANO ? 1 : 1_000;
        int descriptor = pcap_get_selectable_fd(address);
        if (descriptor < 0) {
            throw new PcapNativeException("captures of this interface cannot be waited for");
        }
        pollDescriptor.setInt(0, descriptor);
        pollDescriptor.setShort(4, POLLIN);
    }

    static LiveHandle open(String name, LiveOptions options) throws PcapNativeException, NotOpenException {
        PcapHandle pcap = new PcapHandle.Builder(name)
                .snaplen(options.snapLength())
                .promiscuousMode(options.promiscuous() ? PromiscuousMode.PROMISCUOUS : PromiscuousMode.NONPROMISCUOUS)
                .timeoutMillis(BLOCK_MS)
                .bufferSize(options.bufferOctets())
                .immediateMode(options.immediate())
                .timestampPrecision(TimestampPrecision.NANO)
                .build();
        try {
            String filter = options.filter();
            if (filter != null) {
                pcap.setFilter(filter, BpfCompileMode.OPTIMIZE);
            }
            pcap.setBlockingMode(BlockingMode.NONBLOCKING);
            return new LiveHandle(pcap);
        } catch (PcapNativeException | NotOpenException | RuntimeException e) {
            pcap.close();
            throw e;
        }
    }

    /** The kernel's number of the interface with this name, which outlives renaming; 0 if there is none. */
    static int indexOf(String name) {
        return C.if_nametoindex(name);
    }

    /** How the interface with this number is called now; null if there is none. */
    static @Nullable String nameOf(int index) {
        byte[] name = new byte[LONGEST_NAME];
        return C.if_indextoname(index, name) == null ? null : Native.toString(name);
    }

    /** Pcap4j does not tell where its handle is. */
    private static long address(PcapHandle pcap) throws PcapNativeException {
        try {
            Field handle = PcapHandle.class.getDeclaredField("handle");
            handle.setAccessible(true);
            return Pointer.nativeValue((Pointer) handle.get(pcap));
        } catch (ReflectiveOperationException e) {
            throw new PcapNativeException("another version of pcap4j than this was built with: " + e);
        }
    }

    /**
     * Fills all of {@code packet} but its clock from the next packet that is there.
     *
     * @return 1; 0 if none is there now; less if the capture is over, with {@link #error}
     */
    int next(RawPacket packet) {
        int answer = pcap_next_ex(address, Pointer.nativeValue(results), Pointer.nativeValue(results) + 8);
        if (answer != 1) {
            return answer;
        }
        long headerNow = resultsView.getLong(0);
        long data = resultsView.getLong(8);
        if (headerNow != headerAt) {
            header = new Pointer(headerNow).getByteBuffer(0, 24).order(ByteOrder.nativeOrder());
            headerAt = headerNow;
        }
        int captured = header.getInt(16);
        if (data < windowAt || data + captured > windowAt + window.capacity()) {
            windowAt = data - WINDOW_OCTETS / 2;
            window = new Pointer(windowAt).getByteBuffer(0, WINDOW_OCTETS).order(ByteOrder.BIG_ENDIAN);
        }
        packet.buffer = window;
        packet.offset = (int) (data - windowAt);
        packet.capturedLength = captured;
        packet.originalLength = header.getInt(20);
        packet.linkType = linkType;
        // the fraction has 8 octets on Linux, 4 and padding on macOS; it is below 2^31
        packet.timeNs = header.getLong(0) * 1_000_000_000 + header.getInt(8) * fractionNs;
        return 1;
    }

    /** Waits until a packet is there, something has gone wrong, or the limit is over. */
    void await(int limitMs) {
        C.poll(pollDescriptor, 1, limitMs);
    }

    /** Packets that the kernel dropped because its buffer was full, and that the interface dropped; both 32 bits wide. */
    long[] drops() {
        if (pcap_stats(address, statistics) != 0) {
            return new long[2];
        }
        return new long[] {statistics.getInt(4) & 0xffff_ffffL, statistics.getInt(8) & 0xffff_ffffL};
    }

    String error() {
        return pcap_geterr(address);
    }

    @Override
    public void close() {
        pcap.close();
    }
}
