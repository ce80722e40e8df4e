package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.trace.Scenarios;
import flowstate.trace.Trace;
import flowstate.trace.TraceRun;
import flowstate.trace.TraceRunner;
import flowstate.trace.TraceTarget;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever feeds the model may fill in the same segment for each: the model has nothing of it that it did not copy. */
class ReusedSegmentTest {

    /** Two models side by side: one is given segments of their own, the other always the same, which is spoilt after each step. */
    private static final class SideBySide implements TraceTarget {
        private final ModelTarget fresh;
        private final ModelTarget reused;
        private final Segment segment = new Segment();
        private final ConnectionCodec codec = new ConnectionCodec();

        SideBySide(Trace trace) {
            fresh = new ModelTarget(Timers.named(trace.profile()), trace.clocks());
            reused = new ModelTarget(Timers.named(trace.profile()), trace.clocks());
        }

        @Override
        public List<String> feed(Segment s, String agent) {
            segment.set(
                    s.timeNs(),
                    s.clockNs(),
                    s.fromLow(),
                    s.seq(),
                    s.ack(),
                    s.flags(),
                    s.window(),
                    s.payload(),
                    s.wireLength(),
                    s.mss(),
                    s.windowScale(),
                    s.sackPermitted(),
                    s.timestampValue(),
                    s.timestampEcho(),
                    s.sackBlocks(),
                    s.fastOpen(),
                    s.notes());
            assertThat(segment).isEqualTo(s).hasSameHashCodeAs(s).hasToString(s.toString());
            List<String> told = reused.feed(segment, agent);
            segment.set(7, 8, !s.fromLow(), 9, 10, 511, 11, 12, 13, 14, 15, !s.sackPermitted(), 16, 17, 18, 19, 20);
            return same(fresh.feed(s, agent), told);
        }

        @Override
        public List<String> timer(long nowNs) {
            return same(fresh.timer(nowNs), reused.timer(nowNs));
        }

        @Override
        public List<String> end() {
            return same(fresh.end(), reused.end());
        }

        private List<String> same(List<String> told, List<String> byTheOther) {
            assertThat(byTheOther).isEqualTo(told);
            assertThat(reused.details()).isEqualTo(fresh.details());
            assertThat(encoded(reused)).isEqualTo(encoded(fresh));
            return told;
        }

        private byte @Nullable [] encoded(ModelTarget target) {
            Connection connection = target.connection();
            return connection == null ? null : codec.encode(connection);
        }

        @Override
        public @Nullable String states() {
            return fresh.states();
        }

        @Override
        public List<Map<String, String>> verdicts() {
            assertThat(reused.verdicts()).isEqualTo(fresh.verdicts());
            return fresh.verdicts();
        }
    }

    static List<Trace> scenarios() {
        return Scenarios.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void nothingIsKeptOfASegmentThatBecomesAnother(Trace trace) {
        TraceRun.all(trace).forEach(run -> TraceRunner.check(trace, run, new SideBySide(trace)));
    }
}
