package flowstate.traffic;

import flowstate.traffic.Plan.Closing;
import flowstate.traffic.Plan.Opening;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The anomalies that a plan leads to, by name: those that must be found, and those that may be. */
final class Findings {
    private static final List<String> OF_LOSS = List.of(
            "RETRANSMISSION",
            "FAST_RETRANSMISSION",
            "SPURIOUS_RETRANSMISSION",
            "OUT_OF_ORDER",
            "DUPLICATE_ACK",
            "SEGMENT_GAP",
            "ACK_UNSEEN");

    private Findings() {}

    static Set<String> expected(Plan plan) {
        Set<String> names = new HashSet<>();
        switch (plan.opening()) {
            case SIMULTANEOUS -> names.add("SIMULTANEOUS_OPEN");
            case REFUSED -> names.add("CONNECTION_REJECTED");
            case UNANSWERED -> names.addAll(List.of("ATTEMPT_TIMEOUT", "SYN_RETRANSMITTED"));
            case HALF_OPEN -> names.addAll(List.of("HALF_OPEN", "SYN_RETRANSMITTED"));
            case MIDSTREAM -> names.add("MIDSTREAM");
            default -> {}
        }
        switch (plan.closing()) {
            case RESET -> {
                if (plan.opening() != Opening.CLIENT_ONLY || !plan.serverCloses()) {
                    names.add("RST_TERMINATED");
                }
            }
            case RESET_AFTER_FIN, RESET_FOR_LAST_ACK -> {
                if (plan.opening() != Opening.CLIENT_ONLY || !plan.serverCloses()) {
                    names.add("RST_AFTER_FIN");
                }
            }
            case SIMULTANEOUS -> {
                if (plan.opening() != Opening.CLIENT_ONLY) {
                    names.add("SIMULTANEOUS_CLOSE");
                }
            }
            case HALF_CLOSED_FOR_HOURS -> {
                if (plan.opening() != Opening.CLIENT_ONLY) {
                    names.add("HALF_CLOSED");
                }
            }
            default -> {}
        }
        switch (plan.trouble()) {
            case SYN_LOST_AFTER_TAP, SYN_ACK_LOST_AFTER_TAP -> names.add("SYN_RETRANSMITTED");
            case FIN_LOST_AFTER_TAP, SECOND_FIN_LOST_AFTER_TAP, LAST_ACK_LOST_AFTER_TAP -> names.add("RETRANSMISSION");
            case FORGED_RST_OUTSIDE -> names.add("RST_OUT_OF_WINDOW");
            case FORGED_RST_IN_WINDOW -> names.add("RST_INEXACT");
            case FORGED_RST_EXACT -> names.addAll(List.of("RST_TERMINATED", "SUSPECTED_RST_INJECTION"));
            case KEEP_ALIVE -> names.add("KEEP_ALIVE");
            case ZERO_WINDOW -> names.add("ZERO_WINDOW");
            case OLD_SYN -> names.add("SYN_IN_ESTABLISHED");
            default -> {}
        }
        return names;
    }

    static Set<String> allowed(Plan plan) {
        Set<String> names = new HashSet<>();
        switch (plan.opening()) {
            case FAST_OPEN -> names.addAll(List.of("FAST_OPEN", "SYN_WITH_DATA"));
            case CLIENT_ONLY -> names.addAll(List.of("ONE_SIDED", "FIN_UNACKED", "ACK_UNSEEN"));
            case MIDSTREAM -> names.addAll(List.of("ACK_UNSEEN", "ONE_SIDED"));
            default -> {}
        }
        if (plan.closing() == Closing.HALF_CLOSED_FOR_HOURS) {
            names.addAll(List.of("CLOSE_WAIT_LEAK", "LONG_LIVED"));
        }
        switch (plan.trouble().where()) {
            case HANDSHAKE -> names.addAll(List.of("SYN_RETRANSMITTED", "RETRANSMISSION", "DUPLICATE_ACK"));
            case TALK, CLOSE -> {
                if (!plan.trouble().isMalice()) {
                    names.addAll(OF_LOSS);
                }
            }
            default -> {}
        }
        switch (plan.trouble()) {
            case ZERO_WINDOW ->
                names.addAll(List.of("WINDOW_SHRUNK", "WINDOW_FULL", "ZERO_WINDOW_PROBE", "KEEP_ALIVE", "STALLED"));
            case KEEP_ALIVE -> names.add("DUPLICATE_ACK");
            case CAPTURED_LATE -> names.addAll(List.of("MIDSTREAM", "WINDOW_SHRUNK", "SYNACK_WITHOUT_SYN"));
            case DATA_NOT_CAPTURED -> names.add("CAPTURE_LOSS");
            case FORGED_RST_IN_WINDOW -> names.addAll(List.of("SUSPECTED_RST_INJECTION", "DUPLICATE_ACK"));
            case FORGED_RST_EXACT -> names.addAll(List.of("TRAFFIC_AFTER_CLOSE", "DATA_AFTER_FIN"));
            case OLD_SYN -> names.addAll(List.of("SYN_ISN_CHANGED", "DUPLICATE_ACK"));
            default -> {}
        }
        return names;
    }
}
