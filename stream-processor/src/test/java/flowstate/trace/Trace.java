package flowstate.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One scenario: the segments of a 4-tuple in capture order, what the tracker is to say on each line, and the settled
 * verdicts. Immutable; {@link #toString()} is its text in canonical form, which parses to an equal trace.
 *
 * @param name the file's name without ending; shown with failures
 * @param title what the trace shows, as a claim
 * @param headers the other headers, in order: {@code why} (the source of the expectations), {@code profile} (timers:
 *     {@code default} or {@code zeek}), {@code isn}, {@code clocks}
 * @param lines in order
 * @param verdicts what is expected of each ENDED event, in order, by field name; only the stated fields are compared
 */
public record Trace(
        String name, String title, Map<String, String> headers, List<Line> lines, List<Map<String, String>> verdicts) {

    public Trace {
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        lines = List.copyOf(lines);
        verdicts = verdicts.stream()
                .map(v -> Collections.unmodifiableMap(new LinkedHashMap<>(v)))
                .toList();
    }

    /**
     * The trace that a text in the notation describes.
     *
     * @param name shown with failures and in error messages
     * @throws IllegalArgumentException if the text is not in the notation; the message names the line
     */
    public static Trace parse(String name, String text) {
        return new TraceParser(name).parse(text);
    }

    /**
     * The trace in a file.
     *
     * @throws IllegalArgumentException if the text is not in the notation; the message names file and line
     */
    public static Trace read(Path file) throws IOException {
        String fileName = String.valueOf(file.getFileName());
        int dot = fileName.lastIndexOf('.');
        return parse(dot < 0 ? fileName : fileName.substring(0, dot), Files.readString(file));
    }

    /** Which timers apply: {@code default} or {@code zeek}. */
    public String profile() {
        return headers.getOrDefault("profile", "default");
    }

    /** The agents that see a segment of it, in alphabetical order. */
    public List<String> agents() {
        return List.copyOf(lines.stream()
                .filter(line -> line.step() instanceof Line.Observed)
                .map(line -> ((Line.Observed) line.step()).segment().agent())
                .collect(Collectors.toCollection(TreeSet::new)));
    }

    /** How far the clock of each agent is ahead of the trace's, nanoseconds. */
    public Map<String, Long> clocks() {
        Map<String, Long> clocks = new LinkedHashMap<>();
        agents().forEach(agent -> clocks.put(agent, 0L));
        clocks.putAll(TraceParser.clocks(headers.getOrDefault("clocks", "")));
        return clocks;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("title: ").append(title).append('\n');
        headers.forEach(
                (key, value) -> text.append(key).append(": ").append(value).append('\n'));
        long before = 0;
        for (Line line : lines) {
            text.append(line.text(before)).append('\n');
            before = line.atNs();
        }
        verdicts.forEach(verdict -> text.append(verdictText(verdict)).append('\n'));
        return text.toString();
    }

    static String verdictText(Map<String, String> verdict) {
        return verdict.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(" ", "verdict: ", ""));
    }
}
