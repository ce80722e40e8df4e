package flowstate.benchmarks;

import java.util.Map;

/** What Flowstate is to reach with {@link Traffic.Mix#MIX} traffic, and the words in which a report says whether it does. */
enum Target {
    RATIO_TO_TCPTRACE("segments/s of a replay, in those of tcptrace", true, 1.0),
    RATIO_TO_ARGUS("segments/s of a replay, in those of argus", true, 0.45),
    CPU_PER_SEGMENT("CPU of a replay after its start, us a segment", false, 2.5),
    OCTETS_PER_SEGMENT("flowstate.segments on disk, octets a segment", false, 25),
    RATE_AT_A_MILLION("segments/s with 1,000,000 connections open, in those with 10,000", true, 0.7),
    STATE_PER_CONNECTION("state of an open connection with 1,000,000 open, heap and RocksDB, octets", false, 600),
    LATENCY("segment captured to event readable, p99 at 10,000 segments/s, commits each 100 ms, ms", false, 400),
    SMALL_REPLAY("replay of nine packets, s", false, 6);

    private final String what;
    private final boolean atLeast;
    private final double bound;

    Target(String what, boolean atLeast, double bound) {
        this.what = what;
        this.atLeast = atLeast;
        this.bound = bound;
    }

    /** @param measured by the title of the section that did */
    static Table table(Map<Target, Map<String, Double>> measured) {
        Table table = new Table("goal", "bound", "measured", "", "by");
        for (Target each : values()) {
            String bound = (each.atLeast ? "at least " : "at most ") + Text.number(each.bound);
            Map<String, Double> values = measured.getOrDefault(each, Map.of());
            if (values.isEmpty()) {
                table.row(each.what, bound, "not measured", "", "");
            }
            values.forEach((section, value) ->
                    table.row(each.what, bound, Text.number(value), each.isMetBy(value) ? "met" : "missed", section));
        }
        return table;
    }

    private boolean isMetBy(double value) {
        return atLeast ? value >= bound : value <= bound;
    }
}
