package flowstate.tcp;

import java.util.Set;

/** Who opened the connection: known from a SYN, else guessed from the ports. */
final class Roles {
    // spotless:off
    /** TCP ports on which Zeek expects servers (likely_server_ports): the guess for a start that was not seen. */
    private static final Set<Integer> SERVER_PORTS = Set.of(
            21, 22, 25, 53, 79, 80, 81, 88, 135, 139, 143, 443, 445, 465, 502, 563, 585, 587, 614, 631, 636,
            989, 990, 992, 993, 995, 1080, 1434, 1883, 2811, 3128, 3306, 3389, 5222, 5223, 5269,
            6666, 6667, 6668, 6669, 8000, 8080, 8888, 20000);
    // spotless:on

    private static final double SEEN = 1;
    private static final double FROM_SYN_ACK = 0.9;
    private static final double FROM_PORT = 0.7;
    private static final double FROM_ORDER = 0.5;

    private Roles() {}

    /** Gives the ends their roles by the first segment. */
    static void assign(Connection c, Segment s) {
        boolean senderOriginates = true;
        if (s.has(Flags.SYN)) {
            senderOriginates = !s.has(Flags.ACK);
            c.roleConfidence = senderOriginates ? SEEN : FROM_SYN_ACK;
        } else {
            int from = s.fromLow() ? c.lowPort : c.highPort;
            int to = s.fromLow() ? c.highPort : c.lowPort;
            boolean fromServer = SERVER_PORTS.contains(from);
            boolean toServer = SERVER_PORTS.contains(to);
            senderOriginates = !fromServer || (toServer && from >= to);
            c.roleConfidence = fromServer || toServer ? FROM_PORT : FROM_ORDER;
        }
        c.originatorLow = s.fromLow() == senderOriginates;
        if (!senderOriginates) {
            c.history.flipped();
        }
    }

    /** A SYN or SYN-ACK that comes later knows better than a guess. */
    static void correct(Connection c, Segment s, Findings found) {
        if (!s.has(Flags.SYN) || s.has(Flags.RST) || c.roleConfidence == SEEN) {
            return;
        }
        boolean originatorLow = s.has(Flags.ACK) ? !s.fromLow() : s.fromLow();
        c.roleConfidence = s.has(Flags.ACK) ? Math.max(c.roleConfidence, FROM_SYN_ACK) : SEEN;
        if (originatorLow != c.originatorLow) {
            c.originatorLow = originatorLow;
            c.history.flipped();
            found.add(
                    AnomalyKind.ROLE_FLIPPED,
                    () ->
                            "a later SYN shows that the other end is the originator: earlier events have the roles swapped");
        }
    }
}
