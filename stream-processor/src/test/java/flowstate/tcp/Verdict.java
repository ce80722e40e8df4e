package flowstate.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the tracker made of one connection, apart from when it said so.
 *
 * @param connState in Zeek's words
 * @param history in Zeek's letters
 * @param handshake how it began
 * @param teardown how it closed
 * @param endReason why it is over, or was let go of
 * @param closedFirst who closed first
 * @param originator its originator's end
 * @param responder its responder's
 * @param anomalies how often each kind was found
 */
record Verdict(
        String connState,
        String history,
        Handshake handshake,
        Teardown teardown,
        EndReason endReason,
        Role closedFirst,
        End originator,
        End responder,
        SortedMap<AnomalyKind, Long> anomalies) {

    /** One end. */
    record End(List<TcpState> states, long bytes, long segments, long retransmittedSegments) {}

    /** As it stands when the tracker lets go of a connection; {@code anomalies} it was told meanwhile. */
    static Verdict of(Connection c, SortedMap<AnomalyKind, Long> anomalies) {
        EndReason reason = c.endReason();
        if (reason == null) {
            throw new AssertionError("it has ended, and no reason is known: " + c.history());
        }
        return new Verdict(
                c.connState(),
                c.history(),
                c.handshake(),
                c.teardown(),
                reason,
                c.closedFirst(),
                end(c, true),
                end(c, false),
                new TreeMap<>(anomalies));
    }

    private static End end(Connection c, boolean originator) {
        return new End(
                List.copyOf(c.states(originator)),
                (originator ? c.originator() : c.responder()).bytes(),
                c.segments(originator),
                c.retransmittedSegments(originator));
    }

    /** The letters of the history, whatever their order and number. */
    Set<Character> letters() {
        Set<Character> letters = new TreeSet<>();
        history.chars().forEach(letter -> letters.add((char) letter));
        return letters;
    }

    /** The states of one end that are not a way through {@code real}, leaving some out: none if it agrees. */
    static List<TcpState> notOnTheWay(List<TcpState> seen, List<TcpState> real) {
        List<TcpState> strange = new ArrayList<>();
        int at = 0;
        for (TcpState state : seen) {
            int found = real.subList(at, real.size()).indexOf(state);
            if (found < 0) {
                strange.add(state);
            } else {
                at += found;
            }
        }
        return strange;
    }
}
