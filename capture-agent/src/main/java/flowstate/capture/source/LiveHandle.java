package flowstate.capture.source;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
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
 * One open capture of libpcap. Pcap4j opens and configures it; libpcap itself writes packets as into a capture file, and
 * what the C library has gathered to write is looked at here: so a handful of them costs one call from Java, and each is
 * copied once. A tenth of what pcap4j's own loop costs.
 *
 * <p>Never blocks but in {@link #await}, which has a limit: libpcap's own waiting may not end on a silent interface. One
 * thread.
 */
final class LiveHandle implements AutoCloseable {
    /** How long the kernel may collect packets before it hands them out together. */
    static final int BLOCK_MS = 20;

    private static final int PRECISION_NANO = 1;
    private static final short POLLIN = 1;
    /** IF_NAMESIZE is 16 on Linux and BSD. */
    private static final int LONGEST_NAME = 256;

    /** Packets that are taken with one call at most. */
    private static final int HANDFUL = 256;

    /** For a handful with the usual snap length, and at least one packet with the longest that there is. */
    private static final int HANDFUL_OCTETS = 512 << 10;

    /** What libpcap writes before each packet: seconds, their fraction, captured and original length. */
    private static final int RECORD_HEADER_OCTETS = 16;

    /** A packet has more than the snap length by what libpcap puts back: a VLAN tag, the header of "any". */
    private static final int PUT_BACK_OCTETS = 64;

    /** What a C library may keep of the memory for itself: musl has 8 octets for ungetc. */
    private static final int SPARE_OCTETS = 64;

    private static final int MAGIC = 0xa1b2c3d4;
    private static final int MAGIC_NANO = 0xa1b23c4d;

    /** Of what libpcap is told to call for each packet: its own function that writes it. */
    private static final long DUMP;

    static {
        // as pcap4j finds it
        NativeLibrary library = NativeLibrary.getInstance(System.getProperty("org.pcap4j.core.pcapLibName", "pcap"));
        Native.register(LiveHandle.class, library);
        DUMP = Pointer.nativeValue(library.getFunction("pcap_dump"));
    }

    /** What is the C library's. */
    private static final class C {
        static {
            Native.register(C.class, "c");
        }

        private static native int poll(Pointer descriptors, long count, int limitMs);

        private static native int if_nametoindex(String name);

        private static native Pointer if_indextoname(int index, byte[] name);

        private static native long fopen(String name, String mode);

        private static native int setvbuf(long file, Pointer buffer, int mode, long size);

        private static native int fflush(long file);

        private static native int fclose(long file);

        private C() {}
    }

    private static native int pcap_dispatch(long handle, int most, long callback, long user);

    private static native long pcap_dump_fopen(long handle, long file);

    private static native void pcap_dump_close(long dumper);

    private static native int pcap_get_selectable_fd(long handle);

    private static native int pcap_get_tstamp_precision(long handle);

    private static native int pcap_datalink(long handle);

    private static native int pcap_stats(long handle, Pointer statistics);

    private static native String pcap_geterr(long handle);

    private final PcapHandle pcap;
    private final long address;
    private final int linkType;
    private final long fractionNs;

    private final Memory statistics = new Memory(16);
    private final Memory pollDescriptor = new Memory(8);

    /** What the C library gathers before it writes it to libpcap's file, which keeps nothing. */
    private final Memory gathered = new Memory(HANDFUL_OCTETS + SPARE_OCTETS);

    private final ByteBuffer headers =
            gathered.getByteBuffer(0, gathered.size()).order(ByteOrder.nativeOrder());
    private final ByteBuffer packets =
            gathered.getByteBuffer(0, gathered.size()).order(ByteOrder.BIG_ENDIAN);
    private final long file;
    private final long dumper;
    private final int most;

    /** Where in that memory the C library begins. */
    private final int start;

    /** Packets that were taken and not given out, and where the next one is. */
    private int left;

    private int at;

    private LiveHandle(PcapHandle pcap, int snapLength) throws PcapNativeException {
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
        most = Math.min(HANDFUL, HANDFUL_OCTETS / (snapLength + PUT_BACK_OCTETS + RECORD_HEADER_OCTETS));
        file = C.fopen("/dev/null", "w");
        if (file == 0) {
            throw new PcapNativeException("/dev/null cannot be written to");
        }
        C.setvbuf(file, gathered, 0, gathered.size());
        dumper = pcap_dump_fopen(address, file);
        if (dumper == 0) {
            C.fclose(file);
            throw new PcapNativeException(error());
        }
        start = startOfFile();
        if (start == SPARE_OCTETS) {
            pcap_dump_close(dumper);
            throw new PcapNativeException("this C library gathers what is written elsewhere than it is told");
        }
        C.fflush(file);
    }

    /** Where the file's own header is, which has not been asked for. */
    private int startOfFile() {
        int offset = 0;
        while (offset < SPARE_OCTETS && headers.getInt(offset) != MAGIC && headers.getInt(offset) != MAGIC_NANO) {
            offset += Integer.BYTES;
        }
        return offset;
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
            // also one that lets everything through: without any, Linux copies packets whole, whatever the snap length
            String filter = options.filter();
            pcap.setFilter(filter == null ? "" : filter, BpfCompileMode.OPTIMIZE);
            pcap.setBlockingMode(BlockingMode.NONBLOCKING);
            return new LiveHandle(pcap, options.snapLength());
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
        if (left == 0) {
            int answer = pcap_dispatch(address, most, DUMP, dumper);
            if (answer <= 0) {
                return answer;
            }
            // what was gathered stays where it is until more is written
            C.fflush(file);
            at = start;
            left = answer;
        }
        left--;
        int captured = headers.getInt(at + 8);
        packet.buffer = packets;
        packet.offset = at + RECORD_HEADER_OCTETS;
        packet.capturedLength = captured;
        packet.originalLength = headers.getInt(at + 12);
        packet.linkType = linkType;
        packet.timeNs = (headers.getInt(at) & 0xffff_ffffL) * 1_000_000_000 + headers.getInt(at + 4) * fractionNs;
        at += RECORD_HEADER_OCTETS + captured;
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
        pcap_dump_close(dumper);
        pcap.close();
    }
}
