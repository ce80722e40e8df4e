package flowstate.capture.source;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcap4j.core.BpfProgram;
import org.pcap4j.core.BpfProgram.BpfCompileMode;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.Pcaps;
import org.pcap4j.packet.namednumber.DataLinkType;

/**
 * A filter in the language of tcpdump (pcap-filter(7)), compiled and applied by libpcap.
 *
 * <p>The one class that needs the native library; whoever has no filter never touches it. Programs are compiled for each
 * link type at its first packet, since the same words mean other offsets there. Not thread-safe.
 */
public final class PacketFilter implements AutoCloseable {
    /** What to do where libpcap is missing. */
    static final String INSTALL = "apt-get install libpcap0.8 (Debian, Ubuntu), dnf install libpcap (Fedora, RHEL),"
            + " apk add libpcap (Alpine)";

    private static final int LINKTYPE_ETHERNET = 1;
    private static final int LINKTYPE_RAW = 101;
    private static final int LINKTYPE_IEEE802_11 = 105;
    private static final int SNAP_LENGTH = 262_144;

    private final String expression;
    private final Map<Integer, BpfProgram> programs = new HashMap<>();
    private byte[] octets = new byte[2048];

    private PacketFilter(String expression) {
        this.expression = expression;
    }

    /**
     * A filter that is ready for packets.
     *
     * @throws IllegalArgumentException if libpcap does not understand the expression, with what it says, in one line
     * @throws CaptureException if libpcap is not there, with what to install
     */
    public static PacketFilter compile(String expression) throws CaptureException {
        PacketFilter filter = new PacketFilter(expression);
        try {
            // link types are not known yet: what one common type understands is no error of syntax
            String problem = filter.tryCompile(LINKTYPE_ETHERNET);
            if (problem != null
                    && filter.tryCompile(LINKTYPE_IEEE802_11) != null
                    && filter.tryCompile(LINKTYPE_RAW) != null) {
                throw new IllegalArgumentException("filter '" + expression + "' is not understood: " + problem);
            }
            return filter;
        } catch (LinkageError e) {
            throw new CaptureException(
                    "a filter needs libpcap, which could not be loaded: " + INSTALL + ", or leave the filter out", e);
        }
    }

    /**
     * Whether the filter selects the packet.
     *
     * @throws CaptureException if the expression makes no sense for the packet's link type
     */
    public boolean accepts(RawPacket packet) throws CaptureException {
        BpfProgram program = programs.get(packet.linkType);
        if (program == null) {
            String problem = tryCompile(packet.linkType);
            program = programs.get(packet.linkType);
            if (program == null) {
                throw new CaptureException("filter '" + expression + "' does not fit packets of link type "
                        + packet.linkType + ": " + problem);
            }
        }
        if (octets.length < packet.capturedLength) {
            octets = new byte[Math.max(packet.capturedLength, 2 * octets.length)];
        }
        packet.buffer.get(packet.offset, octets, 0, packet.capturedLength);
        return program.applyFilter(octets, packet.originalLength, packet.capturedLength);
    }

    /** Frees the programs; the filter is of no use afterwards. */
    @Override
    public void close() {
        programs.values().forEach(BpfProgram::free);
        programs.clear();
    }

    /** Adds the link type's program; returns what libpcap has against it, or null. */
    private @Nullable String tryCompile(int linkType) {
        try (PcapHandle handle = Pcaps.openDead(DataLinkType.getInstance(dataLink(linkType)), SNAP_LENGTH)) {
            Inet4Address noNetmask = (Inet4Address) InetAddress.getByAddress(new byte[4]);
            programs.put(linkType, handle.compileFilter(expression, BpfCompileMode.OPTIMIZE, noNetmask));
            return null;
        } catch (PcapNativeException | NotOpenException | UnknownHostException e) {
            return String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
        }
    }

    /** Files name link types alike on all systems; libpcap's own numbers (DLT_) differ for two of them (Linux). */
    private static int dataLink(int linkType) {
        return switch (linkType) {
            case 100 -> 11; // ATM RFC 1483
            case LINKTYPE_RAW -> 12;
            default -> linkType;
        };
    }
}
