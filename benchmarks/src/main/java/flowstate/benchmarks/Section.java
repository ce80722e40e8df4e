package flowstate.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one measurement found: for people as Markdown, with pictures; for programs as numbers. */
final class Section {
    private final String title;
    private final List<Object> blocks = new ArrayList<>();
    private final Map<String, Object> numbers = new LinkedHashMap<>();
    private final Map<Target, Double> reached = new EnumMap<>(Target.class);
    private boolean failed;

    Section(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** A paragraph. */
    void say(String format, Object... values) {
        blocks.add((values.length == 0 ? format : Text.of(format, values)) + "\n");
    }

    void add(Table table) {
        blocks.add(table);
    }

    /** A picture, if there is anything in it. */
    void add(Chart chart) {
        if (!chart.isEmpty()) {
            blocks.add(chart);
        }
    }

    /** Something for programs: a number, text, record, list or map. */
    void keep(String name, Object value) {
        numbers.put(name, value);
    }

    void reach(Target target, double value) {
        reached.put(target, value);
    }

    /** It was not measured, or not to its end, for a reason. */
    void fail(String why) {
        failed = true;
        blocks.add("**Failed**: " + why + "\n");
        numbers.put("failed", why);
    }

    boolean failed() {
        return failed;
    }

    Map<Target, Double> reached() {
        return reached;
    }

    Map<String, Object> numbers() {
        return numbers;
    }

    List<Chart> charts() {
        return blocks.stream()
                .filter(Chart.class::isInstance)
                .map(Chart.class::cast)
                .toList();
    }

    /** File name of a picture. */
    static String fileName(Chart chart) {
        return chart.title().toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + ".svg";
    }

    String markdown() {
        StringBuilder text = new StringBuilder("## " + title + "\n");
        for (Object block : blocks) {
            text.append('\n');
            text.append(block instanceof Chart chart ? "![" + chart.title() + "](" + fileName(chart) + ")\n" : block);
        }
        return text.toString();
    }
}
