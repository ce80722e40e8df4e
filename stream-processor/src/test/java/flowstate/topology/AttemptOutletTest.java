package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.hosts.Attempt;
import flowstate.hosts.HostCodec;
import flowstate.hosts.HostKey;
import flowstate.hosts.HostKey.Watch;
import flowstate.schema.ConnectionKey;
import flowstate.tcp.AnomalyKind;
import flowstate.tcp.Connection;
import flowstate.tcp.Flags;
import flowstate.tcp.Segment;
import flowstate.tcp.Timers;
import flowstate.tcp.Tracker;
import flowstate.tcp.Unheard;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many records it takes to tell those who watch hosts of attempts. */
class AttemptOutletTest {
    private static final byte[] CLIENT = {10, 0, 0, 1};
    private static final byte[] SERVER = {10, 0, 0, 2};

    private record Sent(HostKey host, List<Attempt> attempts) {}

    private final List<Sent> sent = new ArrayList<>();
    private final AttemptOutlet outlet = new AttemptOutlet(
            false, 0, (key, value) -> sent.add(new Sent(HostKey.fromBytes(key), HostCodec.attempts(value))));

    private void unanswered(int port) {
        long time = Pipe.START_NS + port;
        Segment syn = new Segment(time, time, true, 1, 0, Flags.SYN, 65535, 0, 60, 1460, 7, true, 9, 0, 0, -1, 0);
        Connection c = new Tracker(Timers.DEFAULT).onSegment(null, port, 80, syn, "agent", "eth0", new Unheard());
        outlet.anomaly(ConnectionKey.of(CLIENT, port, SERVER, 80, ""), c, AnomalyKind.ATTEMPT_TIMEOUT, 1);
    }

    @Test
    void whatIsToldAtOnceOfOneHostIsOneRecord() {
        for (int port = 1; port <= 3; port++) {
            unanswered(port);
        }
        assertThat(sent).isEmpty();
        outlet.handOn();

        assertThat(sent).extracting(each -> each.host().watch()).containsExactly(Watch.SYN_FLOOD, Watch.PORT_SCAN);
        assertThat(sent)
                .allSatisfy(each -> assertThat(each.attempts())
                        .extracting(attempt -> attempt.timeNs() - Pipe.START_NS)
                        .containsExactly(1L, 2L, 3L));
        outlet.handOn();
        assertThat(sent).as("once").hasSize(2);
    }

    @Test
    void noRecordGrowsWithoutBounds() {
        for (int port = 1; port <= 20_000; port++) {
            unanswered(port);
        }
        outlet.handOn();

        assertThat(sent).allSatisfy(each -> assertThat(each.attempts()).hasSizeLessThanOrEqualTo(1_000));
        assertThat(sent.stream().mapToInt(each -> each.attempts().size()).sum()).isEqualTo(40_000);
    }
}
