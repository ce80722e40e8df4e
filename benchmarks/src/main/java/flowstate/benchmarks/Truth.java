package flowstate.benchmarks;

import java.util.List;
import java.util.StringJoiner;

/**
 * What a capture holds, known without Flowstate.
 *
 * @param segments in all
 * @param connections in all
 * @param closed connections by {@link Close}; empty where it is not known how each ended
 * @param payload octets of payload, retransmissions once; -1 where it is not known
 */
record Truth(long segments, long connections, long[] closed, long payload) {

    /** What several captures hold together. */
    static Truth sum(List<Truth> parts) {
        long[] closed = new long[Close.values().length];
        for (Truth part : parts) {
            for (int i = 0; i < closed.length; i++) {
                closed[i] += part.closed[i];
            }
        }
        return new Truth(
                parts.stream().mapToLong(Truth::segments).sum(),
                parts.stream().mapToLong(Truth::connections).sum(),
                closed,
                parts.stream().mapToLong(Truth::payload).sum());
    }

    /**
     * Compares what a run told with this.
     *
     * @throws WrongResultException if it is not the same: then its speed counts for nothing
     */
    void check(Told told) throws WrongResultException {
        boolean right = told.connections == connections && (payload < 0 || told.payload == payload);
        for (int i = 0; i < closed.length; i++) {
            right &= told.closed[i] == closed[i];
        }
        if (!right) {
            throw new WrongResultException("events do not tell the truth: " + told + ", expected " + this);
        }
    }

    @Override
    public String toString() {
        return describe(connections, closed, payload) + " in " + segments + " segments";
    }

    private static String describe(long connections, long[] closed, long payload) {
        StringJoiner text = new StringJoiner(", ");
        text.add(connections + " connections");
        for (int i = 0; i < closed.length; i++) {
            text.add(closed[i] + " " + Close.values()[i]);
        }
        return text.add(payload + " octets").toString();
    }

    /** What the settled records of a run told. */
    static final class Told {
        long connections;
        final long[] closed = new long[Close.values().length];
        long payload;
        /** Events and anomalies, these records included. */
        long events;

        @Override
        public String toString() {
            return describe(connections, closed, payload);
        }
    }
}
