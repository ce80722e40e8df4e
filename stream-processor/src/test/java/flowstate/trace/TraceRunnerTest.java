package flowstate.trace;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowstate.tcp.Flags;
import flowstate.tcp.Segment;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TraceRunnerTest {
    private static final Trace REFUSED = Trace.parse("refused", """
            title: a refused connection is rejected
            why: RFC 9293 3.10.7.1
            +0.000  C > S  S   0:0(0)         => OPENING [SYN_SENT/LISTEN]
            +0.012  S > C  R.  0:0(0)  ack 1  => REJECTED, !CONNECTION_REJECTED  // not silently
            +1      timer
            +9      timer                     => ENDED
            verdict: conn_state=REJ half_closed_seconds=- duration_seconds=0.012
            """);
    private static final Map<String, String> VERDICT =
            Map.of("conn_state", "REJ", "duration_seconds", "0.0120004", "history", "Sr");

    /** A tracker that knows refused connections only, and says what it is told to say of them. */
    private static final class RefusalTracker implements TraceTarget {
        private final List<String> onReset;
        private final Map<String, String> verdict;
        private @Nullable Long endsAtNs;
        private boolean ended;

        RefusalTracker(List<String> onReset, Map<String, String> verdict) {
            this.onReset = onReset;
            this.verdict = verdict;
        }

        @Override
        public List<String> feed(Segment segment, String agent) {
            if (segment.has(Flags.RST)) {
                endsAtNs = segment.clockNs() + 10_000_000_000L;
                return onReset;
            }
            return List.of("OPENING [SYN_SENT/LISTEN]");
        }

        @Override
        public List<String> timer(long clockNs) {
            if (ended || endsAtNs == null || clockNs < endsAtNs) {
                return List.of();
            }
            ended = true;
            return List.of("ENDED [CLOSE/CLOSE]");
        }

        @Override
        public List<String> end() {
            return timer(Long.MAX_VALUE);
        }

        @Override
        public String states() {
            return ended || endsAtNs != null ? "CLOSE/CLOSE" : "SYN_SENT/LISTEN";
        }

        @Override
        public List<Map<String, String>> verdicts() {
            return ended ? List.of(verdict) : List.of();
        }
    }

    private static void run(Trace trace, List<String> onReset, Map<String, String> verdict) {
        TraceRunner.check(trace, new TraceRun(7, 8, true, 0), new RefusalTracker(onReset, verdict));
    }

    @Test
    void aRunThatGoesAsWrittenPasses() {
        assertThatCode(() -> run(REFUSED, List.of("REJECTED [CLOSE/CLOSE]", "!CONNECTION_REJECTED x1"), VERDICT))
                .doesNotThrowAnyException();
    }

    @Test
    void theOrderOfAnomaliesAndLifecycleEventsOnALineIsFree() {
        assertThatCode(() -> run(REFUSED, List.of("!CONNECTION_REJECTED", "REJECTED"), VERDICT))
                .doesNotThrowAnyException();
    }

    @Test
    void aFailurePrintsTheTraceAsItWent() {
        assertThatThrownBy(() -> run(REFUSED, List.of("RESET [CLOSE/CLOSE]", "!RST_TERMINATED"), VERDICT))
                .isInstanceOf(AssertionError.class)
                .hasMessage("""
                        refused (ISN C=7 S=8, C low) did not go as written: a refused connection is rejected
                        why: RFC 9293 3.10.7.1
                          +0.000 C > S  S  0:0(0)  => OPENING [SYN_SENT/LISTEN]
                        - +0.012 S > C  R.  0:0(0)  ack 1  => REJECTED, !CONNECTION_REJECTED  // not silently
                        + +0.012 S > C  R.  0:0(0)  ack 1  => RESET [CLOSE/CLOSE], !RST_TERMINATED
                          +1.000 timer
                          +9.000 timer  => ENDED
                          verdict: conn_state=REJ half_closed_seconds=- duration_seconds=0.012
                        """);
    }

    @Test
    void aLineWithoutExpectationAssertsSilence() {
        Trace silent = Trace.parse("silent", "title: t\n+0 C > S  S  0:0(0)\n");

        assertThatThrownBy(() -> run(silent, List.of(), VERDICT))
                .hasMessageContaining("- +0.000 C > S  S  0:0(0)\n+ +0.000 C > S  S  0:0(0)  => OPENING");
    }

    @Test
    void aMissingEventFails() {
        assertThatThrownBy(() -> run(REFUSED, List.of("REJECTED"), VERDICT))
                .hasMessageContaining("+ +0.012 S > C  R.  0:0(0)  ack 1  => REJECTED\n");
    }

    @Test
    void wrongStatesOfAnEventFail() {
        Trace trace = Trace.parse("states", "title: t\n+0 C > S  S  0:0(0)  => OPENING [SYN_SENT/SYN_RECV]\n");

        assertThatThrownBy(() -> run(trace, List.of(), VERDICT))
                .hasMessageContaining("+ +0.000 C > S  S  0:0(0)  => OPENING [SYN_SENT/LISTEN]");
    }

    @Test
    void wrongStatesOfASilentLineFail() {
        Trace trace =
                Trace.parse("states", "title: t\n+0 C > S  S  0:0(0)  => OPENING\n+1 timer  => [SYN_SENT/SYN_RECV]\n");

        assertThatThrownBy(() -> run(trace, List.of(), VERDICT))
                .hasMessageContaining("- +1.000 timer  => [SYN_SENT/SYN_RECV]\n+ +1.000 timer  => [SYN_SENT/LISTEN]");
    }

    @Test
    void aWrongCountFails() {
        Trace trace = Trace.parse("count", "title: t\n+0 S > C  R  0:0(0)  => !RETRANSMISSION x10\n");

        assertThatThrownBy(() -> run(trace, List.of("!RETRANSMISSION x1"), VERDICT))
                .hasMessageContaining("=> !RETRANSMISSION x1\n");
    }

    @Test
    void aWrongVerdictShowsTheFieldsThatAreStated() {
        assertThatThrownBy(() -> run(
                        REFUSED,
                        List.of("REJECTED", "!CONNECTION_REJECTED"),
                        Map.of("conn_state", "RSTR", "duration_seconds", "0.0129", "history", "Sr")))
                .hasMessageContaining("""
                        - verdict: conn_state=REJ half_closed_seconds=- duration_seconds=0.012
                        + verdict: conn_state=RSTR half_closed_seconds=- duration_seconds=0.0129
                        """);
    }

    @Test
    void aVerdictTooManyOrTooFewFails() {
        Trace noVerdict = Trace.parse("none", REFUSED.toString().replaceAll("(?m)^verdict:.*$", ""));
        Trace twoVerdicts = Trace.parse("two", REFUSED + "verdict: conn_state=SF\n");
        List<String> asWritten = List.of("REJECTED", "!CONNECTION_REJECTED");

        assertThatThrownBy(() -> run(noVerdict, asWritten, VERDICT)).hasMessageContaining("+ verdict: ");
        assertThatThrownBy(() -> run(twoVerdicts, asWritten, VERDICT)).hasMessageContaining("- verdict: conn_state=SF");
    }

    @Test
    void aWholeSequenceIsComparedByTopic() {
        List<String> said = List.of("!CONNECTION_REJECTED", "OPENING [SYN_SENT/LISTEN]", "REJECTED", "ENDED");

        assertThatCode(() -> TraceRunner.checkSequence(REFUSED, said, List.of(VERDICT)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> TraceRunner.checkSequence(
                        REFUSED, List.of("OPENING [SYN_SENT/LISTEN]", "ENDED", "REJECTED"), List.of(VERDICT)))
                .hasMessageContaining("""
                        - lifecycle:  => OPENING [SYN_SENT/LISTEN], REJECTED, ENDED
                        + lifecycle:  => OPENING [SYN_SENT/LISTEN], ENDED, REJECTED
                        - anomalies:  => !CONNECTION_REJECTED
                        + anomalies:
                        """);
    }
}
