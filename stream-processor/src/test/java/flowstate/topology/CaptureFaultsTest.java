package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import flowstate.schema.Anomaly;
import flowstate.schema.AnomalyKind;
import flowstate.schema.LifecycleEvent;
import flowstate.tcp.Flags;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an agent that captures too little, or too much, does to its connections. */
class CaptureFaultsTest {
    private static final Pipe.End CLIENT = new Pipe.End(0x0a000001, 40000);
    private static final Pipe.End SERVER = new Pipe.End(0x0a000002, 80);

    @TempDir
    private Path stateDir;

    @Test
    void aConnectionThatGoesOnAfterADropSaysSoOnceAndIsLessCertainOfTheRest() {
        try (Pipe pipe = new Pipe(Limits.DEFAULT, stateDir)) {
            pipe.open(0, CLIENT, SERVER);
            pipe.dropped(Pipe.SECOND, 5);
            pipe.send(2 * Pipe.SECOND, CLIENT, SERVER, Flags.ACK, 1, 1);
            pipe.send(3 * Pipe.SECOND, CLIENT, SERVER, Flags.ACK, 1, 1);
            assertThat(pipe.anomalies())
                    .filteredOn(anomaly -> anomaly.getAnomaly() == AnomalyKind.CAPTURE_LOSS)
                    .singleElement()
                    .satisfies(loss -> assertThat(loss.getConfidence()).isEqualTo(1));

            pipe.send(4 * Pipe.SECOND, SERVER, CLIENT, Flags.RST | Flags.ACK, 1, 1);
            assertThat(pipe.anomalies())
                    .filteredOn(anomaly -> anomaly.getAnomaly() == AnomalyKind.RST_TERMINATED)
                    .singleElement()
                    .satisfies(reset -> assertThat(reset.getConfidence()).isLessThan(1));
        }
    }

    @Test
    void noDropIsNoLoss() {
        try (Pipe pipe = new Pipe(Limits.DEFAULT, stateDir)) {
            pipe.open(0, CLIENT, SERVER);
            pipe.dropped(Pipe.SECOND, 0);
            pipe.send(2 * Pipe.SECOND, CLIENT, SERVER, Flags.ACK, 1, 1);

            assertThat(pipe.anomalies()).extracting(Anomaly::getAnomaly).doesNotContain(AnomalyKind.CAPTURE_LOSS);
        }
    }

    @Test
    void aConnectionThatBeginsAfterADropHasLostNothing() {
        try (Pipe pipe = new Pipe(Limits.DEFAULT, stateDir)) {
            pipe.dropped(Pipe.SECOND, 5);
            pipe.open(2 * Pipe.SECOND, CLIENT, SERVER);
            pipe.send(3 * Pipe.SECOND, CLIENT, SERVER, Flags.ACK, 1, 1);
            pipe.end(4 * Pipe.SECOND);

            assertThat(pipe.anomalies()).extracting(Anomaly::getAnomaly).doesNotContain(AnomalyKind.CAPTURE_LOSS);
            assertThat(pipe.lifecycle())
                    .extracting(LifecycleEvent::getCaptureLossSuspected)
                    .containsOnly(false);
        }
    }

    /** Nothing of it comes any more, and yet what is told of it in the end says so. */
    @Test
    void aConnectionThatIsSilentAfterADropEndsAsOneThatMayHaveLostSegments() {
        try (Pipe pipe = new Pipe(Limits.DEFAULT, stateDir)) {
            pipe.open(0, CLIENT, SERVER);
            assertThat(pipe.lifecycle())
                    .extracting(LifecycleEvent::getCaptureLossSuspected)
                    .containsOnly(false);
            pipe.dropped(Pipe.SECOND, 5);
            assertThat(pipe.asked(CLIENT, SERVER))
                    .extracting(LifecycleEvent::getCaptureLossSuspected)
                    .isEqualTo(true);
            pipe.end(2 * Pipe.SECOND);

            assertThat(pipe.lifecycle())
                    .extracting(LifecycleEvent::getCaptureLossSuspected)
                    .containsExactly(true);
        }
    }

    @Test
    void theNextProcessorKnowsOfTheDrop() throws IOException {
        KeptState kept = new KeptState(Pipe.APPLICATION, stateDir);
        Pipe pipe = new Pipe(Limits.DEFAULT, kept.folder());
        try (pipe) {
            pipe.open(0, CLIENT, SERVER);
            pipe.dropped(Pipe.SECOND, 5);
            pipe.leaveTo(kept);
        }
        try (Pipe next = new Pipe(Limits.DEFAULT, kept.folder()).after(pipe)) {
            next.send(2 * Pipe.SECOND, CLIENT, SERVER, Flags.ACK, 1, 1);

            assertThat(next.anomalies()).extracting(Anomaly::getAnomaly).contains(AnomalyKind.CAPTURE_LOSS);
        }
    }

