package flowstate.tcp;

/**
 * The rules by which a segment is a retransmission, out of order, a duplicate acknowledgement and so on: it is compared
 * with what the same agent saw before of both directions. They are those of Wireshark's {@code tcp.analysis} fields
 * (User's Guide, "TCP Analysis"; tshark 4.0), so that one can be checked by the other.
 *
 * <p>The result is a set of kinds, a bit for each {@link AnomalyKind#bit}. Nothing is allocated.
 */
final class Analysis {
    /** What repeats octets that were sent before. */
    static final long AGAIN = AnomalyKind.RETRANSMISSION.bit()
            | AnomalyKind.FAST_RETRANSMISSION.bit()
            | AnomalyKind.SPURIOUS_RETRANSMISSION.bit()
            | AnomalyKind.SYN_RETRANSMITTED.bit();

    /** All that is found here. */
    static final long KINDS = AGAIN
            | AnomalyKind.OUT_OF_ORDER.bit()
            | AnomalyKind.DUPLICATE_ACK.bit()
            | AnomalyKind.SEGMENT_GAP.bit()
            | AnomalyKind.ACK_UNSEEN.bit()
            | AnomalyKind.ZERO_WINDOW.bit()
            | AnomalyKind.WINDOW_FULL.bit()
            | AnomalyKind.ZERO_WINDOW_PROBE.bit()
            | AnomalyKind.WINDOW_SHRUNK.bit()
            | AnomalyKind.KEEP_ALIVE.bit()
            | AnomalyKind.KEEP_ALIVE_UNANSWERED.bit();

    /** A segment that is sent again this soon after the duplicate acknowledgements was sent because of them. */
    private static final long FAST_NS = 20_000_000L;

    /** Duplicates that make a fast retransmission: RFC 5681 has three, of which one may be missing from the capture. */
    private static final int ENOUGH_DUPLICATES = 2;

    /** What is late by less was overtaken, where the round-trip time is not known. */
    private static final long OVERTAKEN_NS = 3_000_000L;

    private Analysis() {}

    /**
     * Finds what is odd about a segment, and takes it into account.
     *
     * @param own what was seen of its direction
     * @param other what was seen of the other direction
     * @param scale how much the other direction's window field is to be shifted, -1 if unknown
     * @param ownScale the same of its own, -1 also if it was overtaken by a newer one
     * @param rttNs from the SYN to the acknowledgement that completed the handshake, -1 if unknown
     */
    static long find(Flow own, Flow other, Segment s, int scale, int ownScale, long rttNs) {
        boolean control = s.has(Flags.SYN | Flags.FIN | Flags.RST);
        boolean began = own.has(Flow.BEGAN);
        int ahead = began ? s.seq() - own.next : 0;
        long found = 0;
        boolean probe = began && ahead == 0 && s.payload() == 1 && other.has(Flow.WINDOW) && other.window == 0;
        boolean keepAlive = !probe && began && ahead == -1 && s.payload() <= 1 && !control;
        if (probe) {
            found |= AnomalyKind.ZERO_WINDOW_PROBE.bit();
        } else {
            found |= gap(own, s, ahead) | window(own, other, s, control, scale, ownScale, ahead);
            found |= keepAlive ? keepAlive(own) : duplicate(own, other, s, control, ahead);
        }
        if (!s.has(Flags.ACK) || !own.has(Flow.ACKED) || s.ack() != own.acked) {
            own.duplicates = 0;
            own.set(Flow.MISSING_TOLD, false);
        }
        found |= unseen(own, other, s, ahead);
        if ((s.payload() > 0 || s.has(Flags.SYN | Flags.FIN)) && !keepAlive) {
            found |= again(own, other, s, ahead, rttNs);
        }
        other.set(Flow.AWAITS_ANSWER, false);
        // the numbers and the window of a RST may be made up: nothing follows from them
        if (!s.has(Flags.RST)) {
            take(own, s, probe, keepAlive);
        }
        return found;
    }

    private static long gap(Flow own, Segment s, int ahead) {
        return ahead > 0 && !s.has(Flags.SYN | Flags.RST) ? AnomalyKind.SEGMENT_GAP.bit() : 0;
    }

    private static long window(Flow own, Flow other, Segment s, boolean control, int scale, int ownScale, int ahead) {
        if (control) {
            return 0;
        }
        long found = s.window() == 0 ? AnomalyKind.ZERO_WINDOW.bit() : 0;
        if (s.payload() > 0 && scale >= 0 && other.has(Flow.WINDOW) && other.has(Flow.ACKED)) {
            int room = other.has(Flow.UNSCALED) ? other.window : other.window << scale;
            if (s.seq() + s.payload() == other.acked + room) {
                found |= AnomalyKind.WINDOW_FULL.bit();
            }
        }
        // only what is newer than all before says where the window ends (RFC 9293 section 3.10.7.4)
        boolean newest = ahead >= 0 && (!own.has(Flow.ACKED) || s.ack() - own.acked >= 0);
        if (ownScale >= 0 && s.has(Flags.ACK) && newest) {
            int edge = s.ack() + (s.window() << ownScale);
            // a window that is no multiple of the scale is rounded down (RFC 7323 section 2.4)
            boolean back = own.has(Flow.OFFERED) && own.rightEdge - edge >= 1 << ownScale;
            // one alone may be older than it seems: of two with the same numbers, nothing tells which was sent first
            if (back && own.has(Flow.SHRINKS)) {
                found |= AnomalyKind.WINDOW_SHRUNK.bit();
                own.rightEdge = edge;
            }
            own.set(Flow.SHRINKS, back);
            own.rightEdge = own.has(Flow.OFFERED) && edge - own.rightEdge < 0 ? own.rightEdge : edge;
            own.set(Flow.OFFERED, true);
        }
        return found;
    }

