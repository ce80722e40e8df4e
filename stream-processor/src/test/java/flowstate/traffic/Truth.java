package flowstate.traffic;

import flowstate.tcp.EndReason;
import flowstate.tcp.Handshake;
import flowstate.tcp.Role;
import flowstate.tcp.TcpState;
import flowstate.tcp.Teardown;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;

/**
 * What became of a connection, by its endpoints and by what passed the tap.
 *
 * @param connState in Zeek's words
 * @param letters those that Zeek's history has, whatever their order and number
 * @param handshake how it began
 * @param teardown how it closed
 * @param endReason why it is over
 * @param closedFirst who closed first
 * @param client the client's end
 * @param server the server's
 * @param anomalies that must be found, by name
 * @param allowed that may be found besides: others are false alarms
 */
public record Truth(
        String connState,
        SortedSet<Character> letters,
        Handshake handshake,
        Teardown teardown,
        EndReason endReason,
        Role closedFirst,
        End client,
        End server,
        Set<String> anomalies,
        Set<String> allowed) {

    /**
     * One end.
     *
     * @param states that it went through, in order; empty where what passed the tap cannot tell
     * @param bytes of payload, each once, that the tap saw or the other end acknowledged
     * @param segments that passed the tap
     * @param retransmittedSegments of these, the ones all of whose octets the tap had seen before; -1
     *     where it cannot tell: after its acknowledgement, or behind a gap, a late segment looks like one sent again
     */
    public record End(List<TcpState> states, long bytes, long segments, long retransmittedSegments) {}
}
