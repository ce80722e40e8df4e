package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.hosts.HostRules;
import flowstate.schema.LifecycleEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that is done, with more connections than are ended at once. */
class EndingsTest {
    private static final Pipe.End SERVER = new Pipe.End(0x0a000001, 80);
    private static final int FIRST_CLIENT = 0x0b000000;
    private static final int REST = 7;
    private static final int CONNECTIONS = Endings.AT_ONCE + REST;
    private static final Limits ROOM_FOR_ALL = new Limits(2 * CONNECTIONS, HostRules.DEFAULT, 0);
    private static final long END = 2 * Pipe.SECOND;

    @TempDir
    private Path stateDir;

    private static Pipe.End client(int number) {
        return new Pipe.End(FIRST_CLIENT + number, 40000);
    }

    /** Opens all; which are first by their deadlines are those that come first. */
    private static Pipe withAllOpen(Pipe pipe) {
        for (int first = 0; first < CONNECTIONS; first += 1000) {
            pipe.syns(first * 1000L, client(first), Math.min(1000, CONNECTIONS - first), SERVER);
        }
        assertThat(pipe.lifecycle()).hasSize(CONNECTIONS);
        return pipe;
    }

    private static void goOn(Pipe pipe) {
        pipe.silence(Duration.ofMillis(10));
    }

    private static List<String> ids(List<LifecycleEvent> events) {
        assertThat(events).allSatisfy(event -> assertThat(event.getEndReason()).hasToString("CAPTURE_ENDED"));
        return events.stream().map(event -> event.getConnectionId()).toList();
    }

    @Test
    void itsConnectionsEndSomeAtATimeAndWhatAnotherSeesGoesOn() {
        try (Pipe pipe = withAllOpen(new Pipe(ROOM_FOR_ALL, stateDir))) {
            pipe.as("b").syn(END, client(CONNECTIONS - 1), SERVER);
            pipe.as("a").end(END);
            List<String> told = new ArrayList<>(ids(pipe.lifecycle()));
            assertThat(told).hasSize(Endings.AT_ONCE);
            assertThat(pipe.isEnding()).isTrue();

            goOn(pipe);
            told.addAll(ids(pipe.lifecycle()));
            assertThat(told).doesNotHaveDuplicates().hasSize(CONNECTIONS - 1);
            assertThat(pipe.stored(Stores.CONNECTIONS)).isOne();

            goOn(pipe);
            goOn(pipe);
            assertThat(pipe.isEnding()).isFalse();
            pipe.as("b").end(END);
            assertThat(ids(pipe.lifecycle())).hasSize(1).doesNotContainAnyElementsOf(told);
            assertThat(pipe.stored(Stores.OBSERVERS)).isZero();
        }
    }

    @Test
    void theNextProcessorGoesOnWithIt() throws IOException {
        KeptState kept = new KeptState(Pipe.APPLICATION, stateDir);
        List<String> told = new ArrayList<>();
        try (Pipe pipe = withAllOpen(new Pipe(ROOM_FOR_ALL, kept.folder()))) {
            pipe.end(END);
            told.addAll(ids(pipe.lifecycle()));
            pipe.leaveTo(kept);
        }
        try (Pipe next = new Pipe(ROOM_FOR_ALL, kept.folder())) {
            assertThat(next.isEnding()).isTrue();
            goOn(next);
            List<String> rest = ids(next.lifecycle());
            assertThat(rest).hasSize(REST);
            told.addAll(rest);
        }
        assertThat(told).doesNotHaveDuplicates().hasSize(CONNECTIONS);
    }

    /** As an agent that is started again does. */
    @Test
    void whatItShowsInItsNextSessionComesAfterAllOfTheLastOne() {
        try (Pipe pipe = withAllOpen(new Pipe(ROOM_FOR_ALL, stateDir))) {
            pipe.end(END);
            assertThat(pipe.lifecycle()).hasSize(Endings.AT_ONCE);
            pipe.nextSession();
            pipe.syn(END, client(CONNECTIONS - 1), SERVER);
            List<LifecycleEvent> events = pipe.lifecycle();
            assertThat(ids(events.subList(0, REST))).doesNotHaveDuplicates();
            assertThat(events.subList(REST, events.size()))
                    .singleElement()
                    .satisfies(event -> assertThat(event.getEvent()).hasToString("OPENING"));
            goOn(pipe);
            goOn(pipe);
            assertThat(pipe.isEnding()).isFalse();
            assertThat(pipe.lifecycle()).isEmpty();
            assertThat(pipe.stored(Stores.CONNECTIONS)).isOne();
        }
    }
}
