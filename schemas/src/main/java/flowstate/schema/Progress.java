package flowstate.schema;

/**
 * How far an agent's capture has come on one partition. This is what moves the timers of connections that have gone
 * quiet.
 *
 * @param watermark capture clock, nanoseconds since 1970: every segment of this partition that was captured before it
 *     has been published
 * @param dropped packets that the kernel or the interface dropped since the previous progress record of this partition
 * @param endOfCapture nothing more will come in this session
 */
public record Progress(long watermark, long dropped, boolean endOfCapture) {}
