package flowstate.hosts;

/**
 * Something that lasts has begun, goes on, or has ended.
 *
 * @param course which of the three
 * @param beganNs when it began, nanoseconds since 1970
 * @param atNs when this was so
 * @param count attempts since it began
 * @param confidence above 0 and up to 1
 * @param capture where the latest of them was captured
 * @param message one sentence for a person
 */
public record Notice(
        Course course, long beganNs, long atNs, long count, double confidence, String capture, String message) {
    /** Where it stands. */
    public enum Course {
        BEGAN,
        GOES_ON,
        ENDED
    }
}
