package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.trace.Scenarios;
import flowstate.trace.Trace;
import flowstate.trace.TraceRun;
import flowstate.trace.TraceRunner;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What loss explains as well is never told as certain; what it cannot explain is. */
class AnomalyConfidenceTest {

    private static List<String> details(String scenario) {
        Trace trace = Scenarios.named(scenario);
        ModelTarget model = new ModelTarget(Timers.named(trace.profile()), trace.clocks());
        TraceRunner.check(trace, TraceRun.plain(trace), model);
        return model.details();
    }

    @ParameterizedTest
    @CsvSource({
        "out-of-window-data, OUT_OF_WINDOW_DATA 0.5",
        "out-of-window-data-behind, OUT_OF_WINDOW_DATA 1.0",
        "fin-out-of-window, FIN_OUT_OF_WINDOW 0.5",
        "rst-inexact, RST_INEXACT 0.5",
        "syn-ack-without-syn-unseen, SYNACK_WITHOUT_SYN 0.5",
        "synack-without-syn, SYNACK_WITHOUT_SYN 1.0",
        "one-sided, ONE_SIDED 1.0",
        "premature-reuse, PREMATURE_REUSE 1.0",
        "suspected-rst-injection, SUSPECTED_RST_INJECTION 1.0"
    })
    void isAsSureAsTheCaptureAllows(String scenario, String expected) {
        assertThat(details(scenario)).anyMatch(detail -> detail.startsWith(expected + " "));
    }

    @Test
    void aResetSaysWhoAndWhatWasUnacknowledged() {
        assertThat(details("rst-inexact-near-miss"))
                .contains("RST_TERMINATED 1.0 the responder reset the connection; unacknowledged octets: originator 0,"
                        + " responder 500");
    }

    @Test
    void aRefusedSegmentSaysByHowMuch() {
        assertThat(details("out-of-window-data"))
                .contains(
                        "OUT_OF_WINDOW_DATA 0.5 begins 134465 octets beyond the receiver's window, as far as that was seen");
    }

    @Test
    void aSynAckWithoutASynSaysWhetherItIsDenied() {
        assertThat(details("synack-without-syn"))
                .contains(
                        "SYNACK_WITHOUT_SYN 1.0 a SYN-ACK came without a SYN, and the end that it went to denies it with a RST");
        assertThat(details("syn-ack-without-syn-unseen"))
                .contains("SYNACK_WITHOUT_SYN 0.5 a SYN-ACK was seen without its SYN");
    }

    @Test
    void fastOpenSaysWhetherTheDataWasAccepted() {
        assertThat(details("fast-open")).contains("FAST_OPEN 1.0 the responder has accepted 100 octets in the SYN");
        assertThat(details("synack-bad-ack-near-miss"))
                .contains(
                        "FAST_OPEN 1.0 the responder has not accepted the data in the SYN: the handshake goes on as usual");
    }
}
