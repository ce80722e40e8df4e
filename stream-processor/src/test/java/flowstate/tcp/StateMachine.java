package flowstate.tcp;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The states of one end and the steps between them, as docs/state-machine.md tells them: each step that {@link TcpState}
 * allows, beside RFC 9293's figure 5. {@link StateMachineTest} holds it to the code and to the traces.
 */
final class StateMachine {
    private static final String TRACES = "../stream-processor/src/test/resources/traces/";

    private StateMachine() {}

    /**
     * One step of one end.
     *
     * @param event what the figure has on this edge, or why we have one that it has not
     * @param shownBy what an observer sees of it
     * @param trace a scenario in which it is taken
     */
    record Step(TcpState from, TcpState to, String event, String shownBy, String trace) {}

    /** An edge of the figure that no observer sees: the step that is told in its place, if any. */
    record Unseen(String edge, String event, String why) {}

    // spotless:off
    /** The edges of RFC 9293 figure 5, with the one that its note 2 adds, in the figure's order. */
    static final List<Step> FIGURE = List.of(
            new Step(TcpState.CLOSE, TcpState.LISTEN, "passive OPEN", "nothing; the first SYN shows that it was listening", "four-segment-close"),
            new Step(TcpState.CLOSE, TcpState.SYN_SENT, "active OPEN, snd SYN", "its SYN", "four-segment-close"),
            new Step(TcpState.LISTEN, TcpState.SYN_RECV, "rcv SYN, snd SYN,ACK", "its SYN-ACK", "four-segment-close"),
            new Step(TcpState.LISTEN, TcpState.SYN_SENT, "SEND, snd SYN", "its SYN, after the other's: it had opened actively", "simultaneous-open"),
            new Step(TcpState.SYN_SENT, TcpState.CLOSE, "CLOSE, delete TCB", "a RST that acknowledges its SYN, or no answer until the timer", "refused"),
            new Step(TcpState.SYN_SENT, TcpState.SYN_RECV, "rcv SYN, snd SYN,ACK", "its SYN-ACK, after its SYN", "simultaneous-open"),
            new Step(TcpState.SYN_SENT, TcpState.ESTABLISHED, "rcv SYN,ACK, snd ACK", "its ACK of the SYN-ACK", "four-segment-close"),
            new Step(TcpState.SYN_RECV, TcpState.ESTABLISHED, "rcv ACK of SYN", "the other's ACK of its SYN", "four-segment-close"),
            new Step(TcpState.SYN_RECV, TcpState.FIN_WAIT1, "CLOSE, snd FIN", "its FIN before the ACK of its SYN", "only-control-segments-captured"),
            new Step(TcpState.ESTABLISHED, TcpState.FIN_WAIT1, "CLOSE, snd FIN", "its FIN", "four-segment-close"),
            new Step(TcpState.ESTABLISHED, TcpState.CLOSE_WAIT, "rcv FIN, snd ACK", "its ACK of the other's FIN", "four-segment-close"),
            new Step(TcpState.FIN_WAIT1, TcpState.FIN_WAIT2, "rcv ACK of FIN", "the other's ACK of its FIN", "four-segment-close"),
            new Step(TcpState.FIN_WAIT1, TcpState.CLOSING, "rcv FIN, snd ACK", "its ACK of the other's FIN, its own not acknowledged", "simultaneous-close"),
            new Step(TcpState.FIN_WAIT2, TcpState.TIME_WAIT, "rcv FIN, snd ACK", "its ACK of the other's FIN", "four-segment-close"),
            new Step(TcpState.CLOSING, TcpState.TIME_WAIT, "rcv ACK of FIN", "the other's ACK of its FIN", "simultaneous-close"),
            new Step(TcpState.CLOSE_WAIT, TcpState.LAST_ACK, "CLOSE, snd FIN", "its FIN", "four-segment-close"),
            new Step(TcpState.LAST_ACK, TcpState.CLOSE, "rcv ACK of FIN", "the other's ACK of its FIN", "four-segment-close"),
            new Step(TcpState.TIME_WAIT, TcpState.CLOSE, "Timeout=2MSL, delete TCB", "the timer", "four-segment-close"),
            new Step(TcpState.FIN_WAIT1, TcpState.TIME_WAIT, "note 2: rcv FIN and ACK of FIN, snd ACK", "its ACK of a FIN that acknowledged its own, where that ACK was the first to be captured", "fin-acknowledgement-captured-late"));

