package flowstate.hosts;

/**
 * How one attempt to open a connection came out, or several like it.
 *
 * @param timeNs when it began, nanoseconds since 1970
 * @param outcome how it came out
 * @param weight how many attempts it stands for, at least 1
 * @param doubtful the capture lost segments: it may have come out otherwise
 * @param peer the other host's address, 4 or 16 octets
 * @param port the responder's port
 * @param capture the interface or file that it was captured from
 */
public record Attempt(
        long timeNs, Outcome outcome, int weight, boolean doubtful, byte[] peer, int port, String capture) {

    /** How an attempt may come out. */
    public enum Outcome {
        /** Nothing, or nothing more, was heard of one end. */
        UNANSWERED,
        /** One end said no. */
        REFUSED,
        /** The handshake was completed. */
        OPENED
    }
}
