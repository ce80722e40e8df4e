package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.schema.LifecycleEvent;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TunnelTest {
    private static final Pipe.End LOW = new Pipe.End(0x0a000001, 40000);
    private static final Pipe.End HIGH = new Pipe.End(0x0a000002, 80);
    private static final String TUNNEL = "gre 7 192.0.2.1>192.0.2.2, vxlan 42 fd00::1>fd00::2";

    @TempDir
    private Path stateDir;

    @Test
    void eachEventNamesTheTunnelFromTheOriginatorsSide() {
        try (Pipe pipe = new Pipe(Limits.DEFAULT, stateDir)) {
            pipe.in(TUNNEL).open(0, LOW, HIGH);
            assertThat(pipe.lifecycle())
                    .hasSizeGreaterThan(1)
                    .extracting(LifecycleEvent::getTunnel)
                    .containsOnly(TUNNEL);
        }
    }

    @Test
    void theLowEndsSideIsTheRespondersWhereTheHighEndOpened() {
        try (Pipe pipe = new Pipe(Limits.DEFAULT, stateDir)) {
            pipe.in(TUNNEL).open(0, HIGH, LOW);
            assertThat(pipe.lifecycle())
                    .extracting(LifecycleEvent::getTunnel)
                    .containsOnly("gre 7 192.0.2.2>192.0.2.1, vxlan 42 fd00::2>fd00::1");
        }
    }

    @Test
    void oneThatIsSeenPlainTooKeepsTheTunnelAndAPlainOneHasNone() {
        try (Pipe pipe = new Pipe(Limits.DEFAULT, stateDir)) {
            pipe.syn(0, LOW, HIGH);
            assertThat(pipe.lifecycle())
                    .singleElement()
                    .extracting(LifecycleEvent::getTunnel)
                    .isNull();
            pipe.in(TUNNEL).send(1000, HIGH, LOW, 18, 0, 1);
            pipe.in(null).send(2000, LOW, HIGH, 16, 1, 1);
            assertThat(pipe.lifecycle())
                    .singleElement()
                    .extracting(LifecycleEvent::getTunnel)
                    .isEqualTo(TUNNEL);
        }
    }
}
