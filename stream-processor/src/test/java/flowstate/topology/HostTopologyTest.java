package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.hosts.HostRules;
import flowstate.schema.Anomaly;
import flowstate.schema.AnomalyKind;
import flowstate.schema.AnomalyStatus;
import flowstate.tcp.Flags;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From segments to what is told of hosts, through both parts of the topology. */
class HostTopologyTest {
    private static final Pipe.End SERVER = new Pipe.End(0x0a000002, 80);
    private static final int SCANNER = 0x0a000001;

    @TempDir
    private Path stateDir;

    private Pipe pipe(boolean separateCaptures) {
        return new Pipe(new Limits(Limits.DEFAULT_HALF_OPEN, HostRules.DEFAULT, separateCaptures ? 1 : 0), stateDir);
    }

    private static List<Anomaly> ofHosts(Pipe pipe) {
        return pipe.anomalies().stream()
                .filter(a -> a.getAnomaly() == AnomalyKind.SYN_FLOOD || a.getAnomaly() == AnomalyKind.PORT_SCAN)
                .toList();
    }

    private static Pipe.End spoofed(int i) {
        return new Pipe.End(0x20000000 + i, 1024);
    }

    private static void scan(Pipe pipe, int fromPort, int toPort) {
        for (int port = fromPort; port < toPort; port++) {
            pipe.refused(port * 1_000_000L, new Pipe.End(SCANNER, 40_000), new Pipe.End(0x0a000002, port));
        }
    }

    @Test
    void aFloodIsToldOfThePortWhenItsAttemptsHaveFailedAndEndsWhenNothingMoreComes() {
        try (Pipe pipe = pipe(false)) {
            for (int i = 0; i < 1_000; i++) {
                pipe.syn(i * 1_000_000L, spoofed(i), SERVER);
            }
            assertThat(ofHosts(pipe)).as("nothing has failed yet").isEmpty();

            pipe.clock(7 * Pipe.SECOND);
            assertThat(ofHosts(pipe)).singleElement().satisfies(flood -> {
                assertThat(flood.getAnomaly()).isEqualTo(AnomalyKind.SYN_FLOOD);
                assertThat(flood.getStatus()).isEqualTo(AnomalyStatus.BEGAN);
                assertThat(flood.getResponderAddress()).isEqualTo("10.0.0.2");
                assertThat(flood.getResponderPort()).isEqualTo(80);
                assertThat(flood.getOriginatorAddress()).isNull();
                assertThat(flood.getConnectionId()).isNull();
                assertThat(flood.getBeganAt()).isEqualTo(Pipe.START_NS);
            });

            pipe.silence(Duration.ofSeconds(50));
            assertThat(ofHosts(pipe)).isEmpty();
            pipe.silence(Duration.ofSeconds(30));
            assertThat(ofHosts(pipe)).singleElement().satisfies(flood -> {
                assertThat(flood.getStatus()).isEqualTo(AnomalyStatus.ENDED);
                assertThat(flood.getAt()).isEqualTo(Pipe.START_NS + 999_000_000L);
                assertThat(flood.getCount()).isEqualTo(1_000);
            });
            assertThat(pipe.stored(Stores.HOSTS)).as("nothing is kept for ever").isZero();
        }
    }

    @Test
    void asManyConnectionsThatAreOpenedAreNoFlood() {
        try (Pipe pipe = pipe(false)) {
            for (int i = 0; i < 1_500; i++) {
                pipe.open(i * 1_000_000L, spoofed(i), SERVER);
            }
            pipe.clock(10 * Pipe.SECOND);

            assertThat(ofHosts(pipe)).isEmpty();
        }
    }

    @Test
    void refusedPortsAreAScanAndItEndsWithTheCapture() {
        try (Pipe pipe = pipe(true)) {
            scan(pipe, 1, 25);
            assertThat(ofHosts(pipe)).as("24 ports are none").isEmpty();

            scan(pipe, 25, 40);
            pipe.end(Pipe.SECOND);
            List<Anomaly> told = ofHosts(pipe);
            assertThat(told).extracting(Anomaly::getStatus).containsExactly(AnomalyStatus.BEGAN, AnomalyStatus.ENDED);
            assertThat(told).allSatisfy(scan -> {
                assertThat(scan.getAnomaly()).isEqualTo(AnomalyKind.PORT_SCAN);
                assertThat(scan.getOriginatorAddress()).isEqualTo("10.0.0.1");
                assertThat(scan.getResponderAddress()).isEqualTo("10.0.0.2");
                assertThat(scan.getResponderPort()).isNull();
            });
            assertThat(told.get(1).getMessage()).contains("39 attempts").contains("1 host");
            assertThat(pipe.stored(Stores.HOSTS)).isZero();
        }
    }

    /** SYN, SYN-ACK, RST: what nmap -sS leaves at an open port. */
    @Test
    void portsThatAreOpenButNotTakenCountToo() {
        try (Pipe pipe = pipe(true)) {
            for (int port = 1; port <= 25; port++) {
                Pipe.End from = new Pipe.End(SCANNER, 40_000);
                Pipe.End to = new Pipe.End(0x0a000002, port);
                pipe.syn(port * 1_000_000L, from, to);
                pipe.send(port * 1_000_000L + 1, to, from, Flags.SYN | Flags.ACK, 0, 1);
                pipe.send(port * 1_000_000L + 2, from, to, Flags.RST, 1, 0);
            }

            assertThat(ofHosts(pipe)).extracting(Anomaly::getAnomaly).containsExactly(AnomalyKind.PORT_SCAN);
        }
    }

    @Test
    void halfAScanInEachOfTwoCapturesIsNoneWhereCapturesAreSeparate() {
        try (Pipe pipe = pipe(true)) {
            scan(pipe, 1, 20);
            pipe.end(Pipe.SECOND);
            pipe.nextSession();
            scan(pipe, 20, 40);
            pipe.end(Pipe.SECOND);

            assertThat(ofHosts(pipe)).isEmpty();
        }
    }

    @Test
    void halfAScanAsEachOfTwoAgentsSeesItIsOneWhereTheyAreSeenTogether() {
        try (Pipe pipe = pipe(false)) {
            scan(pipe, 1, 20);
            scan(pipe.as("b"), 20, 40);

            assertThat(ofHosts(pipe)).extracting(Anomaly::getAnomaly).containsExactly(AnomalyKind.PORT_SCAN);
        }
    }
}
