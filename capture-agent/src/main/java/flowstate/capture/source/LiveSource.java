package flowstate.capture.source;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.PcapNetworkInterface;
import org.pcap4j.core.Pcaps;

/**
 * The packets of a network interface as they come, without an end: an interface that is not there, goes away or goes
 * down is waited for, and each change is said once. One that is renamed stays the one that was asked for, unless
 * another has its old name by the time that it must be opened again.
 *
 * <p>{@link #next} never waits: where there is no packet it gives out a tick ({@link RawPacket#tick}) with the host's
 * clock, and the caller goes to {@link #await}. One thread.
 */
public final class LiveSource implements PacketSource {
    /** Every interface there is, in the kernel's words. */
    private static final String ANY = "any";

    private static final int NO_SUCH_DEVICE = -5;
    private static final int PERMISSION_DENIED = -8;
    private static final int INTERFACE_NOT_UP = -9;
    private static final int PROMISCUOUS_PERMISSION_DENIED = -11;

    /** To be woken for each block that the kernel has filled costs more than to take what is in it. */
    private static final int NAP_MS = 50;

    /** A nap after one in which more than a part of the kernel's buffer was filled. */
    private static final int SHORT_NAP_MS = 25;

    /** The part: what comes may become eight times as much within a nap, and still fits. */
    private static final int PART = 16;

    /** So large a buffer holds what comes in a short nap at half a million packets a second. */
    private static final int ROOMY_OCTETS = 8 << 20;

    /** What a packet takes of the buffer beside its octets: Linux's header, its address, and what aligns them. */
    private static final int ROOM_OCTETS = 80;

    /** A buffer of one block or two may be full, and nobody be told. */
    private static final int SMALL_BUFFER_MS = 10;

    private static final int LONGEST_RETRY_MS = 5_000;
    private static final int FIRST_RETRY_MS = 250;

    private final String name;
    private final LiveOptions options;
    private final boolean roomy;
    private final LongSupplier hostClockNs;
    private final Consumer<String> notices;
    private final WrappingCount kernelDrops = new WrappingCount();
    private final WrappingCount interfaceDrops = new WrappingCount();

    /** What the interface is called now, and its number; 0 as long as it has not been seen. */
    private String called;

    private int index;

    private @Nullable LiveHandle handle;
    private long hostNs;
    private long clockNs = Long.MIN_VALUE;
    private long takenOctets;
    private int retryMs = FIRST_RETRY_MS;
    private long retryAtNs;
    private long blindSpots;

    private LiveSource(String name, LiveOptions options, LongSupplier hostClockNs, Consumer<String> notices) {
        this.name = name;
        this.called = name;
        this.options = options;
        this.roomy = options.bufferOctets() >= ROOMY_OCTETS;
        this.hostClockNs = hostClockNs;
        this.notices = notices;
    }

    /**
     * Starts to capture.
     *
     * @param name of the interface, or {@code any}; it need not be there yet
     * @param hostClockNs nanoseconds since 1970
     * @param notices takes a line for a person when the interface comes or goes
     * @throws CaptureException if capturing can never work: libpcap is not there, or the permission
     * @throws IllegalArgumentException if libpcap does not understand the filter
     */
    public static LiveSource open(String name, LiveOptions options, LongSupplier hostClockNs, Consumer<String> notices)
            throws CaptureException {
        String filter = options.filter();
        if (filter != null) {
            PacketFilter.compile(filter).close();
        }
        LiveSource source = new LiveSource(name, options, hostClockNs, notices);
        try {
            source.tryOpen(true);
        } catch (LinkageError e) {
            throw new CaptureException(
                    "live capture needs libpcap, which could not be loaded: " + PacketFilter.INSTALL, e);
        }
        return source;
    }

    /** A line for each interface that can be captured: its name, what it is, its addresses. */
    public static String list() throws CaptureException {
        try {
            return Pcaps.findAllDevs().stream().map(LiveSource::describe).collect(Collectors.joining("\n"));
        } catch (PcapNativeException e) {
            throw new CaptureException("the interfaces cannot be listed: " + reason(e), e);
        } catch (LinkageError e) {
            throw new CaptureException(
                    "live capture needs libpcap, which could not be loaded: " + PacketFilter.INSTALL, e);
        }
    }

    private static String describe(PcapNetworkInterface each) {
        String addresses = each.getAddresses().stream()
                .map(address -> address.getAddress().getHostAddress())
                .collect(Collectors.joining(" "));
        String state = each.isUp() ? "" : "down";
        String description = each.getDescription() == null ? "" : each.getDescription();
        return String.format(
                        "%-15s %s",
                        each.getName(),
                        String.join("  ", state, addresses, description).strip())
                .stripTrailing();
    }

    @Override
    public boolean next(RawPacket packet) {
        LiveHandle open = handle;
        int answer = open == null ? 0 : open.next(packet);
        if (answer == 1) {
            packet.tick = false;
            takenOctets += packet.capturedLength + ROOM_OCTETS;
            if (packet.timeNs > hostNs) {
                hostNs = hostClockNs.getAsLong();
            }
            // a time in the future is wrong, one of the past is late: neither moves the clock where it should not be
            clockNs = Math.max(clockNs, Math.min(packet.timeNs, hostNs));
        } else {
            packet.tick = true;
            hostNs = hostClockNs.getAsLong();
            clockNs = Math.max(clockNs, hostNs);
            packet.timeNs = clockNs;
            if (answer < 0 && open != null) {
                lose(open);
            }
        }
        packet.clockNs = clockNs;
        return true;
    }

