package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ObserverTest {
    private static final long MS = 1_000_000;

    private final Observer observer = new Observer("b");

    private void sees(String line) {
        observer.timeHandshake(Talk.segment(line));
    }

    @Test
    void theHandshakeLastsFromTheLatestSynToTheFirstAcknowledgement() {
        sees("+0     C > S  .   1:1(0)  ack 1");
        assertThat(observer.handshakeNs).as("without a SYN it is not known").isEqualTo(-1);
        sees("+0     C > S  S   0:0(0)");
        sees("+1     C > S  S   0:0(0)");
        sees("+1.010 S > C  S.  0:0(0)  ack 1");
        sees("+1.015 C > S  R   1:1(0)");
        assertThat(observer.handshakeNs).isEqualTo(-1);
        sees("+1.020 C > S  .   1:1(0)  ack 1");
        assertThat(observer.handshakeNs).isEqualTo(20 * MS);
        sees("+2     C > S  S   0:0(0)");
        sees("+2.500 C > S  .   1:1(0)  ack 1");
        assertThat(observer.handshakeNs).as("known once and for all").isEqualTo(20 * MS);
    }

    @Test
    void aSynAtTheStartOfTimeIsASyn() {
        observer.latestSynNs = 0;
        observer.timeHandshake(new Segment(7, 7, true, 1, 1, Flags.ACK, 9, 0, 40, -1, -1, false, -1, -1, 0, -1, 0));
        assertThat(observer.handshakeNs).isEqualTo(7);
    }

    @Test
    void theFirstAgentIsComparedWithNobody() {
        assertThat(observer.agent()).isEqualTo("b");
        assertThat(observer.laterByNs(true)).isNull();
        assertThat(observer.roundTripNs()).isEqualTo(-1);
        assertThat(observer.clockOffsetNs()).isNull();
        assertThat(observer.offsetNs()).isZero();
        assertThat(observer.inStep()).isTrue();
    }

    @Test
    void anotherAgentIsComparedAsSoonAsSomethingWasSeenByBoth() {
        Lag lag = new Lag();
        observer.lag = lag;
        assertThat(observer.inStep()).isFalse();
        assertThat(observer.clockOffsetNs()).isNull();
        assertThat(observer.laterByNs(true)).isNull();
        lag.add(true, 5_000 * MS);
        assertThat(observer.inStep()).isTrue();
        assertThat(observer.laterByNs(true)).isEqualTo(5_000 * MS);
        assertThat(observer.laterByNs(false)).isNull();
        assertThat(observer.clockOffsetNs()).isEqualTo(5_000 * MS);
        assertThat(observer.offsetNs()).isEqualTo(5_000 * MS);
        assertThat(observer.roundTripNs()).isEqualTo(-1);
        lag.add(false, 4_990 * MS);
        assertThat(observer.roundTripNs()).isEqualTo(10 * MS);
        assertThat(observer.clockOffsetNs()).as("in the middle").isEqualTo(4_995 * MS);
    }
}
