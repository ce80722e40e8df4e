package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.trace.Line;
import flowstate.trace.TraceRun;
import flowstate.traffic.Conversation;
import flowstate.traffic.Plan;
import flowstate.traffic.Reuse;
import flowstate.traffic.Trouble;
import flowstate.traffic.Truth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the tracker makes of generated connections, beside what became of them. */
class GeneratedTruthTest {
    private static final int SEEDS = 3;
    private static final int REUSES = 20;
    private static final long START_NS = 1_767_225_600_000_000_000L;

    static Stream<Plan> plans() {
        return Stream.iterate(0L, seed -> seed + 1)
                .limit(SEEDS)
                .flatMap(seed -> Plan.all(seed * 1_000_000).stream())
                .filter(GeneratedTruthTest::canBeJudged);
    }

    /** Which of two RSTs counts is known to a model that tells RST_INEXACT. */
    static boolean canBeJudged(Plan plan) {
        return (plan.trouble() != Trouble.FORGED_RST_IN_WINDOW && plan.trouble() != Trouble.FORGED_RST_EXACT)
                || Arrays.stream(AnomalyKind.values())
                        .anyMatch(kind -> kind.name().equals("RST_INEXACT"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("plans")
    void theVerdictIsTheTruth(Plan plan) {
        Conversation conversation = Conversation.of(plan);
        Watch watch = watch(conversation);
        assertThat(watch.verdicts()).as(() -> conversation.trace().toString()).hasSize(1);
        List<String> wrong = differences(conversation, watch.verdicts().get(0));
        assertThat(wrong)
                .as(() -> plan + "\n" + conversation.trace() + "\n" + watch.told() + "\n" + conversation.truth() + "\n"
                        + watch.verdicts().get(0))
                .isEmpty();
    }

    static Stream<Arguments> reuses() {
        return Arrays.stream(Reuse.Kind.values())
                .flatMap(kind -> LongStream.range(0, REUSES).mapToObj(seed -> Arguments.of(kind, seed)));
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("reuses")
    void portsThatAreTakenAgainAreTwoConnections(Reuse.Kind kind, long seed) {
        Reuse reuse = Reuse.of(kind, seed);
        boolean clientIsLow = seed % 2 == 0;
        Watch watch = new Watch(Timers.DEFAULT, clientIsLow ? 40000 : 80, clientIsLow ? 80 : 40000);
        feed(watch, reuse.former(), clientIsLow, START_NS);
        feed(watch, reuse.latter(), clientIsLow, START_NS + reuse.latterAtNs());
        watch.await();
        assertThat(watch.verdicts()).as(watch.told()).hasSize(2);
        assertThat(differences(reuse.former(), watch.verdicts().get(0)))
                .as(() -> reuse.former().trace() + "\n" + watch.told())
                .isEmpty();
        assertThat(differences(reuse.latter(), watch.verdicts().get(1)))
                .as(() -> reuse.latter().trace() + "\n" + watch.told())
                .isEmpty();
    }

    private static Watch watch(Conversation conversation) {
        boolean clientIsLow = conversation.plan().seed() % 2 == 0;
        Watch watch = new Watch(Timers.DEFAULT, clientIsLow ? 40000 : 80, clientIsLow ? 80 : 40000);
        feed(watch, conversation, clientIsLow, START_NS);
        if (conversation.truth().endReason() != EndReason.CAPTURE_ENDED) {
            watch.await();
        }
        watch.end();
        return watch;
    }

    private static void feed(Watch watch, Conversation conversation, boolean clientIsLow, long startNs) {
        TraceRun run = conversation.run(clientIsLow, startNs);
        for (Line line : conversation.lines()) {
            Line.Observed observed = (Line.Observed) line.step();
            watch.segment(
                    observed.segment().segment(run, line.atNs()),
                    observed.segment().agent());
        }
    }

    /** What the verdict says otherwise than the truth, a line each. */
    static List<String> differences(Conversation conversation, Verdict verdict) {
        Plan plan = conversation.plan();
        Truth truth = conversation.truth();
        List<String> wrong = new ArrayList<>();
        compare(wrong, "conn_state", truth.connState(), verdict.connState());
        compare(wrong, "handshake", truth.handshake(), verdict.handshake());
        compare(wrong, "teardown", truth.teardown(), verdict.teardown());
        compare(wrong, "end reason", truth.endReason(), verdict.endReason());
        compare(wrong, "closed first", truth.closedFirst(), verdict.closedFirst());
        end(wrong, "originator", truth.client(), verdict.originator());
        end(wrong, "responder", truth.server(), verdict.responder());
        letters(wrong, plan, truth, verdict);
        anomalies(wrong, truth, verdict);
        return wrong;
    }

    private static void end(List<String> wrong, String end, Truth.End truth, Verdict.End verdict) {
        compare(wrong, end + ".bytes", truth.bytes(), verdict.bytes());
        compare(wrong, end + ".segments", truth.segments(), verdict.segments());
        if (truth.retransmittedSegments() >= 0) {
            compare(wrong, end + ".retransmitted", truth.retransmittedSegments(), verdict.retransmittedSegments());
        }
        if (truth.states().isEmpty()) {
            return;
        }
        // what it was before it was seen at all is not known
        List<TcpState> strange = Verdict.notOnTheWay(verdict.states(), truth.states());
        strange.remove(TcpState.CLOSE);
        strange.remove(TcpState.LISTEN);
        compare(wrong, end + ".states not on its way", List.of(), strange);
    }

    private static void letters(List<String> wrong, Plan plan, Truth truth, Verdict verdict) {
        Set<Character> more = new TreeSet<>(verdict.letters());
        more.removeAll(truth.letters());
        // Zeek's T, W and G depend on what came before what in the capture
        "TtWwGg^".chars().forEach(letter -> more.remove((char) letter));
        Set<Character> fewer = new TreeSet<>(truth.letters());
        fewer.removeAll(verdict.letters());
        if (!more.isEmpty() || !fewer.isEmpty()) {
            wrong.add("history " + verdict.history() + ", expected the letters " + truth.letters());
        }
    }

    private static void anomalies(List<String> wrong, Truth truth, Verdict verdict) {
        Set<String> known = new HashSet<>();
        Arrays.stream(AnomalyKind.values()).forEach(kind -> known.add(kind.name()));
        Set<String> found = new TreeSet<>();
        verdict.anomalies().keySet().forEach(kind -> found.add(kind.name()));
        Set<String> missing = new TreeSet<>(truth.anomalies());
        missing.retainAll(known);
        missing.removeAll(found);
        compare(wrong, "anomalies missing", Set.of(), missing);
        Set<String> falseAlarms = new TreeSet<>(found);
        falseAlarms.removeAll(truth.anomalies());
        falseAlarms.removeAll(truth.allowed());
        compare(wrong, "false alarms", Set.of(), falseAlarms);
    }

    private static void compare(List<String> wrong, String what, Object expected, Object actual) {
        if (!expected.equals(actual)) {
            wrong.add(what + ": expected " + expected + ", was " + actual);
        }
    }
}
