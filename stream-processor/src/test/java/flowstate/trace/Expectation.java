package flowstate.trace;

import flowstate.tcp.AnomalyKind;
import flowstate.tcp.EventKind;
import flowstate.tcp.TcpState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Something that the tracker says, or is to say: a lifecycle event, an anomaly, or only the states of both ends. What
 * is said and what is expected have the same form; an expectation may leave out states and count.
 *
 * @param name of a lifecycle event or an anomaly; empty if only the states are meant
 * @param anomaly whether it is an anomaly
 * @param states of originator and responder after the event, {@code SYN_SENT/LISTEN}; null if not stated
 * @param count how many times within the connection so far; 0 if not stated
 */
record Expectation(String name, boolean anomaly, @Nullable String states, long count) {

    private static final Pattern FORM =
            Pattern.compile("(?:(?<event>[A-Z_0-9]+)|!(?<anomaly>[A-Z_0-9]+)(?: +x(?<count>[1-9][0-9]{0,17}))?)?"
                    + " *(?:\\[(?<left>[A-Z_0-9]+)/(?<right>[A-Z_0-9]+)])?");

    /**
     * What a text such as {@code OPENING [SYN_SENT/LISTEN]}, {@code !RETRANSMISSION x10} or
     * {@code [FIN_WAIT2/CLOSE_WAIT]} says.
     *
     * @throws IllegalArgumentException if it says nothing that there is
     */
    static Expectation parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (text.isBlank() || !form.matches()) {
            throw new IllegalArgumentException(
                    "an event must read like OPENING [SYN_SENT/LISTEN], !RETRANSMISSION x10 or [ESTABLISHED/ESTABLISHED],"
                            + " was '" + text.strip() + "'");
        }
        String event = form.group("event");
        String anomaly = form.group("anomaly");
        String left = form.group("left");
        if (event != null) {
            known(EventKind.values(), event, "lifecycle event");
        }
        if (anomaly != null) {
            known(AnomalyKind.values(), anomaly, "anomaly");
        }
        if (left != null) {
            known(TcpState.values(), left, "state");
            known(TcpState.values(), form.group("right"), "state");
        }
        if (anomaly != null && left != null) {
            throw new IllegalArgumentException("an anomaly has no states of its own, was '" + text.strip() + "'");
        }
        String count = form.group("count");
        return new Expectation(
                event != null ? event : anomaly != null ? anomaly : "",
                anomaly != null,
                left == null ? null : left + "/" + form.group("right"),
                count == null ? 0 : Long.parseLong(count));
    }

    /** A misspelt name would otherwise look like a fault of the tracker. */
    private static <E extends Enum<E>> void known(E[] values, String name, String what) {
        if (Arrays.stream(values).noneMatch(value -> value.name().equals(name))) {
            throw new IllegalArgumentException("no " + what + " is called '" + name + "'");
        }
    }

    static List<Expectation> parseAll(List<String> texts) {
        List<Expectation> all = new ArrayList<>();
        for (String text : texts) {
            all.add(parse(text));
        }
        return all;
    }

    boolean stateOnly() {
        return name.isEmpty();
    }

    boolean lifecycle() {
        return !anomaly && !stateOnly();
    }

    /** Whether what was said fulfils this; what this does not state may be anything. */
    boolean met(Expectation said) {
        return name.equals(said.name)
                && anomaly == said.anomaly
                && (states == null || states.equals(said.states))
                && (count == 0 || count == said.count);
    }

    @Override
    public String toString() {
        return (anomaly ? "!" : "")
                + name
                + (count == 0 ? "" : " x" + count)
                + (states == null ? "" : (stateOnly() ? "[" : " [") + states + "]");
    }
}
