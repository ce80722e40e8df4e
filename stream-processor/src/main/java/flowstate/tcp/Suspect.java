package flowstate.tcp;

/**
 * A RST that one agent saw arrive, while another that it must have passed before has not seen it: somebody between the two
 * made it, unless the other is only late in telling.
 *
 * @param fromLow the end that it claims to come from
 * @param seq its sequence number
 * @param clockNs when it was seen, by the first agent's clock
 * @param timeNs its capture time, likewise
 * @param seenBy id of the agent that saw it arrive
 * @param missedBy id of the agent that it should have passed before
 */
record Suspect(boolean fromLow, int seq, long clockNs, long timeNs, String seenBy, String missedBy) {
    /** More than the error of what is known of the agents' clocks. */
    private static final long MARGIN_NS = 500_000_000L;

    /** When, by the clock of the agent that should have seen it, it is certain that it has not. */
    long dueNs() {
        return clockNs + MARGIN_NS;
    }
}
