package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StatePathTest {
    private final StatePath path = new StatePath();

    @Test
    void aStateIsNotedWhenItIsEntered() {
        assertThat(path).isEmpty();
        path.enter(TcpState.CLOSE);
        path.enter(TcpState.SYN_SENT);
        path.enter(TcpState.SYN_SENT);
        path.enter(TcpState.ESTABLISHED);
        assertThat(path).containsExactly(TcpState.CLOSE, TcpState.SYN_SENT, TcpState.ESTABLISHED);
    }

    @Test
    void ofALongWayTheLatestStateReplacesTheLast() {
        for (int i = 0; i < StatePath.MAX_LENGTH; i++) {
            path.enter(i % 2 == 0 ? TcpState.ESTABLISHED : TcpState.CLOSE);
        }
        path.enter(TcpState.TIME_WAIT);
        assertThat(path).hasSize(StatePath.MAX_LENGTH).endsWith(TcpState.ESTABLISHED, TcpState.TIME_WAIT);
    }
}
