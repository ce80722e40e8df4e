package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowstate.schema.Anomaly;
import flowstate.schema.EventKind;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventOrderTest {
    private final EventOrder order = new EventOrder(1000);

    @Test
    void eventsOfDifferentConnectionsAreOrderedByTime() {
        assertThat(arrive(lifecycle("a", "OPENING", 1), lifecycle("a", "CLOSED", 9), lifecycle("b", "OPENING", 2)))
                .containsExactly("a OPENING 1", "b OPENING 2", "a CLOSED 9");
    }

    @Test
    void anEventWithATooEarlyTimeStaysBehindTheOneBefore() {
        assertThat(arrive(
                        lifecycle("a", "OPENING", 4),
                        lifecycle("a", "ESTABLISHED", 10),
                        lifecycle("a", "CLOSING", 2),
                        lifecycle("a", "CLOSED", 12),
                        lifecycle("b", "OPENING", 5),
                        lifecycle("b", "REJECTED", 11)))
                .containsExactly(
                        "a OPENING 4",
                        "b OPENING 5",
                        "a ESTABLISHED 10",
                        "a CLOSING 2",
                        "b REJECTED 11",
                        "a CLOSED 12");
    }

    @Test
    void anAnomalyComesDirectlyAfterItsConnectionsEventOfTheSameTimeAndTheFinalEventLast() {
        assertThat(arrive(
                        anomaly("b", 7),
                        anomaly("a", 7),
                        lifecycle("b", "RESET", 7),
                        lifecycle("b", "ENDED", 7),
                        lifecycle("a", "RESET", 7)))
                .containsExactly("a RESET 7", "a anomaly 7", "b RESET 7", "b anomaly 7", "b ENDED 7");
    }

    @ParameterizedTest
    @CsvSource({"AAAAAAAAAAA,zzzzzzzzzzz", "zzzzzzzzzzz,AAAAAAAAAAA"})
    void aConnectionEndsBeforeTheOneThatTakesItsPortsAtTheSameTime(String before, String after) {
        String old = "sameEnds" + before;
        String reused = "sameEnds" + after;

        assertThat(arrive(
                        lifecycle(old, "OPENING", 1),
                        anomaly(reused, 7),
                        anomaly(old, 7),
                        lifecycle(old, "ENDED", 7),
                        lifecycle(reused, "OPENING", 7)))
                .containsExactly(
                        old + " OPENING 1",
                        old + " anomaly 7",
                        old + " ENDED 7",
                        reused + " OPENING 7",
                        reused + " anomaly 7");
    }

    @Test
    void capturesAreKeptApart() {
        order.add(lifecycle("a", "OPENING", 1));
        LifecycleEvent other = SeedEvents.opening();
        other.setCapture("other.pcap");
        other.setAt(0);
        order.add(Event.Lifecycle.of(Topics.LIFECYCLE.value().serializer().serialize("t", other)));

        assertThat(words(order.finish(SeedEvents.CAPTURE))).containsExactly("a OPENING 1");
        assertThat(words(order.finish(SeedEvents.CAPTURE))).isEmpty();
        assertThat(words(order.finishAll())).containsExactly("c1 OPENING 0");
    }

    @Test
    void atTheBoundTheOlderHalfIsGivenOutAndNothingIsLost() {
        EventOrder bounded = new EventOrder(4);
        List<Event> out = new ArrayList<>();
        for (int time : new int[] {40, 20, 10, 30}) {
            assertThat(bounded.add(lifecycle("c" + time, "OPENING", time))).isEmpty();
        }
        out.addAll(bounded.add(lifecycle("c50", "OPENING", 50)));

        assertThat(words(out)).containsExactly("c10 OPENING 10", "c20 OPENING 20", "c30 OPENING 30");
        assertThat(words(bounded.finish(SeedEvents.CAPTURE))).containsExactly("c40 OPENING 40", "c50 OPENING 50");
    }

    /** However few there is room for, and whatever their times say. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7, 50, 1000})
    void theEventsOfAConnectionStayAsTheyCame(int bound) {
        EventOrder bounded = new EventOrder(bound);
        Random random = new Random(bound);
        Map<String, List<String>> came = new HashMap<>();
        List<Event> left = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            String connection = "c" + random.nextInt(20);
            Event event = lifecycle(connection, "PERIODIC", i / 4 + random.nextInt(30));
            came.computeIfAbsent(connection, name -> new ArrayList<>()).addAll(words(List.of(event)));
            left.addAll(bounded.add(event));
        }
        left.addAll(bounded.finishAll());

        came.forEach((connection, events) -> assertThat(words(left))
                .filteredOn(word -> word.startsWith(connection + " "))
                .isEqualTo(events));
    }

    @Test
    void aBoundThatCannotOrderIsRefused() {
        assertThatThrownBy(() -> new EventOrder(1)).hasMessageContaining("was 1");
    }

    private List<String> arrive(Event... events) {
        for (Event event : events) {
            assertThat(order.add(event)).isEmpty();
        }
        return words(order.finish(SeedEvents.CAPTURE));
    }

    private static List<String> words(List<Event> events) {
        return events.stream()
                .map(event -> event.connectionId() + " "
                        + (event instanceof Event.Lifecycle l ? read(l).getEvent() : "anomaly") + " " + event.at())
                .toList();
    }

    private static LifecycleEvent read(Event.Lifecycle event) {
        return Topics.LIFECYCLE.value().deserializer().deserialize("t", event.octets());
    }

    private static Event lifecycle(String connection, String kind, long at) {
        LifecycleEvent event = SeedEvents.opening();
        event.setConnectionId(connection);
        event.setEvent(EventKind.valueOf(kind));
        event.setFinal$(kind.equals("ENDED"));
        event.setAt(at);
        return Event.Lifecycle.of(Topics.LIFECYCLE.value().serializer().serialize("t", event));
    }

    private static Event anomaly(String connection, long at) {
        Anomaly anomaly =
                SeedEvents.halfClosed().setConnectionId(connection).setAt(at).build();
        return Event.Found.of(Topics.ANOMALIES.value().serializer().serialize("t", anomaly));
    }
}
