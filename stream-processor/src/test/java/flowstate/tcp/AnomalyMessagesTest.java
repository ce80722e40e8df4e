package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.trace.Scenarios;
import flowstate.trace.Trace;
import flowstate.trace.TraceRun;
import flowstate.trace.TraceRunner;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An anomaly's message says which end it is about, and how much, as the segments of its trace show. */
class AnomalyMessagesTest {
    /** A kind, a confidence, a sentence. */
    private static final String SAYS_SOMETHING = "[A-Z_]+ [01]\\.\\d+ \\S.*\\S";

    static List<Trace> scenarios() {
        return Scenarios.all();
    }

    private static List<String> details(Trace trace, TraceRun run) {
        ModelTarget model = new ModelTarget(Timers.named(trace.profile()), trace.clocks());
        TraceRunner.check(trace, run, model);
        return model.details();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void isThereAndDoesNotDependOnWhichEndIsTheKeysLowOne(Trace trace) {
        TraceRun plain = TraceRun.plain(trace);
        List<String> details = details(trace, plain);
        assertThat(details).allMatch(detail -> detail.matches(SAYS_SOMETHING));
        TraceRun mirrored = new TraceRun(plain.clientIsn(), plain.serverIsn(), false, plain.startNs());
        assertThat(details(trace, mirrored)).isEqualTo(details);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ack-unseen                 | ACK_UNSEEN            | the responder acknowledged",
                "close-wait-leak            | CLOSE_WAIT_LEAK       | the responder",
                "close-wait-leak            | HALF_CLOSED           | originator closed 3600 s ago, the responder still",
                "data-after-fin             | DATA_AFTER_FIN        | the originator sent 100 octets",
                "duplicate-ack              | DUPLICATE_ACK         | the responder",
                "fast-retransmission        | FAST_RETRANSMISSION   | the originator sent 100 octets again",
                "fin-out-of-window          | FIN_OUT_OF_WINDOW     | begins 134465 octets beyond", // 200001 - 65536
                "fin-retransmitted          | RETRANSMISSION        | the originator sent a FIN again",
                "fin-sequence-moved         | FIN_SEQUENCE_MOVED    | the originator is 50 octets after",
                "invalid-ack                | INVALID_ACK           | acknowledges 120000 octets less than before",
                "invalid-flags              | INVALID_FLAGS         | the flags none",
                "keep-alive                 | KEEP_ALIVE            | the originator asks",
                "long-lived                 | LONG_LIVED            | 24 h",
                "lost-between-agents        | SEGMENT_GAP           | seen at a, not at b",
                "one-octet                  | WINDOW_FULL           | the window of the responder",
                "out-of-window-data-behind  | OUT_OF_WINDOW_DATA    | ends 120000 octets before",
                "oversized-segment          | OVERSIZED_SEGMENT     | 2920 octets at once, the other end takes 1460",
                "premature-reuse            | PREMATURE_REUSE       | TIME_WAIT",
                "retransmitted-data         | STALLED               | the originator has sent again for 5 s",
                "rst-inexact                | RST_INEXACT           | the responder is 1000 octets beyond",
                "rst-injected-between-agents| SUSPECTED_RST_INJECTION | of the responder came to a and never passed b",
                "rst-with-data              | RST_WITH_DATA         | carries 20 octets",
                "segment-gap                | SEGMENT_GAP           | 1 octets of the originator are missing",
                "simultaneous-close-reset   | RST_AFTER_FIN         | the responder",
                "stalled-on-window          | STALLED               | the responder has kept its window closed for 5 s",
                "syn-ack-changed-before-ack | SYNACK_CHANGED        | the first was not acknowledged",
                "syn-with-data              | SYN_WITH_DATA         | 10 octets",
                "synack-bad-ack             | SYNACK_BAD_ACK        | acknowledges -8999 where 1 is expected",
                "synack-changed             | SYNACK_CHANGED        | the first was acknowledged",
                "synack-changed-near-miss   | SYN_RETRANSMITTED     | the responder sent its SYN-ACK again",
                "traffic-after-close        | TRAFFIC_AFTER_CLOSE   | the responder sent 500 octets",
                "unanswered-syn             | SYN_RETRANSMITTED     | the originator sent its SYN again",
                "zero-window                | ZERO_WINDOW           | the responder"
            })
    void saysWhoAndHowMuch(String scenario, String kind, String says) {
        Trace trace = Scenarios.named(scenario);
        assertThat(details(trace, TraceRun.plain(trace)))
                .anyMatch(detail -> detail.startsWith(kind + " ") && detail.contains(says));
    }
}
