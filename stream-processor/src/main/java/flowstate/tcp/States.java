package flowstate.tcp;

/** Derives the RFC 9293 state of an end from the facts about both. A pure function: the specification of the tracker. */
final class States {
    private States() {}

    /**
     * The state of {@code end}.
     *
     * @param end the end in question
     * @param peer the other
     */
    static TcpState of(End end, End peer) {
        if (end.hasReset() || peer.hasReset()) {
            return TcpState.CLOSE;
        }
        boolean acknowledgedPeersFin = peer.finAcked();
        if (end.fin) {
            return closing(end, peer, acknowledgedPeersFin);
        }
        if (acknowledgedPeersFin) {
            return TcpState.CLOSE_WAIT;
        }
        return end.syn ? opening(end, peer) : withoutSyn(end, peer);
    }

    /** It has sent a FIN. Whether it closed second shows in what that FIN acknowledged. */
    private static TcpState closing(End end, End peer, boolean acknowledgedPeersFin) {
        boolean second = end.finCovers(peer);
        if (end.finAcked()) {
            if (second) {
                return TcpState.CLOSE;
            }
            if (acknowledgedPeersFin) {
                return TcpState.TIME_WAIT;
            }
            // where the FINs crossed, the peer's came before its acknowledgement of this one: RFC 9293 figure 13
            return peer.fin && !peer.finCovers(end) ? TcpState.CLOSING : TcpState.FIN_WAIT2;
        }
        if (second) {
            return TcpState.LAST_ACK;
        }
        return acknowledgedPeersFin ? TcpState.CLOSING : TcpState.FIN_WAIT1;
    }

    /** It has sent a SYN and no FIN. */
    private static TcpState opening(End end, End peer) {
        boolean synAcked = end.acked >= 1;
        boolean ackedPeer = peer.based && peer.acked >= 1;
        if (!ackedPeer) {
            return TcpState.SYN_SENT;
        }
        // Only a SYN-ACK can acknowledge the peer's SYN before its own is acknowledged. An end that sent a plain SYN
        // and then acknowledges must have had a SYN-ACK, seen or not.
        return synAcked || !end.synAck || carriesOnUnanswered(end, peer) ? TcpState.ESTABLISHED : TcpState.SYN_RECV;
    }

    /** No SYN of it was seen: its state follows from the peer's behaviour. */
    private static TcpState withoutSyn(End end, End peer) {
        if (!peer.syn) {
            return TcpState.ESTABLISHED;
        }
        if (peer.synAck && !peer.bareSyn) {
            // it must have sent a SYN that was not captured
            return end.seen || carriesOnUnanswered(peer, end) ? TcpState.ESTABLISHED : TcpState.SYN_SENT;
        }
        boolean peerMovedOn = end.based && end.acked >= 1 && (end.sentData || !end.seen || peer.highest > 1);
        return peerMovedOn ? TcpState.ESTABLISHED : TcpState.LISTEN;
    }

    /**
     * It sent a SYN-ACK, and then data, or an acknowledgement of some, while nothing of its peer was seen: the handshake was
     * completed, and the capture shows one end only.
     */
    private static boolean carriesOnUnanswered(End end, End peer) {
        return !peer.seen && (end.sentData || peer.acked > 1);
    }
}
