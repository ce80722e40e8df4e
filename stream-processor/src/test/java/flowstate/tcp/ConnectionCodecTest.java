package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.trace.Scenarios;
import flowstate.trace.Trace;
import flowstate.trace.TraceRun;
import flowstate.trace.TraceRunner;
import flowstate.trace.TraceTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConnectionCodecTest {
    private static final int USUAL = 220;
    private static final int LARGE = 250;

    /** Those of one agent: what is compared between several is not all stored. */
    private static List<Trace> scenarios() {
        return Scenarios.all().stream()
                .filter(trace -> trace.clocks().size() == 1)
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void aConnectionThatIsStoredAfterEachLineGoesOnAsWritten(Trace trace) {
        Stored stored = new Stored(trace);
        TraceRunner.check(trace, TraceRun.all(trace).get(0), stored);
        assertThat(stored.sizes).allMatch(octets -> octets < LARGE);
    }

    @Test
    void anOrdinaryConnectionIsSmall() {
        Trace trace = Scenarios.named("four-segment-close");
        Stored stored = new Stored(trace);
        TraceRunner.check(trace, TraceRun.all(trace).get(0), stored);
        assertThat(stored.sizes).allMatch(octets -> octets < USUAL);
    }

    @Test
    void aTunnelIsStored() {
        ConnectionCodec codec = new ConnectionCodec();
        Connection connection = new Connection("eth0", -1, 1, 1, 40000, 80);
        connection.observers.add(new Observer("a"));
        connection.originatorLow = true;
        int plain = codec.encode(connection).length;
        connection.tunnel = "vxlan 42 10.0.0.1>10.0.0.2";
        byte[] encoded = codec.encode(connection);

        assertThat(codec.decode(encoded).tunnel()).isEqualTo("vxlan 42 10.0.0.1>10.0.0.2");
        assertThat(encoded.length).isLessThanOrEqualTo(plain + 2 + "vxlan 42 10.0.0.1>10.0.0.2".length());
    }

    @Test
    void theNameOfTheOnlyAgentIsStoredOnce() {
        ConnectionCodec codec = new ConnectionCodec();
        Connection connection = new Connection("eth0", -1, 1, 1, 40000, 80);
        connection.observers.add(new Observer("an-agent"));
        connection.setAlarm(5, "another");
        byte[] byAnother = codec.encode(connection);
        connection.setAlarm(5, "an-agent");
        byte[] byItself = codec.encode(connection);

        assertThat(byItself).hasSize(byAnother.length - "another".length() - 1);
        assertThat(codec.decode(byItself).alarmAgent()).isEqualTo("an-agent");
        assertThat(codec.decode(byAnother).alarmAgent()).isEqualTo("another");
    }

    @Test
    void whatWasNotFoundTakesNoSpace() {
        AnomalyCounts counts = new AnomalyCounts();
        assertThat(counts.add(AnomalyKind.RETRANSMISSION)).isEqualTo(1);
        assertThat(counts.add(AnomalyKind.HALF_CLOSED)).isEqualTo(1);
        assertThat(counts.add(AnomalyKind.RETRANSMISSION)).isEqualTo(2);

        assertThat(counts.size()).isEqualTo(2);
        assertThat(counts.of(AnomalyKind.RETRANSMISSION)).isEqualTo(2);
        assertThat(counts.of(AnomalyKind.MIDSTREAM)).isZero();
    }

    /** The model, with the connection stored and read again before each line. */
    private static final class Stored implements TraceTarget {
        private final ModelTarget model;
        private final ConnectionCodec codec = new ConnectionCodec();
        private final List<Integer> sizes = new ArrayList<>();

        Stored(Trace trace) {
            this.model = new ModelTarget(Timers.named(trace.profile()), trace.clocks());
        }

        private void restart() {
            Connection connection = model.connection();
            if (connection != null) {
                byte[] bytes = codec.encode(connection);
                sizes.add(bytes.length);
                model.take(codec.decode(bytes));
            }
        }

        @Override
        public List<String> feed(Segment segment, String agent) {
            restart();
            return model.feed(segment, agent);
        }

        @Override
        public List<String> timer(long nowNs) {
            restart();
            return model.timer(nowNs);
        }

        @Override
        public List<String> end() {
            restart();
            return model.end();
        }

        @Override
        public @Nullable String states() {
            return model.states();
        }

        @Override
        public List<Map<String, String>> verdicts() {
            return model.verdicts();
        }
    }
}
