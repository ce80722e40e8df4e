package flowstate.trace;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Runs a trace through a level and compares what the tracker said with what the text expects. A failure prints the
 * whole trace as it really went, as a diff: {@code -} was expected, {@code +} is what happened.
 *
 * <p>Lifecycle events and anomalies go to two topics, so their order is compared within each kind, not across.
 */
public final class TraceRunner {

    private TraceRunner() {}

    /**
     * Line by line: each event on the line that causes it, then the verdicts.
     *
     * @throws AssertionError if something differs
     */
    public static void check(Trace trace, TraceRun run, TraceTarget target) {
        Diff diff = new Diff(trace, run.toString());
        long before = 0;
        for (Line line : trace.lines()) {
            List<Expectation> said = Expectation.parseAll(step(trace, line, run, target));
            String situation = line.situation(before);
            String comment = line.comment().isEmpty() ? "" : "  // " + line.comment();
            @Nullable String states = line.silent() && !line.expected().isEmpty() ? target.states() : null;
            boolean asExpected = kindsMet(line.expected(), said) && statesMet(line.expected(), states);
            if (asExpected) {
                diff.same(situation + line.expectedText() + comment);
            } else {
                List<Expectation> went = new ArrayList<>(said);
                if (went.isEmpty() && states != null) {
                    went.add(new Expectation("", false, states, 0));
                }
                diff.differs(situation + line.expectedText() + comment, situation + Line.expectedText(went));
            }
            before = line.atNs();
        }
        verdicts(trace, target.verdicts(), diff);
        diff.failIfDifferent();
    }

    /**
     * As a whole, for levels that cannot tell which segment caused what (a pipeline): the sequence of lifecycle events,
     * the sequence of anomalies, and the verdicts.
     *
     * @param said all that was said of the trace's 4-tuple, rendered as by a {@link TraceTarget}; lifecycle events and
     *     anomalies each in order
     * @param verdicts as from {@link TraceTarget#verdicts()}
     * @throws AssertionError if something differs
     */
    public static void checkSequence(Trace trace, List<String> said, List<Map<String, String>> verdicts) {
        Diff diff = new Diff(trace, "whole sequence");
        List<Expectation> expected =
                trace.lines().stream().flatMap(line -> line.expected().stream()).toList();
        List<Expectation> went = Expectation.parseAll(said);
        sequence("lifecycle", expected, went, Expectation::lifecycle, diff);
        sequence("anomalies", expected, went, Expectation::anomaly, diff);
        verdicts(trace, verdicts, diff);
        diff.failIfDifferent();
    }

    private static List<String> step(Trace trace, Line line, TraceRun run, TraceTarget target) {
        long clockNs = run.startNs() + line.atNs();
        List<String> said = new ArrayList<>(target.timer(clockNs));
        if (line.step() instanceof Line.Observed observed) {
            String agent = observed.segment().agent();
            long aheadNs = trace.clocks().getOrDefault(agent, 0L);
            said.addAll(target.feed(observed.segment().segment(run, line.atNs(), aheadNs), agent));
        } else if (line.step() instanceof Line.End) {
            said.addAll(target.end());
        }
        return said;
    }

    private static boolean kindsMet(List<Expectation> expected, List<Expectation> said) {
        return met(expected, said, Expectation::lifecycle) && met(expected, said, Expectation::anomaly);
    }

    private static boolean met(List<Expectation> expected, List<Expectation> said, Predicate<Expectation> kind) {
        List<Expectation> want = expected.stream().filter(kind).toList();
        List<Expectation> have = said.stream().filter(kind).toList();
        if (want.size() != have.size()) {
            return false;
        }
        for (int i = 0; i < want.size(); i++) {
            if (!want.get(i).met(have.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean statesMet(List<Expectation> expected, @Nullable String states) {
        return states == null || expected.stream().allMatch(e -> states.equals(e.states()));
    }

    private static void sequence(
            String label, List<Expectation> expected, List<Expectation> went, Predicate<Expectation> kind, Diff diff) {
        List<Expectation> want = expected.stream().filter(kind).toList();
        String wanted = label + ":" + Line.expectedText(want);
        if (met(expected, went, kind)) {
            diff.same(wanted);
        } else {
            diff.differs(
                    wanted,
                    label + ":" + Line.expectedText(went.stream().filter(kind).toList()));
        }
    }

    private static void verdicts(Trace trace, List<Map<String, String>> went, Diff diff) {
        List<Map<String, String>> expected = trace.verdicts();
        for (int i = 0; i < Math.max(expected.size(), went.size()); i++) {
            if (i >= expected.size()) {
                diff.unexpected(Trace.verdictText(went.get(i)));
            } else if (i >= went.size()) {
                diff.missing(Trace.verdictText(expected.get(i)));
            } else {
                verdict(expected.get(i), went.get(i), diff);
            }
        }
    }

    private static void verdict(Map<String, String> expected, Map<String, String> went, Diff diff) {
        Map<String, String> stated = new LinkedHashMap<>();
        boolean asExpected = true;
        for (Map.Entry<String, String> field : expected.entrySet()) {
            String value = went.getOrDefault(field.getKey(), "-");
            stated.put(field.getKey(), value);
            asExpected &= sameValue(field.getValue(), value);
        }
        if (asExpected) {
            diff.same(Trace.verdictText(expected));
        } else {
            diff.differs(Trace.verdictText(expected), Trace.verdictText(stated));
        }
    }

    /** Numbers are compared to as many digits as are stated: a trace that says 9.96 does not ask for nanoseconds. */
    private static boolean sameValue(String expected, String went) {
        if (expected.equals(went)) {
            return true;
        }
        try {
            BigDecimal stated = new BigDecimal(expected);
            return stated.compareTo(new BigDecimal(went).setScale(stated.scale(), RoundingMode.HALF_UP)) == 0;
        } catch (NumberFormatException notNumbers) {
            return false;
        }
    }

    private static final class Diff {
        private final StringBuilder text = new StringBuilder();
        private boolean different;

        Diff(Trace trace, String run) {
            text.append(trace.name())
                    .append(" (")
                    .append(run)
                    .append(") did not go as written: ")
                    .append(trace.title())
                    .append('\n');
            String why = trace.headers().get("why");
            if (why != null) {
                text.append("why: ").append(why).append('\n');
            }
        }

        void same(String line) {
            text.append("  ").append(line).append('\n');
        }

        void missing(String line) {
            text.append("- ").append(line).append('\n');
            different = true;
        }

        void unexpected(String line) {
            text.append("+ ").append(line).append('\n');
            different = true;
        }

        void differs(String expected, String went) {
            missing(expected);
            unexpected(went);
        }

        void failIfDifferent() {
            if (different) {
                throw new AssertionError(text.toString());
            }
        }
    }
}
