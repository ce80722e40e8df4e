package flowstate.tcp;

/**
 * What one agent counted of a connection. Counters are kept per agent: a segment that two agents saw is no
 * retransmission.
 */
public final class Observer {
    /** What one agent counted of one direction. */
    static final class Tally {
        long segments;
        long wireBytes;
        long retransmittedSegments;
        long retransmittedBytes;
        /** Position after the highest octet that this agent saw. */
        long highest;

        boolean began;
    }

    final String agent;
    final Tally low = new Tally();
    final Tally high = new Tally();

    Observer(String agent) {
        this.agent = agent;
    }

    public String agent() {
        return agent;
    }

    Tally tally(boolean fromLow) {
        return fromLow ? low : high;
    }
}
