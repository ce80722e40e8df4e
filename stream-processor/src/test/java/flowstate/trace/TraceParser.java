package flowstate.trace;

import flowstate.tcp.Flags;
import flowstate.tcp.Segment;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the notation of docs/trace-notation.md. Used once per text; every refusal names the line and shows it. */
final class TraceParser {
    private static final List<String> HEADERS = List.of("title", "why", "profile", "isn", "clocks");

    private static final Pattern HEADER = Pattern.compile("([a-z]+):\\s+(.*)");
    private static final Pattern TIME = Pattern.compile("([+@])(\\d{1,9}(?:\\.\\d{1,9})?)");
    private static final Pattern OFF = Pattern.compile("~(-?\\d{1,9}(?:\\.\\d{1,9})?)");
    private static final Pattern AGENT = Pattern.compile("@([a-z][a-z0-9-]*)");
    private static final Pattern CLOCK = Pattern.compile("([a-z][a-z0-9-]*)=([+-]\\d{1,9}(?:\\.\\d{1,9})?)");
    private static final Pattern RANGE = Pattern.compile("(-?\\d{1,10}):(-?\\d{1,10})\\((\\d{1,5})\\)");
    private static final Pattern OPTIONS = Pattern.compile("<([^>]*)>");
    private static final Pattern TIMESTAMPS = Pattern.compile("TS val (\\d{1,10}) ecr (\\d{1,10})");
    private static final Pattern SACK = Pattern.compile("sack((?: -?\\d{1,10}:-?\\d{1,10}){1,4})");

    private final String name;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final List<Line> lines = new ArrayList<>();
    private final List<Map<String, String>> verdicts = new ArrayList<>();
    private long atNs;

    TraceParser(String name) {
        this.name = name;
    }

