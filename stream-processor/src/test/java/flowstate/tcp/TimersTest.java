package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** When the tracker has something to do, seconds after the first segment: docs/design.md, "Timers". */
class TimersTest {
    private static final double NANOSECONDS = 1e9;

    private static double due(String lines) {
        return Talk.of(lines).dueNs() / NANOSECONDS;
    }

    @Test
    void aProfileIsKnownByItsName() {
        assertThat(Timers.named("default")).isSameAs(Timers.DEFAULT);
        assertThat(Timers.named("zeek")).isSameAs(Timers.ZEEK);
        assertThatThrownBy(() -> Timers.named("bro"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("timers must be 'default' or 'zeek', was 'bro': there is no other profile");
    }

    @Test
    void anAttemptIsReportedAndThenLetGoOf() {
        String syn = "+0 C > S  S  0:0(0)\n";
        assertThat(due(syn)).isEqualTo(5);
        assertThat(due(syn + "+5 timer")).isEqualTo(75);
        assertThat(due(syn + "+1 C > S  S  0:0(0)")).as("from the first SYN").isEqualTo(5);
    }

    @Test
    void aHalfOpenConnectionIsReportedAndLetGoOfFromTheLastSegment() {
        String answered = "+0 C > S  S  0:0(0)\n+1 S > C  S.  0:0(0)  ack 1\n";
        assertThat(due(answered)).isEqualTo(6);
        assertThat(due(answered + "+5 timer")).isEqualTo(61);
        assertThat(due(answered + "+1 S > C  S.  0:0(0)  ack 1\n+4 timer")).isEqualTo(62);
    }

    @Test
    void anOpenConnectionIsLookedAtPeriodically() {
        assertThat(due(Talk.HANDSHAKE)).isEqualTo(600);
        assertThat(due(Talk.HANDSHAKE + "@600 timer")).isEqualTo(3600);
        assertThat(due(Talk.HANDSHAKE + "@3600 timer")).as("idle for an hour").isEqualTo(3600.02);
        assertThat(due(Talk.HANDSHAKE + "@3601 timer")).isEqualTo(12 * 3600);
        assertThat(due(Talk.HANDSHAKE + "@43200 timer")).isEqualTo(24 * 3600);
        assertThat(due(Talk.HANDSHAKE + "@86400 timer")).as("idle for a day").isEqualTo(24 * 3600 + 0.02);
        String used = Talk.HANDSHAKE + "@80000 C > S  P.  1:2(1)  ack 1\n@90000 timer\n";
        assertThat(due(used)).as("then daily; given up 24 h after the last").isEqualTo(80_000 + 24 * 3600);
        assertThat(due(used + "@100000 C > S  P.  2:3(1)  ack 1")).isEqualTo(2 * 24 * 3600);
        assertThat(due(used + "@160000 C > S  P.  2:3(1)  ack 1\n@172800 timer"))
                .isEqualTo(160_000 + 24 * 3600);
    }

    @Test
    void aConnectionJoinedMidstreamIsLetGoOfSooner() {
        assertThat(due("+0 C > S  P.  1:2(1)  ack 1")).isEqualTo(300);
        assertThat(due("+0 C > S  P.  1:2(1)  ack 1\n+1 S > C  .  1:1(0)  ack 2"))
                .isEqualTo(301);
    }

    @Test
    void aFinThatIsNotAcknowledgedIsReportedAndThenLetGoOf() {
        String fin = Talk.HANDSHAKE + "@1 C > S  F.  1:1(0)  ack 1\n";
        assertThat(due(fin)).isEqualTo(6);
        assertThat(due(fin + "@6 timer")).isEqualTo(31);
        assertThat(due(fin + "@2 C > S  F.  1:1(0)  ack 1"))
                .as("from the first FIN")
                .isEqualTo(6);
        assertThat(due(fin + "@2 C > S  F.  1:1(0)  ack 1\n@6 timer")).isEqualTo(32);
    }

    @Test
    void aHalfClosedConnectionIsReportedAgainAndAgain() {
        String halfClosed = Talk.HANDSHAKE
                + "@1 C > S  F.  1:1(0)  ack 1\n@2 S > C  .  1:1(0)  ack 2\n@3 S > C  P.  1:2(1)  ack 2\n";
        assertThat(due(halfClosed)).as("5 s after the acknowledgement").isEqualTo(7);
        assertThat(due(halfClosed + "@7 timer")).isEqualTo(62);
        assertThat(due(halfClosed + "@62 timer")).as("a periodic one").isEqualTo(600);
        assertThat(due(halfClosed + "@600 timer")).isEqualTo(602);
        assertThat(due(halfClosed + "@602 timer")).as("a periodic one").isEqualTo(3600);
        assertThat(due(halfClosed + "@3600 timer")).isEqualTo(3602);
        assertThat(due(halfClosed + "@3602 timer"))
                .as("an hour after its last payload")
                .isEqualTo(3603);
        assertThat(due(halfClosed + "@3603 timer")).as("two hours of silence").isEqualTo(7203);
    }

    @Test
    void whatIsOverLingers() {
        String closed = Talk.HANDSHAKE
                + "@1 C > S  F.  1:1(0)  ack 1\n@2 S > C  F.  1:1(0)  ack 2\n@3 C > S  .  2:2(0)  ack 2\n";
        assertThat(due(closed)).as("TIME_WAIT").isEqualTo(63);
        assertThat(due(closed + "@4 S > C  .  2:2(0)  ack 2")).isEqualTo(63);
        assertThat(due(closed + "@5 S > C  F.  1:1(0)  ack 2"))
                .as("RFC 9293 section 3.10.7.8")
                .isEqualTo(65);
        String reset = Talk.HANDSHAKE + "@1 S > C  R  1:1(0)  win 0\n";
        assertThat(due(reset)).isEqualTo(11);
        assertThat(due(reset + "@2 S > C  R  1:1(0)  win 0")).isEqualTo(11);
    }

    @Test
    void aRstThatIsNotExactIsBelievedAfterTenSecondsOfSilence() {
        assertThat(due(Talk.HANDSHAKE + "@1 S > C  R  9:9(0)  win 0")).isEqualTo(11);
        assertThat(due(Talk.HANDSHAKE + "@1 C > S  R  9:9(0)  win 0\n@2 C > S  R  9:9(0)  win 0"))
                .isEqualTo(12);
    }

    @Test
    void aStallIsReportedAfterFiveSecondsOnce() {
        String closed = Talk.HANDSHAKE + "@1 S > C  .  1:1(0)  ack 1  win 0\n";
        assertThat(due(closed)).isEqualTo(6);
        assertThat(due(closed + "@2 S > C  .  1:1(0)  ack 1  win 0")).isEqualTo(6);
        assertThat(due(closed + "@6 timer")).as("a periodic one").isEqualTo(600);
        assertThat(due(closed + "@2 S > C  .  1:1(0)  ack 1  win 9")).isEqualTo(600);
        String again = Talk.HANDSHAKE + "@1 C > S  P.  1:9(8)  ack 1\n@2 C > S  P.  1:9(8)  ack 1\n";
        assertThat(due(again)).isEqualTo(7);
        assertThat(due(again + "@3 S > C  .  1:1(0)  ack 9")).isEqualTo(600);
        assertThat(due(again + "@3 S > C  .  1:1(0)  ack 9  win 0"))
                .as("another one")
                .isEqualTo(8);
    }
}
