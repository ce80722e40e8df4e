package flowstate.capture.source;

import org.jspecify.annotations.Nullable;

/**
 * How interfaces are captured; checked when built.
 *
 * @param filter which packets the kernel hands out, in tcpdump's language; null for all
 * @param snapLength octets that are kept of each packet, {@value #LEAST_SNAP_LENGTH} to {@value #MOST_SNAP_LENGTH}
 * @param bufferOctets of the kernel's buffer for each interface, at least {@value #LEAST_BUFFER_OCTETS}
 * @param promiscuous whether to see what is for other hosts, too
 * @param immediate whether packets come one by one as they arrive; else in blocks, up to 20 ms later, which costs less
 */
public record LiveOptions(
        @Nullable String filter, int snapLength, int bufferOctets, boolean promiscuous, boolean immediate) {
    /** Ethernet, two VLAN tags, outer IPv6 and UDP, VXLAN, inner Ethernet, IPv6 and TCP with all its options. */
    public static final int DEFAULT_SNAP_LENGTH = 256;

    /** 16 MiB: of packets with the usual snap length half a second, where 100,000 come in a second. */
    public static final int DEFAULT_BUFFER_OCTETS = 16 << 20;

    private static final int LEAST_SNAP_LENGTH = 96;
    private static final int MOST_SNAP_LENGTH = 262_144;
    private static final int LEAST_BUFFER_OCTETS = 64 << 10;

    /**
     * Checks each value.
     *
     * @throws IllegalArgumentException with the rule, the value and the consequence in one line
     */
    public LiveOptions {
        if (snapLength < LEAST_SNAP_LENGTH) {
            throw new IllegalArgumentException("snap length must be at least " + LEAST_SNAP_LENGTH + ", was "
                    + snapLength + ": TCP options would be cut");
        }
        if (snapLength > MOST_SNAP_LENGTH) {
            throw new IllegalArgumentException("snap length must be at most " + MOST_SNAP_LENGTH + ", was " + snapLength
                    + ": no packet is longer");
        }
        if (bufferOctets < LEAST_BUFFER_OCTETS) {
            throw new IllegalArgumentException("the kernel's buffer must have at least " + (LEAST_BUFFER_OCTETS >> 10)
                    + " KiB, was " + (bufferOctets >> 10) + ": packets would be dropped");
        }
    }
}
