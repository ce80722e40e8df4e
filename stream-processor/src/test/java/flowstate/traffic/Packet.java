package flowstate.traffic;

import flowstate.tcp.Flags;
import flowstate.trace.TraceSegment;
import java.util.List;

/**
 * One segment on the wire, numbers as in the trace notation: relative to the initial sequence numbers, 64 bits.
 *
 * @param fromClient whose it is, or pretends to be
 * @param flags see {@link Flags}
 * @param start sequence number: the SYN has 0, the first octet 1
 * @param payload octets
 * @param ack acknowledgement number; 0 without {@link Flags#ACK}
 * @param window window field as sent
 * @param options as sent
 * @param forged whether somebody else sent it
 */
record Packet(
        boolean fromClient,
        int flags,
        long start,
        int payload,
        long ack,
        int window,
        TraceSegment.Options options,
        boolean forged) {

    static final TraceSegment.Options NO_OPTIONS =
            new TraceSegment.Options(-1, false, -1, -1, -1, List.of(), -1, false);

    boolean has(int anyOf) {
        return (flags & anyOf) != 0;
    }

    /** The sequence number after its last. */
    long end() {
        return start + payload + (has(Flags.SYN) ? 1 : 0) + (has(Flags.FIN) ? 1 : 0);
    }

    boolean isPureAck() {
        return payload == 0 && has(Flags.ACK) && !has(Flags.SYN | Flags.FIN | Flags.RST);
    }
}
