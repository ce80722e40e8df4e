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
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line an event, in columns: the time as tcpdump prints it, originator &gt; responder, the event, and what there is
 * to say of it, pairs always in the order originator / responder.
 *
 * <p>Anomalies are indented within the column of events and marked with {@code !}; of one that is about a host, an end that
 * is not one thing is {@code *}. Before the first event of a capture, and where the day changes, a line that starts with
 * {@code #} names the capture and the day.
 */
final class TextEventPrinter implements EventPrinter {
    // fits HALF_CLOSED and ESTABLISHED
    private static final int EVENT_WIDTH = 11;
    // two IPv4 ends with usual ports; grows to fit the longest so far, but not for the sake of IPv6
    private static final int LEAST_ENDS_WIDTH = 33;
    private static final int MOST_ENDS_WIDTH = 45;
    private static final String BLANKS = " ".repeat(MOST_ENDS_WIDTH + 2);

    private final Writer out;
    private final StringBuilder line = new StringBuilder(200);
    private int endsWidth = LEAST_ENDS_WIDTH;
    private boolean remarked;
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
                originator.getAddress(),
                originator.getPort(),
                responder.getAddress(),
                responder.getPort());
        int from = line.length();
        line.append(event.getEvent().name());
        pad(from, EVENT_WIDTH);
        if (event.getFinal$()) {
            outcome(event);
        } else {
            change(event);
        }
        writeLine();
    }

    @Override
    public void print(Anomaly anomaly) throws IOException {
        heading(anomaly.getCapture(), anomaly.getAt());
        columns(
                anomaly.getAt(),
                anomaly.getOriginatorAddress(),
                anomaly.getOriginatorPort(),
                anomaly.getResponderAddress(),
                anomaly.getResponderPort());
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

    private void columns(
            long at,
            @Nullable String originator,
            @Nullable Integer originatorPort,
            @Nullable String responder,
            @Nullable Integer responderPort) {
        Timestamp.timeOfDay(at, line);
        line.append("  ");
        int from = line.length();
        end(originator, originatorPort);
        line.append(" > ");
        end(responder, responderPort);
        endsWidth = Math.min(MOST_ENDS_WIDTH, Math.max(endsWidth, line.length() - from));
        pad(from, endsWidth);
        remarked = false;
    }

    /** Fills a column that began there, and the gap after it. */
    private void pad(int from, int width) {
        line.append(BLANKS, 0, Math.max(0, width - (line.length() - from)) + 2);
    }

    /** An end with {@code *} for what is not one thing. */
    private void end(@Nullable String address, @Nullable Integer port) {
        if (address == null) {
            line.append('*');
        } else if (address.indexOf(':') < 0) {
            line.append(address);
        } else {
            line.append('[').append(address).append(']');
        }
        if (port != null) {
            line.append(':').append(port.intValue());
        }
    }

    private void writeLine() throws IOException {
        int end = line.length();
        while (end > 0 && line.charAt(end - 1) == ' ') {
            end--;
        }
        line.setLength(end);
        line.append('\n');
        out.write(line.toString());
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

    private static String lower(Enum<?> symbol) {
        return symbol.name().toLowerCase(Locale.ROOT);
    }

    /** How the states changed, and what can be said only now. */
    private void change(LifecycleEvent event) {
        states(event);
        EventKind kind = event.getEvent();
        if (kind == EventKind.ESTABLISHED) {
            began(event);
            roundTrip("SYN to SYN-ACK ", event.getSynToSynackSeconds());
            roundTrip("SYN-ACK to ACK ", event.getSynackToAckSeconds());
        } else if (kind == EventKind.PERIODIC) {
            remark();
            summary(event);
        } else if (kind == EventKind.CLOSING || kind == EventKind.CLOSED) {
            halfClosed(event);
        }
        EndReason reason = event.getEndReason();
        if (reason != null) {
            remark().append(ended(event, reason));
        }
        if (event.getUnseenSegments()) {
            remark().append("segments unseen");
        }
        if (kind == EventKind.OPENING) {
            tunnel(event);
        }
    }

    /** The settled record: the verdict in Zeek's words, duration, octets, how it ended. */
    private void outcome(LifecycleEvent event) {
        line.append(event.getConnState()).append(' ').append(event.getHistory()).append(' ');
        summary(event);
        if (event.getHandshake() != Handshake.THREE_WAY) {
            began(event);
        }
        EndReason reason = event.getEndReason();
        remark().append(reason == null ? "reason not known" : ended(event, reason));
        halfClosed(event);
        EndpointSummary originator = event.getOriginator();
        EndpointSummary responder = event.getResponder();
        pair(originator.getRetransmittedSegments(), responder.getRetransmittedSegments(), " retransmitted");
        pair(originator.getZeroWindows(), responder.getZeroWindows(), " zero windows");
        if (event.getCaptureLossSuspected()) {
            remark().append("capture loss suspected");
        }
        tunnel(event);
        if (changed(originator) || changed(responder)) {
            remark();
            states(event);
        }
    }

    /** Begins another remark: two blanks before the first, a comma between them. */
    private StringBuilder remark() {
        line.append(remarked ? ", " : "  ");
        remarked = true;
        return line;
    }

    private void summary(LifecycleEvent event) {
        Timestamp.seconds(event.getDurationSeconds(), line);
        line.append("s ").append(event.getOriginator().getBytes());
        line.append('/').append(event.getResponder().getBytes()).append(" bytes");
    }

    private void states(LifecycleEvent event) {
        state(event.getOriginator());
        line.append(" / ");
        state(event.getResponder());
    }

    private void state(EndpointSummary end) {
        if (!changed(end)) {
            line.append(end.getState().name());
            return;
        }
        // every step since the previous event, also those that no event told
        List<TcpState> way = end.getStates();
        int from = Math.max(-1, way.size() - 2);
        while (from >= 0 && way.get(from) != end.getStateBefore()) {
            from--;
        }
        line.append(end.getStateBefore().name());
        for (int i = from + 1; i < way.size(); i++) {
            line.append("->").append(way.get(i).name());
        }
    }

    private static boolean changed(EndpointSummary end) {
        return end.getStateBefore() != end.getState();
    }

    private void pair(long originator, long responder, String what) {
        if (originator != 0 || responder != 0) {
            remark().append(originator).append('/').append(responder).append(what);
        }
    }

    private void roundTrip(String what, @Nullable Double seconds) {
        if (seconds != null) {
            Timestamp.seconds(1000 * seconds, remark().append(what));
            line.append(" ms");
        }
    }

    private void halfClosed(LifecycleEvent event) {
        Double seconds = event.getHalfClosedSeconds();
        if (seconds != null) {
            Timestamp.seconds(seconds, remark().append("half-closed "));
            line.append('s');
        }
    }

    private void tunnel(LifecycleEvent event) {
        String tunnel = event.getTunnel();
        if (tunnel != null) {
            remark().append("in ").append(Words.printable(tunnel));
        }
    }

    private void began(LifecycleEvent event) {
        switch (event.getHandshake()) {
            case SIMULTANEOUS_OPEN -> remark().append("simultaneous open");
            case FAST_OPEN -> remark().append("Fast Open");
            case MIDSTREAM -> remark().append("start not seen");
            case ONE_SIDED -> remark().append("one side seen");
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