    /**
     * Waits until there may be a packet, at most so long; meanwhile an interface that is away is looked for.
     *
     * @param busy whether there were packets a moment ago: then more come, and are taken together after a nap
     */
    public void await(int limitMs, boolean busy) {
        int napMs = takenOctets > options.bufferOctets() / PART ? SHORT_NAP_MS : NAP_MS;
        takenOctets = 0;
        LiveHandle open = handle;
        if (open != null && !(busy && roomy && !options.immediate())) {
            open.await(roomy ? limitMs : Math.min(limitMs, SMALL_BUFFER_MS));
            return;
        }
        sleep(open == null ? limitMs : Math.min(limitMs, napMs));
        if (open == null) {
            lookForIt();
        }
    }

    private static void sleep(int ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void lookForIt() {
        if (System.nanoTime() - retryAtNs >= 0) {
            try {
                tryOpen(false);
            } catch (CaptureException e) {
                // what was permitted once and is not now may be again
                putOff();
            }
        }
    }

    private void tryOpen(boolean first) throws CaptureException {
        called = calledNow();
        if (!first && !isThere()) {
            putOff();
            return;
        }
        try {
            handle = LiveHandle.open(called, options);
            index = name.equals(ANY) ? 0 : LiveHandle.indexOf(called);
            kernelDrops.startAnew();
            interfaceDrops.startAnew();
            retryMs = FIRST_RETRY_MS;
            if (!first) {
                blindSpots++;
                notices.accept(
                        name + ": captured again" + (called.equals(name) ? "" : ", under its new name " + called));
            }
        } catch (PcapNativeException e) {
            int code = e.getReturnCode() == null ? 0 : e.getReturnCode();
            if (code == PERMISSION_DENIED || code == PROMISCUOUS_PERMISSION_DENIED) {
                throw new CaptureException(
                        name + ": no permission to capture. Grant the program CAP_NET_RAW"
                                + " (AmbientCapabilities=CAP_NET_RAW in its systemd unit, --cap-add NET_RAW in Docker,"
                                + " setpriv --ambient-caps +net_raw in a shell), or call it by sudo",
                        e);
            }
            if (!first) {
                putOff();
                return;
            }
            if (code != NO_SUCH_DEVICE && code != INTERFACE_NOT_UP) {
                throw new CaptureException(name + ": cannot be captured: " + reason(e), e);
            }
            notices.accept(name
                    + (code == NO_SUCH_DEVICE
                            ? ": there is no such interface (see --list); waiting for it"
                            : ": the interface is down; waiting for it"));
            putOff();
        } catch (NotOpenException e) {
            throw new IllegalStateException("a handle that has just been opened is not open", e);
        }
    }

    /** The name that was asked for, or what the interface that had it is called now that nobody has it. */
    private String calledNow() {
        String renamed = index == 0 || LiveHandle.indexOf(name) != 0 ? null : LiveHandle.nameOf(index);
        return renamed == null ? name : renamed;
    }

    /** An interface that is renamed is captured on. */
    private void watchName() {
        String now = index == 0 ? null : LiveHandle.nameOf(index);
        if (now != null && !now.equals(called)) {
            called = now;
            notices.accept(name + ": it is called " + now + " now, and captured on as " + name);
        }
    }

    /** Asked before libpcap is: each of its failed attempts would cost memory that pcap4j does not give back. */
    private boolean isThere() {
        try {
            java.net.NetworkInterface found = name.equals(ANY) ? null : java.net.NetworkInterface.getByName(called);
            return name.equals(ANY) || found != null && found.isUp();
        } catch (java.net.SocketException e) {
            return false;
        }
    }

    private void putOff() {
        retryAtNs = System.nanoTime() + retryMs * 1_000_000L;
        retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
    }

    private void lose(LiveHandle open) {
        notices.accept(name + ": the capture broke off (" + open.error() + "); waiting for the interface");
        readStatistics();
        open.close();
        handle = null;
        putOff();
    }

    /** Asks the kernel what it has dropped; to be called now and then, long before 2^32 packets are lost. */
    public void readStatistics() {
        if (handle != null) {
            long[] drops = handle.drops();
            kernelDrops.take(drops[0]);
            interfaceDrops.take(drops[1]);
            watchName();
        }
    }

    /** Packets that the kernel dropped for want of room, up to the last {@link #readStatistics}. */
    public long droppedByKernel() {
        return kernelDrops.total();
    }

    /** Packets that the interface or its driver dropped, where the kernel knows, up to the last {@link #readStatistics}. */
    public long droppedByInterface() {
        return interfaceDrops.total();
    }

    /** How often capturing began again, with packets unseen in between that nobody has counted. */
    public long blindSpots() {
        return blindSpots;
    }

    /** Whether the interface is captured at present. */
    public boolean isCapturing() {
        return handle != null;
    }

    private static String reason(PcapNativeException e) {
        return String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
    }

    @Override
    public void close() {
        if (handle != null) {
            handle.close();
            handle = null;
        }
    }
}
