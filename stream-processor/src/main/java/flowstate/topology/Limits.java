package flowstate.topology;

import flowstate.hosts.HostRules;

/**
 * What bounds the state of one partition, and from where on hosts are reported.
 *
 * @param halfOpen connections that were never established, or of which one end only was seen; at least 100
 * @param hosts from how many failed attempts on a host is reported
 * @param captureParts 0: hosts are judged by all agents together. Else by each capture for itself, as {@code replay} does, which
 *     is over when so many partitions of the input, at most 63, have said so
 */
public record Limits(int halfOpen, HostRules hosts, int captureParts) {
    /**
     * As many as a partition has as objects, besides those that it has encoded: what a flood adds and takes never touches the
     * disk, and leaves room for the others. For all 12 partitions together 1,600 attempts a second that stay unanswered for 75 s.
     */
    public static final int DEFAULT_HALF_OPEN = 10_000;

    public static final Limits DEFAULT = new Limits(DEFAULT_HALF_OPEN, HostRules.DEFAULT, 0);

    public Limits {
        if (halfOpen < 100) {
            throw new IllegalArgumentException("at least 100 half-open connections must have room, was " + halfOpen
                    + ": usual traffic would be let go of");
        }
        if (captureParts < 0 || captureParts > 63) {
            throw new IllegalArgumentException("a capture has 0 to 63 parts, was " + captureParts);
        }
    }

    boolean separateCaptures() {
        return captureParts > 0;
    }
}