    Trace parse(String text) {
        int number = 0;
        for (String line : text.split("\\R")) {
            number++;
            String content = line.strip();
            if (content.isEmpty() || content.startsWith("#")) {
                continue;
            }
            try {
                line(content);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        name + " line " + number + ": " + e.getMessage() + ": " + content, e);
            }
        }
        String title = headers.remove("title");
        if (title == null) {
            throw new IllegalArgumentException(name + ": a trace must have a title: begin with a line 'title: …'");
        }
        if (lines.isEmpty()) {
            throw new IllegalArgumentException(name + ": a trace must have a line, such as '+0 C > S  S  0:0(0)'");
        }
        return new Trace(name, title, headers, lines, verdicts);
    }

    private void line(String content) {
        if (content.startsWith("verdict:")) {
            verdicts.add(verdict(content.substring("verdict:".length())));
            return;
        }
        if (!verdicts.isEmpty()) {
            throw new IllegalArgumentException("only verdicts may follow a verdict");
        }
        Matcher header = HEADER.matcher(content);
        if (header.matches()) {
            header(header.group(1), header.group(2));
            return;
        }
        int commentAt = content.indexOf("//");
        String comment = commentAt < 0 ? "" : content.substring(commentAt + 2).strip();
        String before = commentAt < 0 ? content : content.substring(0, commentAt);
        int arrowAt = before.indexOf("=>");
        String situation = arrowAt < 0 ? before : before.substring(0, arrowAt);
        List<Expectation> expected = arrowAt < 0 ? List.of() : expected(before.substring(arrowAt + 2));
        if (!lines.isEmpty() && lines.get(lines.size() - 1).step() instanceof Line.End) {
            throw new IllegalArgumentException("nothing but verdicts may follow the end of the capture");
        }
        lines.add(step(situation, expected, comment));
    }

    private void header(String key, String value) {
        if (!lines.isEmpty()) {
            throw new IllegalArgumentException("headers must stand before the first segment");
        }
        if (!HEADERS.contains(key)) {
            throw new IllegalArgumentException("a header must be one of " + HEADERS + ", was '" + key + "'");
        }
        if (key.equals("isn") && !TraceRun.isIsnHeader(value)) {
            throw new IllegalArgumentException("header isn must read like 'C=1000 S=2000', numbers up to 2^32-1");
        }
        if (key.equals("clocks")) {
            clocks(value);
        }
        if (key.equals("profile") && !value.equals("zeek") && !value.equals("default")) {
            throw new IllegalArgumentException("header profile must be default or zeek, was '" + value + "'");
        }
        if (headers.put(key, value) != null) {
            throw new IllegalArgumentException("header " + key + " stands twice");
        }
    }

    /** How far agents' clocks are ahead, by agent, nanoseconds. */
    static Map<String, Long> clocks(String text) {
        Map<String, Long> clocks = new LinkedHashMap<>();
        for (String one : text.isBlank() ? new String[0] : text.strip().split("\\s+")) {
            Matcher clock = CLOCK.matcher(one);
            if (!clock.matches()) {
                throw new IllegalArgumentException("header clocks must read like 'b=+10 c=-0.5', seconds");
            }
            clocks.put(
                    clock.group(1),
                    new BigDecimal(clock.group(2)).movePointRight(9).longValueExact());
        }
        return clocks;
    }

    private static Map<String, String> verdict(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : text.strip().split("\\s+")) {
            int equals = field.indexOf('=');
            if (equals < 1 || equals == field.length() - 1) {
                throw new IllegalArgumentException(
                        "a verdict must be fields like conn_state=SF (- for absent), was '" + field + "'");
            }
            if (fields.put(field.substring(0, equals), field.substring(equals + 1)) != null) {
                throw new IllegalArgumentException("the verdict says " + field.substring(0, equals) + " twice");
            }
        }
        return fields;
    }

    private static List<Expectation> expected(String text) {
        List<Expectation> expected = Expectation.parseAll(Arrays.asList(text.split(",", -1)));
        if (expected.size() > 1 && expected.stream().anyMatch(Expectation::stateOnly)) {
            throw new IllegalArgumentException("states stand alone, or after the lifecycle event they belong to");
        }
        return expected;
    }

    private Line step(String situation, List<Expectation> expected, String comment) {
        Matcher optionText = OPTIONS.matcher(situation);
        TraceSegment.Options options = TraceSegment.Options.NONE;
        String withoutOptions = situation;
        if (optionText.find()) {
            options = options(optionText.group(1));
            withoutOptions = situation.substring(0, optionText.start()) + ' ' + situation.substring(optionText.end());
        }
        Deque<String> words =
                new ArrayDeque<>(Arrays.asList(withoutOptions.strip().split("\\s+")));
        atNs = time(words.remove());
        String what = words.isEmpty() ? "" : words.remove();
        Line.Step step = switch (what) {
            case "timer" -> new Line.Timer();
            case "end" -> new Line.End();
            case "C", "S" -> new Line.Observed(segment(what, words, options));
            default ->
                throw new IllegalArgumentException(
                        "after the time must come 'C > S', 'S > C', 'timer' or 'end', was '" + what + "'");
        };
        if (!words.isEmpty()) {
            throw new IllegalArgumentException("cannot read '" + words.peek() + "'");
        }
        if (!(step instanceof Line.Observed) && !options.equals(TraceSegment.Options.NONE)) {
            throw new IllegalArgumentException("only segments have options");
        }
        return new Line(atNs, step, expected, comment);
    }

    private long time(String word) {
        Matcher time = TIME.matcher(word);
        if (!time.matches()) {
            throw new IllegalArgumentException(
                    "a line must begin with a header, or a time like +0.012 (since the line before) or @1.5"
                            + " (since the start), was '" + word + "'");
        }
        long ns = nanos(time.group(2));
        if (time.group(1).equals("+")) {
            return atNs + ns;
        }
        if (ns < atNs) {
            throw new IllegalArgumentException("time must not go back from @" + Line.seconds(atNs)
                    + " (a capture time that lies is written ~seconds)");
        }
        return ns;
    }

    private static TraceSegment segment(String from, Deque<String> words, TraceSegment.Options options) {
        String to = from.equals("C") ? "S" : "C";
        if (!">".equals(words.poll()) || !to.equals(words.poll())) {
            throw new IllegalArgumentException("a direction must be 'C > S' or 'S > C'");
        }
        int flags = Flags.parse(word(words, "flags as tcpdump prints them"));
        Matcher range = RANGE.matcher(word(words, "start:end(length)"));
        if (!range.matches()) {
            throw new IllegalArgumentException("after the flags must come start:end(length), such as 1:101(100)");
        }
        long start = Long.parseLong(range.group(1));
        long end = Long.parseLong(range.group(2));
        int payload = within(range.group(3), 65535, "the length");
        if (end - start != payload) {
            throw new IllegalArgumentException("the length must be end - start, was " + payload + " for "
                    + range.group(1) + ":" + range.group(2) + " (SYN and FIN are not counted)");
        }
        boolean hasAck = false;
        long ack = 0;
        int window = TraceSegment.DEFAULT_WINDOW;
        String agent = TraceSegment.DEFAULT_AGENT;
        int notes = Segment.CHECKSUM_GOOD;
        long offNs = 0;
        while (!words.isEmpty()) {
            String word = words.remove();
            Matcher agentName = AGENT.matcher(word);
            Matcher off = OFF.matcher(word);
            if (word.equals("ack")) {
                hasAck = true;
                ack = number(word(words, "a number after ack"));
            } else if (word.equals("win")) {
                window = within(word(words, "a number after win"), 65535, "the window");
            } else if (word.equals("cksum")) {
                notes = checksum(word(words, "'bad' or 'offload' after cksum"));
            } else if (word.equals("cut")) {
                notes = Segment.PAYLOAD_CUT;
            } else if (agentName.matches()) {
                agent = agentName.group(1);
            } else if (off.matches()) {
                offNs = nanos(off.group(1));
            } else {
                throw new IllegalArgumentException("cannot read '" + word + "'");
            }
        }
        if (hasAck != ((flags & Flags.ACK) != 0)) {
            throw new IllegalArgumentException(
                    hasAck ? "'ack' needs the flag '.'" : "the flag '.' needs an acknowledgement: add 'ack n'");
        }
        return new TraceSegment(from.equals("C"), flags, start, payload, ack, window, options, agent, notes, offNs);
    }

    private static int checksum(String word) {
        return switch (word) {
            case "bad" -> Segment.CHECKSUM_BAD;
            case "offload" -> 0;
            default ->
                throw new IllegalArgumentException("after cksum must come 'bad' or 'offload', was '" + word + "'");
        };
    }

    private static TraceSegment.Options options(String text) {
        int mss = -1;
        boolean sackPermitted = false;
        int windowScale = -1;
        long timestampValue = -1;
        long timestampEcho = -1;
        List<Long> sack = new ArrayList<>();
        int fastOpen = -1;
        boolean bad = false;
        for (String part : text.split(",", -1)) {
            String option = part.strip().replaceAll("\\s+", " ");
            Matcher timestamps = TIMESTAMPS.matcher(option);
            Matcher blocks = SACK.matcher(option);
            if (option.equals("sackOK")) {
                sackPermitted = true;
            } else if (option.startsWith("mss ")) {
                mss = within(option.substring(4), 65535, "mss");
            } else if (option.startsWith("wscale ")) {
                windowScale = within(option.substring(7), 255, "wscale");
            } else if (option.startsWith("tfo ")) {
                fastOpen = within(option.substring(4), 16, "the length of the Fast Open cookie");
            } else if (option.equals("bad")) {
                bad = true;
            } else if (timestamps.matches()) {
                timestampValue = unsigned(timestamps.group(1), "TS val");
                timestampEcho = unsigned(timestamps.group(2), "TS ecr");
            } else if (blocks.matches()) {
                for (String edge : blocks.group(1).strip().split("[ :]")) {
                    sack.add(Long.parseLong(edge));
                }
            } else {
                throw new IllegalArgumentException("an option must be one of 'mss n', 'sackOK', 'wscale n',"
                        + " 'TS val n ecr n', 'sack a:b …', 'tfo n', 'bad', was '" + option + "'");
            }
        }
        return new TraceSegment.Options(
                mss, sackPermitted, windowScale, timestampValue, timestampEcho, sack, fastOpen, bad);
    }

    private static String word(Deque<String> words, String what) {
        String word = words.poll();
        if (word == null) {
            throw new IllegalArgumentException("the line must go on with " + what);
        }
        return word;
    }

    private static long number(String word) {
        if (!word.matches("-?\\d{1,10}")) {
            throw new IllegalArgumentException("must be a number: '" + word + "'");
        }
        return Long.parseLong(word);
    }

    private static long unsigned(String word, String what) {
        long value = number(word);
        if (value < 0 || value > 0xffff_ffffL) {
            throw new IllegalArgumentException(what + " must be 0 to 4294967295, was " + word);
        }
        return value;
    }

    private static int within(String word, int max, String what) {
        long value = number(word);
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(what + " must be 0 to " + max + ", was " + word);
        }
        return (int) value;
    }

    private static long nanos(String seconds) {
        return new BigDecimal(seconds).movePointRight(9).longValueExact();
    }
}
