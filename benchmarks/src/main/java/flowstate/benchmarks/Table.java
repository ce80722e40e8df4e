package flowstate.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** Rows under headings, as Markdown; all but the first column are set to the right. */
final class Table {
    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... headings) {
        this.headings = List.of(headings);
    }

    Table row(String... cells) {
        return row(List.of(cells));
    }

    Table row(List<String> cells) {
        rows.add(List.copyOf(cells));
        return this;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        line(headings, text);
        text.append("|---|").append("---:|".repeat(headings.size() - 1)).append('\n');
        rows.forEach(row -> line(row, text));
        return text.toString();
    }

    private static void line(List<String> cells, StringBuilder text) {
        text.append('|');
        cells.forEach(cell -> text.append(' ').append(cell).append(" |"));
        text.append('\n');
    }
}
