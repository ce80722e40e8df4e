package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectionTest {
    private static final long MS = 1_000_000;

    @Test
    void tellsWhatWasSeen() {
        Talk talk = Talk.of(Talk.HANDSHAKE + """
                +0.010  C > S  P.  1:11(10)  ack 1
                +0.010  S > C  P.  1:21(20)  ack 11
                +0.010  C > S  P.  1:11(10)  ack 1
                """);
        Connection c = talk.connection();
        assertThat(c.capture()).isEqualTo("trace");
        assertThat(c.startSequence()).as("the SYN's number").isEqualTo(1_527_358_664);
        assertThat(c.startedNs()).isEqualTo(talk.startNs());
        assertThat(c.durationNs()).isEqualTo(50 * MS);
        assertThat(c.originatorIsLow()).isTrue();
        assertThat(c.roleConfidence()).isEqualTo(1);
        assertThat(c.states(true)).containsExactly(TcpState.SYN_SENT, TcpState.ESTABLISHED);
        assertThat(c.states(false)).containsExactly(TcpState.LISTEN, TcpState.SYN_RECV, TcpState.ESTABLISHED);
        assertThat(c.synToSynAckNs()).isEqualTo(10 * MS);
        assertThat(c.synAckToAckNs()).isEqualTo(10 * MS);
        assertThat(c.wasEstablished()).isTrue();
        assertThat(c.isOpening()).isFalse();
        assertThat(c.unseenSegments()).isFalse();
        assertThat(c.captureLossSuspected()).isFalse();
        assertThat(c.endReason()).isNull();
        assertThat(c.halfClosedNs(c.lastNs)).isEqualTo(-1);
        assertThat(c.found(AnomalyKind.SPURIOUS_RETRANSMISSION)).isEqualTo(1);
        assertThat(c.found(AnomalyKind.RETRANSMISSION)).isZero();
        assertThat(c.segments(true)).isEqualTo(4);
        assertThat(c.segments(false)).isEqualTo(2);
        assertThat(c.wireBytes(true)).as("IP and TCP headers, options, payload").isEqualTo(48 + 40 + 50 + 50);
        assertThat(c.wireBytes(false)).isEqualTo(48 + 60);
        assertThat(c.retransmittedSegments(true)).isEqualTo(1);
        assertThat(c.retransmittedBytes(true)).isEqualTo(10);
        assertThat(c.retransmittedSegments(false)).isZero();
        assertThat(c.zeroWindows(true)).isZero();
        assertThat(c.observers()).extracting(Observer::agent).containsExactly("a");
    }

    @Test
    void tellsOfEachEndWhatItsSynSaid() {
        Connection c = Talk.of("""
                +0      C > S  S   0:0(0)         <mss 1460,sackOK,wscale 7>
                +0.010  S > C  S.  0:0(0)  ack 1  <mss 1400,TS val 9 ecr 8>
                """).connection();
        End originator = c.originator();
        assertThat(originator.seen()).isTrue();
        assertThat(originator.synSeen()).isTrue();
        assertThat(originator.initialSequence()).isEqualTo(1_527_358_664);
        assertThat(originator.mss()).isEqualTo(1460);
        assertThat(originator.windowScale()).isEqualTo(7);
        assertThat(originator.sackPermitted()).isTrue();
        assertThat(originator.timestamps()).isFalse();
        assertThat(originator.unacknowledged()).isZero();
        End responder = c.responder();
        assertThat(responder.initialSequence()).isEqualTo(2_031_984_515);
        assertThat(responder.mss()).isEqualTo(1400);
        assertThat(responder.windowScale()).isEqualTo(-1);
        assertThat(responder.sackPermitted()).isFalse();
        assertThat(responder.timestamps()).isTrue();
        assertThat(responder.unacknowledged()).as("its SYN").isEqualTo(1);
    }

    @Test
    void tellsNothingOfAnEndThatWasNotSeen() {
        Connection c = Talk.of("+0 C > S  .  1:1(0)  ack 1").connection();
        assertThat(c.originator().synSeen()).isFalse();
        assertThat(c.originator().initialSequence()).isEqualTo(-1);
        assertThat(c.startSequence()).isEqualTo(-1);
        assertThat(c.responder().seen()).isFalse();
        assertThat(c.responder().bytes()).isZero();
        assertThat(c.unseenSegments()).isTrue();
        assertThat(c.synToSynAckNs()).isEqualTo(-1);
        assertThat(c.synAckToAckNs()).isEqualTo(-1);
    }

    @Test
    void isOpeningUntilTheHandshakeIsDone() {
        assertThat(Talk.of("+0 C > S  S  0:0(0)").connection().isOpening()).isTrue();
        assertThat(Talk.of("+0 C > S  S  0:0(0)").connection().wasEstablished()).isFalse();
        assertThat(Talk.of(Talk.HANDSHAKE).connection().isOpening()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ATTEMPT   | C > S S 0:0(0)",
                "ATTEMPT   | C > S S 0:0(0); S > C S. 0:0(0) ack 1",
                "ATTEMPT   | C > S S 0:0(0); S > C R. 0:0(0) ack 1",
                "ATTEMPT   | C > S S 0:0(0); S > C S. 0:0(0) ack 1; C > S . 1:1(0) ack 1; S > C R 1:1(0)",
                "ONE_SIDED | C > S . 1:1(0) ack 1",
                "ONE_SIDED | S > C . 1:1(0) ack 1",
                "ONE_SIDED | C > S F. 1:1(0) ack 1",
                "PROVEN    | C > S S 0:0(0); S > C S. 0:0(0) ack 1; C > S . 1:1(0) ack 1",
                "PROVEN    | C > S . 1:5(4) ack 1; S > C . 1:1(0) ack 5"
            })
    void takesMoreToForgeTheMoreWasSeen(Standing standing, String segments) {
        assertThat(Talk.of("+0 " + segments.replace("; ", "\n+0.01 "))
                        .connection()
                        .standing())
                .isEqualTo(standing);
    }

    @Test
    void anAgentTooManyIsCountedWithTheLast() {
        StringBuilder lines = new StringBuilder("+0 C > S  S  0:0(0)  @a\n");
        for (char agent = 'b'; agent <= 'j'; agent++) {
            lines.append("+0 C > S  S  0:0(0)  @").append(agent).append('\n');
        }
        Connection c = Talk.of(lines.toString()).connection();
        assertThat(c.observers()).extracting(Observer::agent).containsExactly("a", "b", "c", "d", "e", "f", "g", "h");
        assertThat(c.observers().get(6).segments(true)).isEqualTo(1);
        assertThat(c.observers().get(7).segments(true))
                .as("its own, i's and j's")
                .isEqualTo(3);
    }

    @Test
    void countsAsTheAgentDidThatSawMost() {
        String both = """
                +0  C > S  S  0:0(0)  @a
                +0  C > S  S  0:0(0)  <mss 1460>  @b
                """;
        assertThat(Talk.of(both).connection().wireBytes(true))
                .as("the first of equals")
                .isEqualTo(40);
        assertThat(Talk.of(both + "+1 C > S  S  0:0(0)  @b").connection().wireBytes(true))
                .isEqualTo(44 + 40);
        assertThat(Talk.of(both + "+1 C > S  S  0:0(0)  @a").connection().wireBytes(true))
                .isEqualTo(80);
    }

    @ParameterizedTest
    @CsvSource({
        "-1, -1, -1, -1, -1",
        "5, -1, -1, -1, 5",
        "-1, 5, -1, -1, 5",
        "-1, -1, 5, -1, 5",
        "-1, -1, -1, 5, 5",
        "0, 5, 6, 7, 0",
        "5, 0, 6, 7, 0",
        "5, 6, 0, 7, 0",
        "5, 6, 7, 0, 0",
        "9, 8, 7, 6, 6",
        "-1, 9, 8, -1, 8"
    })
    void isStalledSinceTheFirstEndWaits(long a, long b, long c, long d, long since) {
        Connection connection = new Connection("eth0", -1, 0, 0, 40_000, 80);
        connection.low.closedWindowClock = a;
        connection.high.closedWindowClock = b;
        connection.low.repeatedClock = c;
        connection.high.repeatedClock = d;
        assertThat(connection.stallClock()).isEqualTo(since);
    }

    @ParameterizedTest
    @CsvSource({"-1, -1, 9, -1", "0, -1, 9, 9", "3, -1, 9, 6", "3, 7, 9, 4", "0, 0, 9, 0", "9, 7, 9, 0"})
    void isHalfClosedUntilTheOtherFinOrNow(long fromNs, long untilNs, long nowNs, long expected) {
        Connection c = new Connection("eth0", -1, 0, 0, 40_000, 80);
        c.halfClosedNs = fromNs;
        c.halfClosedUntilNs = untilNs;
        assertThat(c.halfClosedNs(nowNs)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NONE              | C > S S 0:0(0)",
                "NONE              | C > S R 1:1(0)",
                "NONE              | S > C R 1:1(0)",
                "MIDSTREAM         | C > S . 1:1(0) ack 1",
                "MIDSTREAM         | C > S . 1:1(0) ack 1; S > C R 1:1(0)",
                "THREE_WAY         | C > S S 0:0(0); S > C S. 0:0(0) ack 1; C > S . 1:1(0) ack 1",
                "THREE_WAY         | C > S S 0:0(0); S > C S. 0:0(0) ack 1; C > S F. 1:1(0) ack 1",
                "ONE_SIDED         | C > S S 0:0(0); C > S . 1:1(0) ack 1",
                "ONE_SIDED         | S > C S. 0:0(0) ack 1; S > C . 1:5(4) ack 1",
                "SIMULTANEOUS_OPEN | C > S S 0:0(0); S > C S 0:0(0); C > S S. 0:0(0) ack 1; S > C S. 0:0(0) ack 1",
                "FAST_OPEN         | C > S S 0:4(4) <tfo 8>; S > C S. 0:0(0) ack 5; C > S . 5:5(0) ack 1",
                "THREE_WAY         | C > S S 0:4(4) <tfo 8>; S > C S. 0:0(0) ack 1; C > S . 1:1(0) ack 1"
            })
    void beganInOneOfTheseWays(Handshake handshake, String segments) {
        assertThat(Talk.of("+0 " + segments.replace("; ", "\n+0.01 "))
                        .connection()
                        .handshake())
                .isEqualTo(handshake);
    }

    @Test
    void theTunnelIsToldFromTheOriginatorsSide() {
        Connection c = Talk.of("+0 C > S  S  0:0(0)").connection();
        assertThat(c.tunnel()).isNull();
        c.tunnel = "vxlan 42 10.0.0.1>10.0.0.2, gre 1 fe80::1>fe80::2";
        assertThat(c.originatorIsLow()).isTrue();
        assertThat(c.tunnel()).isEqualTo("vxlan 42 10.0.0.1>10.0.0.2, gre 1 fe80::1>fe80::2");
        c = Talk.of("+0 S > C  S  0:0(0)").connection();
        assertThat(c.tunnel()).isNull();
        c.tunnel = "vxlan 42 10.0.0.1>10.0.0.2, gre 1 fe80::1>fe80::2";
        assertThat(c.originatorIsLow()).isFalse();
        assertThat(c.tunnel()).isEqualTo("vxlan 42 10.0.0.2>10.0.0.1, gre 1 fe80::2>fe80::1");
    }

    @Test
    void whatTwoAgentsShowOfOneSegmentIsCountedOnce() {
        String once = "+0 C > S  none  0:0(0)  @a\n";
        assertThat(found(once)).isEqualTo(1);
        assertThat(found(once + once)).isEqualTo(2);
        String copied = once + "+0 C > S  none  0:0(0)  @b\n";
        assertThat(found(copied)).isEqualTo(1);
        assertThat(found(copied + once)).as("a has shown two").isEqualTo(2);
        assertThat(found(copied + once + "+0 C > S  none  0:0(0)  @b\n")).isEqualTo(2);
    }

    private static long found(String lines) {
        return Talk.of(lines).connection().found(AnomalyKind.INVALID_FLAGS);
    }

    @Test
    void keepsTheAlarmOfItsOwner() {
        Connection c = Talk.of("+0 C > S  S  0:0(0)").connection();
        assertThat(c.alarmClock()).isEqualTo(-1);
        c.setAlarm(77, "b");
        assertThat(c.alarmClock()).isEqualTo(77);
        assertThat(c.alarmAgent()).isEqualTo("b");
    }
}
