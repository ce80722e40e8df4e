package flowstate.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a trace leaves open: initial sequence numbers, which end is the key's low one, and when it starts. The verdict
 * must not depend on any of it.
 *
 * @param clientIsn initial sequence number of C, 32 bits
 * @param serverIsn initial sequence number of S, 32 bits
 * @param clientIsLow whether C is the low end of the connection key
 * @param startNs time of the trace's start, nanoseconds since 1970
 */
public record TraceRun(int clientIsn, int serverIsn, boolean clientIsLow, long startNs) {

    private static final Pattern ISN = Pattern.compile("C=(\\d{1,10}) S=(\\d{1,10})");

    /** 14 November 2023, 22:13:20 UTC. */
    private static final long START_NS = 1_700_000_000_000_000_000L;

    /** The run with the trace's own initial sequence numbers, C being the low end. */
    public static TraceRun plain(Trace trace) {
        Matcher isn = ISN.matcher(trace.headers().getOrDefault("isn", "C=1527358664 S=2031984515"));
        if (!isn.matches()) {
            throw new IllegalArgumentException("header isn must read like 'C=1000 S=2000'");
        }
        return new TraceRun((int) Long.parseLong(isn.group(1)), (int) Long.parseLong(isn.group(2)), true, START_NS);
    }

    /**
     * The runs that every trace has to pass: its own numbers, both directions at the two places where 32-bit arithmetic
     * goes wrong (-3: unsigned wrap; 2^31-1: signed wrap), and 0, which must not be taken for "none"; each with C as
     * the low and as the high end.
     */
    public static List<TraceRun> all(Trace trace) {
        TraceRun plain = plain(trace);
        List<TraceRun> runs = new ArrayList<>();
        for (boolean low : new boolean[] {true, false}) {
            runs.add(new TraceRun(plain.clientIsn, plain.serverIsn, low, START_NS));
            runs.add(new TraceRun(-3, Integer.MAX_VALUE, low, START_NS));
            runs.add(new TraceRun(Integer.MAX_VALUE, -3, low, START_NS));
            runs.add(new TraceRun(0, 0, low, START_NS));
        }
        return runs;
    }

    /** Runs in which each number of a trace in turn is the first after the wrap, unsigned and signed. */
    public static List<TraceRun> wrappingAnywhere(Trace trace) {
        SortedSet<Integer> numbers = new TreeSet<>();
        for (Line line : trace.lines()) {
            if (line.step() instanceof Line.Observed observed) {
                TraceSegment s = observed.segment();
                numbers.add((int) s.start());
                numbers.add((int) s.start() + s.payload());
                numbers.add((int) s.ack());
            }
        }
        List<TraceRun> runs = new ArrayList<>();
        for (int number : numbers) {
            runs.add(new TraceRun(-number, -number, true, START_NS));
            runs.add(new TraceRun(Integer.MIN_VALUE - number, Integer.MIN_VALUE - number, true, START_NS));
        }
        return runs;
    }

    static boolean isIsnHeader(String value) {
        Matcher isn = ISN.matcher(value);
        return isn.matches()
                && Long.parseLong(isn.group(1)) <= 0xffff_ffffL
                && Long.parseLong(isn.group(2)) <= 0xffff_ffffL;
    }

    /** As a test's display name shows it. */
    @Override
    public String toString() {
        return "ISN C=" + Integer.toUnsignedString(clientIsn) + " S=" + Integer.toUnsignedString(serverIsn) + ", C "
                + (clientIsLow ? "low" : "high");
    }
}
