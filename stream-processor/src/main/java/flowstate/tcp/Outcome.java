package flowstate.tcp;

/**
 * The outcome of a connection in Zeek's words: {@code conn_state} (base/protocols/conn/main.zeek), derived from the
 * condition of both ends.
 */
final class Outcome {
    /** What Zeek's connection states of an end amount to. */
    enum Condition {
        /** Nothing was seen from it, or no SYN. */
        INACTIVE,
        SYN_SENT,
        ESTABLISHED,
        CLOSED,
        RESET
    }

    private Outcome() {}

    static Condition condition(End end, End peer) {
        if (end.hasAborted(peer)) {
            return Condition.RESET;
        }
        if (end.fin) {
            return Condition.CLOSED;
        }
        if (end.syn) {
            return peer.syn || end.synAck ? Condition.ESTABLISHED : Condition.SYN_SENT;
        }
        // a SYN-ACK that was acknowledged: the SYN itself was missed
        return end.seen && peer.synAck ? Condition.ESTABLISHED : Condition.INACTIVE;
    }

    static String of(End originator, End responder, CharSequence history) {
        Condition os = condition(originator, responder);
        Condition rs = condition(responder, originator);
        if (rs == Condition.RESET) {
            boolean noPayload = originator.bytes() == 0 && responder.bytes() == 0;
            if (os == Condition.SYN_SENT || (os == Condition.RESET && noPayload)) {
                return "REJ";
            }
            return os == Condition.INACTIVE ? "RSTRH" : "RSTR";
        }
        if (os == Condition.RESET) {
            if (rs == Condition.INACTIVE) {
                return onlySynThenReset(history) ? "RSTOS0" : "OTH";
            }
            return "RSTO";
        }
        if (os == Condition.CLOSED && rs == Condition.CLOSED) {
            return "SF";
        }
        if (os == Condition.CLOSED) {
            return rs == Condition.INACTIVE ? "SH" : "S2";
        }
        if (rs == Condition.CLOSED) {
            return os == Condition.INACTIVE ? "SHR" : "S3";
        }
        if (os == Condition.SYN_SENT && !responder.sentData && rs == Condition.INACTIVE) {
            return "S0";
        }
        return os == Condition.ESTABLISHED && rs == Condition.ESTABLISHED ? "S1" : "OTH";
    }

    /** A SYN first, then a RST, and in between nothing else of the originator but payload. */
    private static boolean onlySynThenReset(CharSequence history) {
        int i = 0;
        if (i < history.length() && history.charAt(i) == '^') {
            i++;
        }
        if (i >= history.length() || history.charAt(i) != 'S') {
            return false;
        }
        for (i++; i < history.length(); i++) {
            char c = history.charAt(i);
            if (c == 'R') {
                return true;
            }
            if ("HAFGIQ".indexOf(c) >= 0) {
                return false;
            }
        }
        return false;
    }
}
