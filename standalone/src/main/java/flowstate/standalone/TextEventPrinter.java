package flowstate.standalone;

import flowstate.schema.Anomaly;
import flowstate.schema.AnomalyStatus;
import flowstate.schema.EndReason;
import flowstate.schema.EndpointSummary;
import flowstate.schema.EventKind;
import flowstate.schema.Handshake;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.Role;
import flowstate.schema.TcpState;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line an event, in columns: the time as tcpdump prints it, originator &gt; responder, the event, and what there is
 * to say of it, pairs always in the order originator / responder.
 *
 * <p>Anomalies are indented within the column of events and marked with {@code !}; of one that is about a host, an end that is not one thing is {@code *}. Before the first event of a capture,
 * and where the day changes, a line that starts with {@code #} names the capture and the day.
 */
final class TextEventPrinter implements EventPrinter {
    // fits HALF_CLOSED and ESTABLISHED
    private static final int EVENT_WIDTH = 11;
    // two IPv4 ends with usual ports; grows to fit the longest so far, but not for the sake of IPv6
    private static final int LEAST_ENDS_WIDTH = 33;
    private static final int MOST_ENDS_WIDTH = 45;

    private final Writer out;
    private final StringBuilder line = new StringBuilder(200);
    private int endsWidth = LEAST_ENDS_WIDTH;
    private @Nullable String capture;
    private @Nullable String date;

    TextEventPrinter(Writer out) {
        this.out = out;
    }

    @Override
    public void print(LifecycleEvent event) throws IOException {
        heading(event.getCapture(), event.getAt());
        EndpointSummary originator = event.getOriginator();
        EndpointSummary responder = event.getResponder();
        columns(
                event.getAt(),
                ends(originator.getAddress(), originator.getPort(), responder.getAddress(), responder.getPort()));
        line.append(padded(event.getEvent().name(), EVENT_WIDTH)).append("  ");
        line.append(event.getFinal$() ? outcome(event) : change(event));
        writeLine();
    }

    @Override
    public void print(Anomaly anomaly) throws IOException {
        heading(anomaly.getCapture(), anomaly.getAt());
        columns(
                anomaly.getAt(),
                ends(
                        anomaly.getOriginatorAddress(),
                        anomaly.getOriginatorPort(),
                        anomaly.getResponderAddress(),
                        anomaly.getResponderPort()));
        line.append("  ! ").append(anomaly.getAnomaly()).append(course(anomaly.getStatus()));
        line.append(" (").append(lower(anomaly.getSeverity()));
        if (anomaly.getConfidence() < 1) {
            line.append(String.format(Locale.ROOT, ", %.0f %% sure", 100 * anomaly.getConfidence()));
        }
        line.append("): ").append(Words.oneLine(anomaly.getMessage()));
        if (anomaly.getCount() > 1) {
            line.append(String.format(Locale.ROOT, " (%,d times)", anomaly.getCount()));
        }
        writeLine();
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    private void heading(String captureOfEvent, long at) throws IOException {
        String dateOfEvent = Timestamp.date(at);
        if (!captureOfEvent.equals(capture)) {
            if (capture != null) {
                out.write('\n');
            }
            line.append("# ").append(Words.printable(captureOfEvent)).append(", ");
        } else if (!dateOfEvent.equals(date)) {
            line.append("# ");
        } else {
            return;
        }
        capture = captureOfEvent;
        date = dateOfEvent;
        line.append(dateOfEvent).append(" (UTC)");
        writeLine();
    }

    private void columns(long at, String ends) {
        endsWidth = Math.min(MOST_ENDS_WIDTH, Math.max(endsWidth, ends.length()));
        line.append(Timestamp.timeOfDay(at)).append("  ");
        line.append(padded(ends, endsWidth)).append("  ");
    }

    private void writeLine() throws IOException {
        int end = line.length();
        while (end > 0 && line.charAt(end - 1) == ' ') {
            end--;
        }
        line.setLength(end);
        line.append('\n');
        out.append(line);
        line.setLength(0);
    }

    /** Where something that lasts stands. */
    private static String course(AnomalyStatus status) {
        return switch (status) {
            case BEGAN -> " began";
            case GOES_ON -> " goes on";
            case ENDED -> " ended";
            case MOMENT, UNKNOWN -> "";
        };
    }

    private static String ends(
            @Nullable String originator,
            @Nullable Integer originatorPort,
            @Nullable String responder,
            @Nullable Integer responderPort) {
        return end(originator, originatorPort) + " > " + end(responder, responderPort);
    }

    /** An end with {@code *} for what is not one thing. */
    private static String end(@Nullable String address, @Nullable Integer port) {
        String host = address == null ? "*" : address.indexOf(':') < 0 ? address : "[" + address + "]";
        return host + (port == null ? "" : ":" + port);
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String lower(Enum<?> symbol) {
        return symbol.name().toLowerCase(Locale.ROOT);
    }

    /** How the states changed, and what can be said only now. */
    private static String change(LifecycleEvent event) {
        List<String> remarks = new ArrayList<>();
        EventKind kind = event.getEvent();
        if (kind == EventKind.ESTABLISHED) {
            began(event, remarks);
            roundTrip("SYN to SYN-ACK", event.getSynToSynackSeconds(), remarks);
            roundTrip("SYN-ACK to ACK", event.getSynackToAckSeconds(), remarks);
        } else if (kind == EventKind.PERIODIC) {
            remarks.add(summary(event));
        } else if (kind == EventKind.CLOSING || kind == EventKind.CLOSED) {
            halfClosed(event, remarks);
        }
        EndReason reason = event.getEndReason();
        if (reason != null) {
            remarks.add(ended(event, reason));
        }
        if (event.getUnseenSegments()) {
            remarks.add("segments unseen");
        }
        if (kind == EventKind.OPENING) {
            tunnel(event, remarks);
        }
        return joined(states(event), remarks);
    }

    /** The settled record: the verdict in Zeek's words, duration, octets, how it ended. */
    private static String outcome(LifecycleEvent event) {
        List<String> remarks = new ArrayList<>();
        if (event.getHandshake() != Handshake.THREE_WAY) {
            began(event, remarks);
        }
        EndReason reason = event.getEndReason();
        remarks.add(reason == null ? "reason not known" : ended(event, reason));
        halfClosed(event, remarks);
        pair(
                event.getOriginator().getRetransmittedSegments(),
                event.getResponder().getRetransmittedSegments(),
                "retransmitted",
                remarks);
        pair(event.getOriginator().getZeroWindows(), event.getResponder().getZeroWindows(), "zero windows", remarks);
        if (event.getCaptureLossSuspected()) {
            remarks.add("capture loss suspected");
        }
        tunnel(event, remarks);
        if (changed(event.getOriginator()) || changed(event.getResponder())) {
            remarks.add(states(event));
        }
        return joined(event.getConnState() + " " + event.getHistory() + " " + summary(event), remarks);
    }

    private static String joined(String first, List<String> remarks) {
        return remarks.isEmpty() ? first : first + "  " + String.join(", ", remarks);
    }

    private static String summary(LifecycleEvent event) {
        return Timestamp.seconds(event.getDurationSeconds()) + "s "
                + event.getOriginator().getBytes() + "/"
                + event.getResponder().getBytes() + " bytes";
    }

    private static String states(LifecycleEvent event) {
        return state(event.getOriginator()) + " / " + state(event.getResponder());
    }

    private static String state(EndpointSummary end) {
        if (!changed(end)) {
            return end.getState().name();
        }
        // every step since the previous event, also those that no event told
        List<TcpState> way = end.getStates();
        List<TcpState> earlier = way.subList(0, Math.max(0, way.size() - 1));
        int from = earlier.lastIndexOf(end.getStateBefore());
        StringBuilder steps = new StringBuilder(end.getStateBefore().name());
        for (TcpState step : way.subList(from + 1, way.size())) {
            steps.append("->").append(step);
        }
        return steps.toString();
    }

    private static boolean changed(EndpointSummary end) {
        return end.getStateBefore() != end.getState();
    }

    private static void pair(long originator, long responder, String what, List<String> remarks) {
        if (originator != 0 || responder != 0) {
            remarks.add(originator + "/" + responder + " " + what);
        }
    }

    private static void roundTrip(String what, @Nullable Double seconds, List<String> remarks) {
        if (seconds != null) {
            remarks.add(what + " " + Timestamp.seconds(1000 * seconds) + " ms");
        }
    }

    private static void halfClosed(LifecycleEvent event, List<String> remarks) {
        Double seconds = event.getHalfClosedSeconds();
        if (seconds != null) {
            remarks.add("half-closed " + Timestamp.seconds(seconds) + "s");
        }
    }

    private static void tunnel(LifecycleEvent event, List<String> remarks) {
        String tunnel = event.getTunnel();
        if (tunnel != null) {
            remarks.add("in " + Words.printable(tunnel));
        }
    }

    private static void began(LifecycleEvent event, List<String> remarks) {
        switch (event.getHandshake()) {
            case SIMULTANEOUS_OPEN -> remarks.add("simultaneous open");
            case FAST_OPEN -> remarks.add("Fast Open");
            case MIDSTREAM -> remarks.add("start not seen");
            case ONE_SIDED -> remarks.add("one side seen");
            case UNKNOWN, NONE, THREE_WAY -> {
                // usual, or said by how it ended
            }
        }
    }

    private static String ended(LifecycleEvent event, EndReason reason) {
        return switch (reason) {
            case FIN ->
                switch (event.getTeardown()) {
                    case FOUR_SEGMENTS -> "4-way close" + by(event.getClosedFirst());
                    case THREE_SEGMENTS -> "3-way close" + by(event.getClosedFirst());
                    case SIMULTANEOUS -> "simultaneous close";
                    case UNKNOWN, NONE, RESET, RESET_AFTER_FIN, TIMEOUT -> "closed" + by(event.getClosedFirst());
                };
            case RST_ORIGINATOR -> reset(event, Role.ORIGINATOR);
            case RST_RESPONDER -> reset(event, Role.RESPONDER);
            case REJECTED -> "refused";
            case ATTEMPT_TIMEOUT -> "no answer";
            case HANDSHAKE_TIMEOUT -> "handshake not completed";
            case HALF_CLOSED_TIMEOUT -> "half-closed for too long";
            case IDLE_TIMEOUT -> "idle for too long";
            case REUSED -> "ports reused";
            case EVICTED -> "evicted for lack of room";
            case CAPTURE_ENDED -> "open when the capture ended";
            case OBSERVER_LOST -> "its agent went silent";
            case UNKNOWN -> "reason not known";
        };
    }

    private static String reset(LifecycleEvent event, Role by) {
        return switch (event.getTeardown()) {
            case RESET_AFTER_FIN -> "reset" + by(by) + " after FIN";
            case UNKNOWN, NONE, FOUR_SEGMENTS, THREE_SEGMENTS, SIMULTANEOUS, RESET, TIMEOUT -> "reset" + by(by);
        };
    }

    private static String by(Role role) {
        return switch (role) {
            case ORIGINATOR -> " by originator";
            case RESPONDER -> " by responder";
            case BOTH -> " by both";
            case UNKNOWN, NONE -> "";
        };
    }
}