    private static long keepAlive(Flow own) {
        long unanswered = own.has(Flow.AWAITS_ANSWER) ? AnomalyKind.KEEP_ALIVE_UNANSWERED.bit() : 0;
        return AnomalyKind.KEEP_ALIVE.bit() | unanswered;
    }

    /** The same acknowledgement and window once more, with nothing else, and not as an answer to a keep-alive. */
    private static long duplicate(Flow own, Flow other, Segment s, boolean control, int ahead) {
        boolean nothingNew = own.has(Flow.BEGAN)
                && ahead == 0
                && s.payload() == 0
                && !control
                && s.has(Flags.ACK)
                && own.has(Flow.ACKED)
                && s.ack() == own.acked
                && s.window() == own.window;
        if (!nothingNew || s.window() == 0 || other.has(Flow.KEPT_ALIVE)) {
            return 0;
        }
        own.duplicates++;
        own.set(Flow.MISSING_TOLD, false);
        return AnomalyKind.DUPLICATE_ACK.bit();
    }

    /**
     * It acknowledges what was not seen. Told once for each stretch that is missing, which shows in the other direction:
     * it is a stretch of its own if that has gone on beyond the gap, or has acknowledged something new.
     */
    private static long unseen(Flow own, Flow other, Segment s, int ahead) {
        if (!s.has(Flags.ACK) || !other.has(Flow.BEGAN) || s.ack() - other.unbroken <= 0) {
            return 0;
        }
        boolean takesProbe = other.has(Flow.PROBED)
                && s.window() != 0
                && own.has(Flow.ACKED)
                && s.ack() == own.acked + 1
                && ahead == 0;
        boolean told = false;
        if (other.next - other.unbroken > 0) {
            other.unbroken = other.next;
        } else {
            told = other.has(Flow.MISSING_TOLD) || other.duplicates > 0;
            other.set(Flow.MISSING_TOLD, true);
        }
        return told || takesProbe ? 0 : AnomalyKind.ACK_UNSEEN.bit();
    }

    private static long again(Flow own, Flow other, Segment s, int ahead, long rttNs) {
        int end = end(s);
        // a SYN that was not seen before has come late, whatever was acknowledged meanwhile
        boolean firstSyn = s.has(Flags.SYN) && !own.has(Flow.SYN | Flow.SYN_ACK);
        boolean acknowledged = other.has(Flow.ACKED) && s.seq() + s.payload() - other.acked <= 0;
        if (s.payload() > 0 && acknowledged && !firstSyn) {
            return AnomalyKind.SPURIOUS_RETRANSMISSION.bit();
        }
        // after a probe whose octet was not taken, the sender goes on with that octet and more
        boolean afterProbe = ahead == -1 && s.payload() > 1;
        if (ahead >= 0 || afterProbe) {
            return 0;
        }
        if (s.has(Flags.SYN)) {
            return synAgain(own, s);
        }
        // where segments of the other direction are missing, so may be its duplicates
        boolean enough = other.duplicates >= ENOUGH_DUPLICATES || other.has(Flow.MISSING_TOLD);
        if (enough && other.has(Flow.ACKED) && other.acked == s.seq() && s.robustTimeNs() - other.latestNs < FAST_NS) {
            return AnomalyKind.FAST_RETRANSMISSION.bit();
        }
        long overtaken = rttNs > 0 ? rttNs : OVERTAKEN_NS;
        boolean late = s.robustTimeNs() - own.nextNs < overtaken && end != own.next;
        return late ? AnomalyKind.OUT_OF_ORDER.bit() : AnomalyKind.RETRANSMISSION.bit();
    }

    /** A SYN-ACK after a SYN is none again (simultaneous open); a SYN after what follows it was overtaken. */
    private static long synAgain(Flow own, Segment s) {
        if (own.has(s.has(Flags.ACK) ? Flow.SYN_ACK : Flow.SYN)) {
            return AnomalyKind.SYN_RETRANSMITTED.bit();
        }
        return own.has(Flow.SYN | Flow.SYN_ACK) ? 0 : AnomalyKind.OUT_OF_ORDER.bit();
    }

    private static void take(Flow own, Segment s, boolean probe, boolean keepAlive) {
        boolean began = own.has(Flow.BEGAN);
        int end = end(s);
        if (!probe) {
            if (!began || end - own.next > 0) {
                own.next = end;
                own.nextNs = s.robustTimeNs();
            }
            if (!began || s.seq() == own.unbroken) {
                own.unbroken = own.next;
            }
            own.set(Flow.BEGAN, true);
        }
        own.set(Flow.ACKED, s.has(Flags.ACK));
        own.acked = s.ack();
        own.latestNs = s.robustTimeNs();
        own.window = s.window();
        own.set(Flow.WINDOW, true);
        own.set(Flow.UNSCALED, s.has(Flags.SYN));
        own.set(Flow.KEPT_ALIVE, keepAlive);
        own.set(Flow.PROBED, probe);
        if (s.has(Flags.SYN)) {
            own.set(s.has(Flags.ACK) ? Flow.SYN_ACK : Flow.SYN, true);
        }
        if (keepAlive) {
            own.set(Flow.AWAITS_ANSWER, true);
        }
    }

    /** As tshark counts: one for SYN and FIN together. */
    private static int end(Segment s) {
        return s.seq() + s.payload() + (s.has(Flags.SYN | Flags.FIN) ? 1 : 0);
    }
}
