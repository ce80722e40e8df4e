package flowstate.tcp;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * When the tracker reports a connection that is stuck, and when it lets go of one. All in nanoseconds of the observer's
 * clock; {@link #NEVER} switches a timer off.
 *
 * @param attemptReport from the first SYN to ATTEMPT_TIMEOUT
 * @param attemptForget from the first SYN to letting go, unanswered
 * @param oneSidedLimit from the first SYN to letting go while nothing of the responder was seen, though the originator
 *     carried on as if it had been answered
 * @param handshakeReport from the SYN-ACK to HALF_OPEN
 * @param handshakeForget from the last segment to letting go, handshake not completed
 * @param halfClosedReports from the acknowledgement of the first FIN to each HALF_CLOSED, ascending
 * @param closeWaitLeak from the last payload of the end that stays open, or the acknowledgement of the other's FIN, to
 *     CLOSE_WAIT_LEAK
 * @param halfClosedForget from the last segment to letting go, half-closed
 * @param finReport from a FIN to FIN_UNACKED
 * @param finForget from the last segment to letting go, a FIN unacknowledged
 * @param stallReport from a closed window, or a retransmission, after which nothing went on, to STALLED
 * @param closeLimit from the FIN after which no other can come (both ends', or the only end's) to letting go
 * @param timeWait from the close to letting go
 * @param resetLinger from a RST to letting go
 * @param idleReport from the last segment to IDLE_TIMEOUT
 * @param idleForget from the last segment to letting go, established
 * @param midstreamForget from the last segment to letting go, no SYN seen
 * @param periodic from the start to each PERIODIC, ascending; the last value repeats
 * @param longLived from the start to LONG_LIVED, told with the first segment after that
 */
public record Timers(
        long attemptReport,
        long attemptForget,
        long oneSidedLimit,
        long handshakeReport,
        long handshakeForget,
        List<Long> halfClosedReports,
        long closeWaitLeak,
        long halfClosedForget,
        long finReport,
        long finForget,
        long stallReport,
        long closeLimit,
        long timeWait,
        long resetLinger,
        long idleReport,
        long idleForget,
        long midstreamForget,
        List<Long> periodic,
        long longLived) {

    /** No timer, and as a time, none that a clock comes to. */
    public static final long NEVER = Long.MAX_VALUE;

    /** What a network engineer would expect; docs/design.md has the reasons. */
    public static final Timers DEFAULT = new Timers(
            seconds(5),
            seconds(75),
            NEVER,
            seconds(5),
            seconds(60),
            List.of(seconds(5), seconds(60), seconds(600), seconds(3600)),
            hours(1),
            hours(2),
            seconds(5),
            seconds(30),
            seconds(5),
            NEVER,
            seconds(60),
            seconds(10),
            hours(1),
            hours(24),
            seconds(300),
            List.of(seconds(600), hours(1), hours(12), hours(24)),
            hours(24));

    /** Zeek's values (scripts/base/init-bare.zeek), to compare with it. It reports nothing before it lets go. */
    public static final Timers ZEEK = new Timers(
            NEVER,
            seconds(5),
            seconds(5),
            NEVER,
            seconds(300),
            List.of(),
            NEVER,
            seconds(300),
            NEVER,
            seconds(300),
            NEVER,
            seconds(5),
            seconds(5),
            seconds(5),
            NEVER,
            seconds(300),
            seconds(300),
            List.of(),
            NEVER);

    /**
     * The profile of a name.
     *
     * @throws IllegalArgumentException if it is neither {@code default} nor {@code zeek}
     */
    public static Timers named(String name) {
        return switch (name) {
            case "default" -> DEFAULT;
            case "zeek" -> ZEEK;
            default ->
                throw new IllegalArgumentException(
                        "timers must be 'default' or 'zeek', was '" + name + "': there is no other profile");
        };
    }

    private static long seconds(long n) {
        return TimeUnit.SECONDS.toNanos(n);
    }

    private static long hours(long n) {
        return TimeUnit.HOURS.toNanos(n);
    }
}
