package flowstate.trace;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.tcp.AnomalyKind;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind is shown by a scenario, and is not told in one that comes near. They are called after the kind:
 * {@code rst-inexact.trace} and {@code rst-inexact-near-miss.trace}, unless the tables here say otherwise.
 */
class AnomalyTracesTest {
    private static final Map<String, Trace> SCENARIOS =
            Scenarios.all().stream().collect(Collectors.toMap(Trace::name, Function.identity()));

    private static final Map<AnomalyKind, String> SHOWN_BY = new EnumMap<>(Map.ofEntries(
            Map.entry(AnomalyKind.ATTEMPT_TIMEOUT, "unanswered-syn"),
            Map.entry(AnomalyKind.CONNECTION_REJECTED, "refused"),
            Map.entry(AnomalyKind.HALF_CLOSED, "half-close-with-data-for-hours"),
            Map.entry(AnomalyKind.FIN_UNACKED, "fin-never-acknowledged"),
            Map.entry(AnomalyKind.RST_TERMINATED, "reset-by-responder"),
            Map.entry(AnomalyKind.RST_AFTER_FIN, "reset-after-fin"),
            Map.entry(AnomalyKind.MIDSTREAM, "midstream-data"),
            Map.entry(AnomalyKind.RETRANSMISSION, "retransmitted-data"),
            Map.entry(AnomalyKind.SYN_RETRANSMITTED, "unanswered-syn"),
            Map.entry(AnomalyKind.SYN_IN_ESTABLISHED, "old-duplicate-syn"),
            Map.entry(AnomalyKind.IDLE_TIMEOUT, "idle-established"),
            Map.entry(AnomalyKind.CLOCK_SKEW, "two-agents-clock-skew"),
            Map.entry(AnomalyKind.STALLED, "stalled-on-window")));

    private static final Map<AnomalyKind, String> NOT_IN = new EnumMap<>(Map.ofEntries(
            Map.entry(AnomalyKind.CONNECTION_REJECTED, "rst-without-ack-does-not-refuse"),
            Map.entry(AnomalyKind.CLOSE_WAIT_LEAK, "half-close-with-data-for-hours"),
            Map.entry(AnomalyKind.RST_TERMINATED, "rst-instead-of-last-ack"),
            Map.entry(AnomalyKind.RST_AFTER_FIN, "reset-by-originator"),
            Map.entry(AnomalyKind.RST_OUT_OF_WINDOW, "rst-inexact"),
            Map.entry(AnomalyKind.MIDSTREAM, "syn-ack-before-syn"),
            Map.entry(AnomalyKind.ONE_SIDED, "ack-before-syn-ack"),
            Map.entry(AnomalyKind.ROLE_FLIPPED, "syn-ack-before-syn"),
            Map.entry(AnomalyKind.RETRANSMISSION, "two-agents"),
            Map.entry(AnomalyKind.SYN_RETRANSMITTED, "two-agents"),
            Map.entry(AnomalyKind.FAST_OPEN, "syn-with-data-near-miss"),
            Map.entry(AnomalyKind.SIMULTANEOUS_OPEN, "syn-isn-changed"),
            Map.entry(AnomalyKind.SIMULTANEOUS_CLOSE, "fin-retransmitted"),
            Map.entry(AnomalyKind.PORT_REUSED, "old-duplicate-syn"),
            Map.entry(AnomalyKind.CLOCK_SKEW, "two-agents"),
            Map.entry(AnomalyKind.LONG_LIVED, "idle-established"),
            Map.entry(AnomalyKind.FAST_RETRANSMISSION, "retransmission-after-duplicates"),
            Map.entry(AnomalyKind.SPURIOUS_RETRANSMISSION, "retransmission-partly-acknowledged"),
            Map.entry(AnomalyKind.OUT_OF_ORDER, "late-by-a-round-trip"),
            Map.entry(AnomalyKind.DUPLICATE_ACK, "window-update"),
            Map.entry(AnomalyKind.SEGMENT_GAP, "rst-ahead"),
            Map.entry(AnomalyKind.ACK_UNSEEN, "acknowledged-fin"),
            Map.entry(AnomalyKind.ZERO_WINDOW, "window-closed-by-rst"),
            Map.entry(AnomalyKind.WINDOW_FULL, "window-not-quite-full"),
            Map.entry(AnomalyKind.ZERO_WINDOW_PROBE, "octet-after-the-last"),
            Map.entry(AnomalyKind.WINDOW_SHRUNK, "window-offer-overtaken"),
            Map.entry(AnomalyKind.STALLED, "window-opens-in-time"),
            Map.entry(AnomalyKind.KEEP_ALIVE, "one-octet"),
            Map.entry(AnomalyKind.KEEP_ALIVE_UNANSWERED, "keep-alive"),
            Map.entry(AnomalyKind.INVALID_FLAGS, "unusual-flags"),
            Map.entry(AnomalyKind.BAD_OPTION, "options-of-all-kinds"),
            Map.entry(AnomalyKind.BAD_CHECKSUM, "checksum-offloaded"),
            Map.entry(AnomalyKind.OVERSIZED_SEGMENT, "full-sized-segment")));

    /** What one connection alone cannot show: tested where hosts are counted, room is limited and agents lose packets. */
    private static final Set<AnomalyKind> BEYOND_A_CONNECTION = EnumSet.of(
            AnomalyKind.CAPTURE_LOSS,
            AnomalyKind.DUPLICATE_CAPTURE,
            AnomalyKind.EVICTED,
            AnomalyKind.SYN_FLOOD,
            AnomalyKind.PORT_SCAN);

    private static Set<AnomalyKind> ofAConnection() {
        return EnumSet.complementOf(EnumSet.copyOf(BEYOND_A_CONNECTION));
    }

    @ParameterizedTest
    @MethodSource("ofAConnection")
    void isShownByAScenario(AnomalyKind kind) {
        assertThat(told(SHOWN_BY.getOrDefault(kind, kebab(kind)))).contains(kind.name());
    }

    @ParameterizedTest
    @MethodSource("ofAConnection")
    void isNotToldInOneThatComesNear(AnomalyKind kind) {
        assertThat(told(NOT_IN.getOrDefault(kind, kebab(kind) + "-near-miss"))).doesNotContain(kind.name());
    }

    private static String kebab(AnomalyKind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Stream<String> told(String scenario) {
        Trace trace = Objects.requireNonNull(SCENARIOS.get(scenario), "no scenario is called " + scenario);
        return trace.lines().stream()
                .flatMap(line -> line.expected().stream())
                .filter(Expectation::anomaly)
                .map(Expectation::name);
    }
}