    @Test
    void anAgentThatWasKilledAndRunsAgainHasMissedSomething() {
        try (Pipe pipe = new Pipe(Limits.DEFAULT, stateDir)) {
            pipe.open(0, CLIENT, SERVER);
            pipe.nextSession();
            pipe.send(2 * Pipe.SECOND, CLIENT, SERVER, Flags.ACK, 1, 1);

            assertThat(pipe.anomalies()).extracting(Anomaly::getAnomaly).contains(AnomalyKind.CAPTURE_LOSS);
        }
    }

    /** As when an agent that reads a file is killed, and runs again. */
    @Test
    void whatTheNextSessionShowsHasLostNothingThoughItsClockBeginsAnew() {
        try (Pipe pipe = new Pipe(Limits.DEFAULT, stateDir)) {
            pipe.open(100 * Pipe.SECOND, CLIENT, SERVER);
            pipe.dropped(101 * Pipe.SECOND, 5);
            pipe.nextSession();
            pipe.open(0, new Pipe.End(0x0a000003, 40000), SERVER);
            pipe.lifecycle();
            pipe.end(2 * Pipe.SECOND);

            assertThat(pipe.lifecycle())
                    .extracting(ended -> ended.getOriginator().getAddress(), LifecycleEvent::getCaptureLossSuspected)
                    .containsExactlyInAnyOrder(tuple("10.0.0.1", true), tuple("10.0.0.3", false));
        }
    }

    @Test
    void aPacketThatIsCapturedTwiceIsNoRetransmission() {
        try (Pipe pipe = new Pipe(Limits.DEFAULT, stateDir)) {
            pipe.open(0, CLIENT, SERVER);
            pipe.twice(Pipe.SECOND, CLIENT, SERVER, 1, 100);
            pipe.end(2 * Pipe.SECOND);

            assertThat(pipe.anomalies())
                    .extracting(Anomaly::getAnomaly)
                    .contains(AnomalyKind.DUPLICATE_CAPTURE)
                    .doesNotContain(AnomalyKind.RETRANSMISSION);
            assertThat(pipe.lifecycle())
                    .last()
                    .satisfies(ended -> assertThat(ended.getOriginator().getRetransmittedSegments())
                            .isZero());
        }
    }

    /** Another agent's drops are its own. */
    @Test
    void whatAnotherAgentDroppedDoesNotMatter() {
        try (Pipe pipe = new Pipe(Limits.DEFAULT, stateDir)) {
            pipe.open(0, CLIENT, SERVER);
            pipe.as("b").dropped(Pipe.SECOND, 5);
            pipe.as("a").send(2 * Pipe.SECOND, CLIENT, SERVER, Flags.ACK, 1, 1);

            assertThat(pipe.anomalies()).extracting(Anomaly::getAnomaly).doesNotContain(AnomalyKind.CAPTURE_LOSS);
        }
    }

    /** As long as it is that by whose clock the connection is looked at. */
    @Test
    void whoeverGoesOnKnowsWhatTheOneBeforeDropped() {
        try (Pipe pipe = new Pipe(Limits.DEFAULT, stateDir)) {
            pipe.as("a").open(0, CLIENT, SERVER);
            pipe.as("b").open(0, CLIENT, SERVER);
            pipe.as("a").dropped(Pipe.SECOND, 5);
            pipe.as("a").end(2 * Pipe.SECOND);
            pipe.as("b").send(3 * Pipe.SECOND, CLIENT, SERVER, Flags.ACK, 1, 1);

            assertThat(pipe.anomalies()).extracting(Anomaly::getAnomaly).contains(AnomalyKind.CAPTURE_LOSS);
        }
    }

    /** Each saw one direction, so that nobody knows how their clocks compare. */
    @ParameterizedTest
    @CsvSource({"a, b", "b, a"})
    void aConnectionOfAgentsThatCannotBeComparedEndsOnceWhicheverEndsFirst(String first, String second) {
        try (Pipe pipe = new Pipe(Limits.DEFAULT, stateDir)) {
            pipe.as("a").syn(0, CLIENT, SERVER);
            pipe.as("b").send(1000, SERVER, CLIENT, Flags.SYN | Flags.ACK, 0, 1);
            pipe.as(first).end(Pipe.SECOND);
            assertThat(pipe.lifecycle()).extracting(LifecycleEvent::getFinal$).containsOnly(false);
            pipe.as(second).end(Pipe.SECOND);
            assertThat(pipe.lifecycle()).extracting(LifecycleEvent::getFinal$).containsExactly(true);
        }
    }
}
