package flowstate.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;

import flowstate.tcp.Flags;
import flowstate.tcp.Segment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceTest {

    private static Trace trace(String... lines) {
        return Trace.parse("example", "title: an example\n" + String.join("\n", lines));
    }

    private static TraceSegment segment(Trace trace, int line) {
        return ((Line.Observed) trace.lines().get(line).step()).segment();
    }

    @Test
    void aLineSaysAllOfItsSegment() {
        Trace trace = trace("+0.25 S > C  SP.E 5:7(2) ack 9 win 29 <mss 1460,sackOK,wscale 7,TS val 4294967295 ecr 3,"
                + "sack 21:31 41:51,tfo 8>  cksum bad  @tap-2  ~-1.5  => !RETRANSMISSION x10  // because");

        TraceSegment.Options options =
                new TraceSegment.Options(1460, true, 7, 4294967295L, 3, List.of(21L, 31L, 41L, 51L), 8, false);
        assertThat(segment(trace, 0))
                .isEqualTo(new TraceSegment(
                        false,
                        Flags.SYN | Flags.PSH | Flags.ACK | Flags.ECE,
                        5,
                        2,
                        9,
                        29,
                        options,
                        "tap-2",
                        Segment.CHECKSUM_BAD,
                        -1_500_000_000L));
        Line line = trace.lines().get(0);
        assertThat(line.atNs()).isEqualTo(250_000_000L);
        assertThat(line.expected()).containsExactly(new Expectation("RETRANSMISSION", true, null, 10));
        assertThat(line.comment()).isEqualTo("because");
    }

    @Test
    void aLineThatSaysLittleMeansTheDefaults() {
        Trace trace = trace("+0 C > S  none  0:0(0)");

        assertThat(segment(trace, 0))
                .isEqualTo(new TraceSegment(
                        true, 0, 0, 0, 0, 65535, TraceSegment.Options.NONE, "a", Segment.CHECKSUM_GOOD, 0));
        assertThat(trace.lines().get(0).expected()).isEmpty();
        assertThat(trace.profile()).isEqualTo("default");
        assertThat(trace.agents()).containsExactly("a");
    }

    @Test
    void timesAddUpUnlessTheyCountFromTheStart() {
        Trace trace = trace("+1 timer", "+0.000000001 timer", "@2.5 timer", "+0.5 end");

        assertThat(trace.lines())
                .extracting(Line::atNs)
                .containsExactly(1000000000L, 1000000001L, 2500000000L, 3000000000L);
    }

    @Test
    void commentsAndEmptyLinesDoNotCount() {
        Trace trace = trace("# a comment", "", "   ", "+0 timer // => OPENING is no expectation in here");

        assertThat(trace.lines()).hasSize(1);
        assertThat(trace.lines().get(0).expected()).isEmpty();
    }

    @Test
    void aSegmentTakesItsNumbersFromTheRunModulo2To32() {
        Trace trace = trace("+1 S > C  P. 1:101(100) ack 5 <sack 7:9,TS val 1 ecr 2> ~0.25");
        TraceRun run = new TraceRun(-3, Integer.MAX_VALUE, true, 1000);

        Segment segment = segment(trace, 0).segment(run, 1_000_000_000L);

        assertThat(segment)
                .isEqualTo(new Segment(
                        1_250_001_000L,
                        1_000_001_000L,
                        false,
                        Integer.MIN_VALUE,
                        2,
                        Flags.PSH | Flags.ACK,
                        65535,
                        100,
                        20 + 20 + 20 + 100, // IP, TCP, SACK of one block 10 and timestamps 10, payload
                        -1,
                        -1,
                        false,
                        1,
                        2,
                        1,
                        -1,
                        Segment.CHECKSUM_GOOD));
    }

    @Test
    void swappingTheEndsSwapsOnlyTheDirection() {
        Trace trace = trace("+0 C > S  S 0:0(0)");
        Segment low = segment(trace, 0).segment(new TraceRun(7, 8, true, 0), 0);
        Segment high = segment(trace, 0).segment(new TraceRun(7, 8, false, 0), 0);

        assertThat(low.fromLow()).isTrue();
        assertThat(high.fromLow()).isFalse();
        assertThat(high).usingRecursiveComparison().ignoringFields("fromLow").isEqualTo(low);
    }

    @Test
    void withoutTheAckFlagThereIsNoAcknowledgementNumber() {
        Trace trace = trace("+0 C > S  S 0:0(0)");

        assertThat(segment(trace, 0).segment(new TraceRun(7, 8, true, 0), 0).ack())
                .isZero();
    }

    @Test
    void theRunsCoverBothWrapsZeroAndBothEnds() {
        Trace trace = Trace.parse("example", "title: t\nisn: C=4294967295 S=17\n+0 timer");

        assertThat(TraceRun.all(trace))
                .extracting(TraceRun::clientIsn, TraceRun::serverIsn, TraceRun::clientIsLow)
                .contains(
                        tuple(-1, 17, true),
                        tuple(-1, 17, false),
                        tuple(-3, Integer.MAX_VALUE, true),
                        tuple(Integer.MAX_VALUE, -3, false),
                        tuple(0, 0, true));
    }

    @Test
    void verdictsStandInTheOrderOfTheConnections() {
        Trace trace = trace("+0 timer", "verdict: conn_state=SF history=^hSA", "verdict:  conn_state=S0  mss=-");

        assertThat(trace.verdicts()).hasSize(2);
        assertThat(trace.verdicts().get(0)).containsExactly(entry("conn_state", "SF"), entry("history", "^hSA"));
        assertThat(trace.verdicts().get(1)).containsEntry("mss", "-");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "0.1 C > S S 0:0(0)              | a line must begin with a header, or a time like +0.012",
                "+0.0000000001 timer             | a line must begin with a header, or a time like +0.012",
                "+0                              | after the time must come 'C > S', 'S > C', 'timer' or 'end', was ''",
                "+0 timr                         | after the time must come 'C > S', 'S > C', 'timer' or 'end', was 'timr'",
                "+0 timer soon                   | cannot read 'soon'",
                "+0 timer <mss 1>                | only segments have options",
                "+0 C > C S 0:0(0)               | a direction must be 'C > S' or 'S > C'",
                "+0 C > S                        | the line must go on with flags as tcpdump prints them",
                "+0 C > S X 0:0(0)               | no TCP flag is printed 'X'",
                "+0 C > S S                      | the line must go on with start:end(length)",
                "+0 C > S S 0                    | after the flags must come start:end(length), such as 1:101(100)",
                "+0 C > S S 0:1(0)               | the length must be end - start, was 0 for 0:1",
                "+0 C > S P. 1:70001(70000) ack 1| the length must be 0 to 65535, was 70000",
                "+0 C > S . 1:1(0)               | the flag '.' needs an acknowledgement: add 'ack n'",
                "+0 C > S S 0:0(0) ack 1         | 'ack' needs the flag '.'",
                "+0 C > S . 1:1(0) ack           | the line must go on with a number after ack",
                "+0 C > S . 1:1(0) ack x         | must be a number: 'x'",
                "+0 C > S S 0:0(0) win 65536     | the window must be 0 to 65535, was 65536",
                "+0 C > S S 0:0(0) fin           | cannot read 'fin'",
                "+0 C > S S 0:0(0) <mms 1>       | an option must be one of 'mss n'",
                "+0 C > S S 0:0(0) <TS val 4294967296 ecr 0> | TS val must be 0 to 4294967295, was 4294967296",
                "+0 C > S S 0:0(0) => OPENED     | no lifecycle event is called 'OPENED'",
                "+0 C > S S 0:0(0) => !SYN       | no anomaly is called 'SYN'",
                "+0 C > S S 0:0(0) => [SYN_SENT/LISTENING] | no state is called 'LISTENING'",
                "+0 C > S S 0:0(0) => opening    | an event must read like OPENING [SYN_SENT/LISTEN]",
                "+0 C > S S 0:0(0) =>            | an event must read like OPENING [SYN_SENT/LISTEN]",
                "+0 C > S S 0:0(0) => OPENING,   | an event must read like OPENING [SYN_SENT/LISTEN]",
                "+0 timer => !HALF_OPEN [CLOSE/CLOSE] | an anomaly has no states of its own",
                "+0 timer => !HALF_OPEN, [CLOSE/CLOSE] | states stand alone, or after the lifecycle event",
                "verdict: conn_state             | a verdict must be fields like conn_state=SF",
                "verdict: a=1 a=2                | the verdict says a twice",
                "tittle: x                       | a header must be one of [title, why, profile, isn, clocks], was 'tittle'",
                "title: again                    | header title stands twice",
                "profile: linux                  | header profile must be default or zeek, was 'linux'",
                "isn: C=1 S=4294967296           | header isn must read like 'C=1000 S=2000'",
            })
    void aBadLineIsRefusedWithItsNumberTheRuleAndItsText(String line, String rule) {
        assertThatThrownBy(() -> trace(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("example line 2: ")
                .hasMessageContaining(rule)
                .hasMessageEndingWith(": " + line.strip());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "@2 timer   | @1 timer     | time must not go back from @2.000",
                "+0 timer   | why: late    | headers must stand before the first segment",
                "+0 end     | +1 timer     | nothing but verdicts may follow the end of the capture",
                "verdict: a=1 | +1 timer   | only verdicts may follow a verdict",
            })
    void aLineInTheWrongPlaceIsRefused(String first, String second, String rule) {
        assertThatThrownBy(() -> trace(first, second))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("example line 3: " + rule);
    }

    @Test
    void aTraceHasATitleAndALine() {
        assertThatThrownBy(() -> Trace.parse("untitled", "+0 timer"))
                .hasMessage("untitled: a trace must have a title: begin with a line 'title: …'");
        assertThatThrownBy(() -> Trace.parse("empty", "title: nothing\n"))
                .hasMessageStartingWith("empty: a trace must have a line");
    }

    @Test
    void theCanonicalTextIsTheNotation() {
        String text = "title: an example\nwhy: RFC 9293\nisn: C=1 S=2\n"
                + "+0.000 C > S  S  0:0(0)  win 100  <mss 1460,tfo 0>  @b  ~-0.500  => OPENING [SYN_SENT/LISTEN],"
                + " !SYN_RETRANSMITTED x10  // first\n"
                + "+0.012 S > C  S.  0:0(0)  ack 1  => [SYN_SENT/SYN_RECV]\n"
                + "+1.000000001 timer\n"
                + "+60.000 end  => ENDED\n"
                + "verdict: conn_state=S1 history=Sh\n";

        assertThat(Trace.parse("example", text).toString()).isEqualTo(text);
    }
}
