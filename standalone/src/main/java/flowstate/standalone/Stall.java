package flowstate.standalone;

import java.time.Duration;

/** Notices that nothing has moved for too long. */
final class Stall {
    private final Duration limit;
    private long sinceNs;
    private long packets = -1;
    private long progress = -1;

    Stall(Duration limit, long nowNs) {
        this.limit = limit;
        this.sinceNs = nowNs;
    }

    /**
     * Compares with the last call.
     *
     * @throws StandaloneException if neither number has changed within the limit
     */
    void check(long nowNs, long packetsNow, long progressNow) throws StandaloneException {
        if (packetsNow != packets || progressNow != progress) {
            packets = packetsNow;
            progress = progressNow;
            sinceNs = nowNs;
        } else if (nowNs - sinceNs > limit.toNanos()) {
            throw new StandaloneException(String.format(
                    "nothing has moved for %d s, after %d packets: see with --verbose what Kafka waits for",
                    limit.toSeconds(), packets));
        }
    }
}
