package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** RFC 9293 section 3.10.7 and RFC 5961 section 4: what a SYN is to a connection that is known on its ports. */
class ArrivalTest {
    private static final long MS = 1_000_000;
    private static final long STARTED = 50_000 * MS;

    /** Near the wrap of a signed number. */
    private static final int BASE = Integer.MAX_VALUE - 10;

    private final Connection c = new Connection("eth0", -1, STARTED, STARTED, 40_000, 80);
    private final Observer observer = new Observer("a");

    @BeforeEach
    void anAgentSeesIt() {
        c.observers.add(observer);
        c.phase = Phase.ESTABLISHED;
        c.low.seen = true;
        c.low.based = true;
        c.low.base = BASE;
        c.high.seen = true;
    }

    private static Segment segment(String flags, int seq, int ack, int payload, long atNs) {
        return new Segment(
                atNs, atNs, true, seq, ack, Flags.parse(flags), 9, payload, 40, -1, -1, false, -1, -1, 0, -1, 0);
    }

    private Arrival of(String flags, int seq, long afterNs) {
        return Arrival.of(c, segment(flags, seq, 0, 0, STARTED + afterNs), observer);
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void whatIsNoSynBeginsNothing(Phase phase) {
        c.phase = phase;
        c.low.syn = true;
        assertThat(of("P.", 77, 0)).isEqualTo(Arrival.BELONGS);
        assertThat(of("SR", 77, 0)).isEqualTo(Arrival.BELONGS);
    }

    @ParameterizedTest
    @CsvSource({
        "1,      0,  BELONGS",
        "131071, 99, BELONGS",
        "131072, 0,  NEW_CONNECTION",
        "-1,     0,  NEW_CONNECTION",
        "131071, 100, NEW_CONNECTION",
        "1,      5000, NEW_CONNECTION"
    })
    void aSynJustBehindWhatItComesBeforeWasOvertaken(int before, long afterMs, Arrival arrival) {
        assertThat(of("S", BASE - before, afterMs * MS)).isEqualTo(arrival);
    }

    @ParameterizedTest
    @CsvSource({"300, BELONGS", "299, NEW_CONNECTION", "301, NEW_CONNECTION"})
    void aFastOpenSynThatEndsWhereTheRestBeginsWasOvertaken(int before, Arrival arrival) {
        assertThat(Arrival.of(c, segment("S", BASE - before, 0, 300, STARTED + 5_000 * MS), observer))
                .isEqualTo(arrival);
    }

    @Test
    void aSynOfAnEndOfWhichNothingIsKnownIsNoneThatWasOvertaken() {
        c.low.based = false;
        c.low.base = 0;
        assertThat(of("S", 0, 0)).isEqualTo(Arrival.NEW_CONNECTION);
        assertThat(of("S", -1, 0)).isEqualTo(Arrival.NEW_CONNECTION);
    }

    @Test
    void aKnownSynThatComesAgainIsNoneThatWasOvertaken() {
        c.low.syn = true;
        assertThat(of("S", BASE - 1, 0)).isEqualTo(Arrival.QUESTIONABLE_SYN);
    }

    @ParameterizedTest
    @CsvSource({
        "RESET,       S,  100, BELONGS",
        "RESET,       S,  101, NEW_CONNECTION",
        "REJECTED,    S,  101, NEW_CONNECTION",
        "RESET,       S., 101, BELONGS",
        "OPENING,     S,  101, BELONGS",
        "ESTABLISHED, S,  101, BELONGS",
        "CLOSED,      S,  101, BELONGS"
    })
    void aSynTriesAgainWhatWasResetIfItIsNoCopy(Phase phase, String flags, long afterMs, Arrival arrival) {
        c.phase = phase;
        c.low.syn = true;
        c.overClock = STARTED + 2_000 * MS;
        assertThat(of(flags, BASE, (2_000 + afterMs) * MS)).isEqualTo(arrival);
    }

    @Test
    void theFirstSynThatASecondAgentShowsIsACopy() {
        c.phase = Phase.REJECTED;
        c.low.syn = true;
        c.overClock = STARTED;
        Observer second = new Observer("b");
        Segment syn = segment("S", BASE, 0, 0, STARTED + 500 * MS);
        assertThat(Arrival.of(c, syn, second)).isEqualTo(Arrival.BELONGS);
        c.observers.add(second);
        assertThat(Arrival.of(c, syn, second)).isEqualTo(Arrival.BELONGS);
        second.lowFlow.set(Flow.SYN, true);
        assertThat(Arrival.of(c, syn, second)).as("its second").isEqualTo(Arrival.NEW_CONNECTION);
    }

    @ParameterizedTest
    @CsvSource({
        "CLOSED,      true,  NEW_CONNECTION",
        "RESET,       true,  NEW_CONNECTION",
        "REJECTED,    true,  NEW_CONNECTION",
        "OPENING,     true,  NEW_CONNECTION",
        "ESTABLISHED, true,  QUESTIONABLE_SYN",
        "HALF_CLOSED, true,  QUESTIONABLE_SYN",
        "CLOSING,     true,  QUESTIONABLE_SYN",
        "ESTABLISHED, false, NEW_CONNECTION",
        "HALF_CLOSED, false, NEW_CONNECTION"
    })
    void aSynOfAnotherNumber(Phase phase, boolean synSeen, Arrival arrival) {
        c.phase = phase;
        c.low.syn = synSeen;
        assertThat(of("S", 77, 0)).isEqualTo(arrival);
    }

    @Test
    void aSynThatCrossesThePeersOpensWithIt() {
        c.phase = Phase.OPENING;
        c.low.based = false;
        c.high.bareSyn = true;
        assertThat(of("S", 77, 0)).isEqualTo(Arrival.BELONGS);
        c.high.bareSyn = false;
        assertThat(of("S", 77, 0)).isEqualTo(Arrival.NEW_CONNECTION);
        c.high.bareSyn = true;
        c.low.syn = true;
        assertThat(of("S", 77, 0)).isEqualTo(Arrival.NEW_CONNECTION);
    }

    @Test
    void whereARstWaitsASynShowsThatItClosed() {
        c.low.syn = true;
        c.high.rstPending = true;
        assertThat(of("S", 77, 0)).isEqualTo(Arrival.NEW_CONNECTION);
        c.high.rstPending = false;
        c.low.rstPending = true;
        assertThat(of("S", 77, 0)).isEqualTo(Arrival.NEW_CONNECTION);
    }

    @ParameterizedTest
    @CsvSource({
        "CLOSED,      true,  true, NEW_CONNECTION",
        "RESET,       true,  true, NEW_CONNECTION",
        "REJECTED,    true,  true, NEW_CONNECTION",
        "RESET,       false, true, BELONGS",
        "OPENING,     true,  true, BELONGS",
        "ESTABLISHED, true,  true, BELONGS",
        "CLOSING,     true,  true, BELONGS",
        "ESTABLISHED, false, true, NEW_CONNECTION",
        "HALF_CLOSED, false, true, NEW_CONNECTION",
        "ESTABLISHED, false, false, BELONGS"
    })
    void aSynAckOfAnotherNumber(Phase phase, boolean synSeen, boolean seen, Arrival arrival) {
        c.phase = phase;
        c.low.syn = synSeen;
        c.low.seen = seen;
        assertThat(of("S.", 77, 0)).isEqualTo(arrival);
    }

    @ParameterizedTest
    @CsvSource({"false, 501, NEW_CONNECTION", "false, 500, BELONGS", "true, 501, BELONGS"})
    void aSynAckThatAnswersADoubtedSynProvesIt(boolean synOfSameEnd, int ack, Arrival arrival) {
        c.low.syn = true;
        c.pendingSyn = new Segment(
                STARTED, STARTED, synOfSameEnd, 500, 0, Flags.SYN, 9, 0, 40, -1, -1, false, -1, -1, 0, -1, 0);
        assertThat(Arrival.of(c, segment("S.", 77, ack, 0, STARTED), observer)).isEqualTo(arrival);
    }
}
