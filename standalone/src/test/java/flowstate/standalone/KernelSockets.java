package flowstate.standalone;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The sockets of a host as its kernel lists them: Linux's /proc/net/tcp and tcp6, and {@code ss -tinH}. */
final class KernelSockets {
    /** As include/net/tcp_states.h numbers them, from 1. */
    private static final List<String> STATES = List.of(
            "ESTABLISHED",
            "SYN_SENT",
            "SYN_RECV",
            "FIN_WAIT1",
            "FIN_WAIT2",
            "TIME_WAIT",
            "CLOSE",
            "CLOSE_WAIT",
            "LAST_ACK",
            "LISTEN",
            "CLOSING",
            "NEW_SYN_RECV");

    private KernelSockets() {}

    /** Ports of an end and of its peer. */
    record Ports(int local, int remote) {}

    /** The state of each socket that has a peer. Java's sockets are of IPv6, whatever they are used for. */
    static Map<Ports, String> states(String procNetTcp) {
        Map<Ports, String> states = new HashMap<>();
        procNetTcp.lines().map(line -> line.strip().split("\\s+")).forEach(words -> {
            if (!words[0].equals("sl")) {
                Ports ports = new Ports(port(words[1]), port(words[2]));
                if (ports.remote != 0) {
                    states.put(ports, STATES.get(Integer.parseInt(words[3], 16) - 1));
                }
            }
        });
        return states;
    }

    private static int port(String addressAndPort) {
        return Integer.parseInt(addressAndPort.substring(addressAndPort.indexOf(':') + 1), 16);
    }

    /** How many segments each has sent again: tcpi_total_retrans of TCP_INFO. */
    static Map<Ports, Long> retransmitted(String ss) {
        Map<Ports, Long> counts = new HashMap<>();
        Ports ports = new Ports(0, 0);
        for (String line : ss.lines().toList()) {
            String[] words = line.strip().split("\\s+");
            if (!Character.isWhitespace(line.charAt(0))) {
                ports = new Ports(portOf(words[3]), portOf(words[4]));
                counts.put(ports, 0L);
                continue;
            }
            for (String word : words) {
                if (word.startsWith("retrans:")) {
                    counts.put(ports, Long.parseLong(word.substring(word.indexOf('/') + 1)));
                }
            }
        }
        return counts;
    }

    private static int portOf(String addressAndPort) {
        return Integer.parseInt(addressAndPort.substring(addressAndPort.lastIndexOf(':') + 1));
    }
}