    static final List<Unseen> UNSEEN = List.of(
            new Unseen("LISTEN to CLOSED", "CLOSE, delete TCB", "no segment is sent. An end that is known from a SYN only goes LISTEN to CLOSE when the attempt is over, see below"),
            new Unseen("SYN-RECEIVED to LISTEN", "rcv RST (note 1)", "the socket listens on, but for other connections: this one's end goes SYN_RECV to CLOSE"));

    /** Steps that the figure does not have. */
    static final List<Step> ADDED = List.of(
            new Step(TcpState.ESTABLISHED, TcpState.LAST_ACK, "CLOSE_WAIT and LAST_ACK in one segment", "its FIN that acknowledges the other's", "three-segment-close-by-responder"),
            new Step(TcpState.LISTEN, TcpState.CLOSE, "RFC 9293 section 3.10.7.1: nobody listens", "its RST in answer to a SYN, or no answer until the timer", "refused"),
            new Step(TcpState.SYN_RECV, TcpState.CLOSE, "RST (section 3.10.7.4), or the handshake's timer", "a RST of either end; no ACK of its SYN-ACK", "rst-answers-syn-ack"),
            new Step(TcpState.ESTABLISHED, TcpState.CLOSE, "RST, or ABORT (section 3.10.5)", "a RST of either end; silence until the timer", "reset-by-originator"),
            new Step(TcpState.FIN_WAIT1, TcpState.CLOSE, "RST, or user timeout (section 3.10.8)", "a RST of either end; no ACK of its FIN until the timer", "fin-never-acknowledged"),
            new Step(TcpState.FIN_WAIT2, TcpState.CLOSE, "RST, or the host's own limit (Linux: tcp_fin_timeout)", "a RST of either end; no FIN of the other until the timer", "reset-after-fin"),
            new Step(TcpState.CLOSING, TcpState.CLOSE, "RST, or user timeout", "a RST of either end; no ACK of its FIN until the timer", "simultaneous-close-reset"),
            new Step(TcpState.CLOSE_WAIT, TcpState.CLOSE, "RST, or ABORT", "a RST of either end; no FIN of it until the timer", "reset-after-fin"));
    // spotless:on

    /** The document. */
    static String document() {
        return """
                # The states of an end

                This page is printed from the code: `TcpState`, and what `StateMachine` says of each step. A test fails when it is
                stale, and says how to renew it; another takes each step in the trace that the tables name. How states follow from
                what was seen is in [design](design.md#from-facts-to-states-to-events).

                A connection has two ends, each with a state of its own, under its Linux name with RFC 9293's meaning.

                ```mermaid
                stateDiagram-v2
                    [*] --> CLOSE
                %s    note right of CLOSE
                        from every state by RST, or when a timer gives up
                    end note
                ```

                ## RFC 9293, figure 5

                Every edge of the figure, with the one that its note 2 adds. An observer does not see calls of the user (OPEN, SEND,
                CLOSE), only what they send.

                | from | to | the figure's event | shown by | trace |
                |---|---|---|---|---|
                %s
                Not seen as such:

                | the figure's edge | its event | here |
                |---|---|---|
                %s
                ## What the figure does not have

                | from | to | why | shown by | trace |
                |---|---|---|---|---|
                %s
                TIME_WAIT and LAST_ACK go to CLOSE by RST, too, as RFC 9293 section 3.10.7.4 has it.

                ## Steps that are in no table

                Segments may be missing from a capture, or come in another order. A step that is in neither table sets
                `unseen_segments` of the connection; so does a start that is no SYN. An end that was closed by a RST and carries on goes
                back to where it was: RESUMED. Tests hold each trace and each capture to this.
                """.formatted(arrows(), rows(FIGURE), unseen(), rows(ADDED));
    }

    private static String arrows() {
        String drawn = FIGURE.stream().map(StateMachine::arrow).collect(Collectors.joining());
        return drawn + arrow(ADDED.get(0));
    }

    private static String arrow(Step step) {
        // a colon ends the label's name, a semicolon the statement
        String label = step.event.replaceAll("note \\d: ", "").replace(':', ' ').replace(';', ',');
        return "    " + step.from + " --> " + step.to + ": " + label + "\n";
    }

    private static String rows(List<Step> steps) {
        return steps.stream()
                .map(step -> "| %s | %s | %s | %s | [%s](%s%s.trace) |\n"
                        .formatted(step.from, step.to, step.event, step.shownBy, step.trace, TRACES, step.trace))
                .collect(Collectors.joining());
    }

    private static String unseen() {
        return UNSEEN.stream()
                .map(unseen -> "| %s | %s | %s |\n".formatted(unseen.edge, unseen.event, unseen.why))
                .collect(Collectors.joining());
    }
}
