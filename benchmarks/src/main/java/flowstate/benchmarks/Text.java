package flowstate.benchmarks;

import java.util.Locale;

/** Numbers as text, the same in every locale. */
final class Text {
    private Text() {}

    static String of(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** Three significant digits, no exponent. */
    static String number(double value) {
        double size = Math.abs(value);
        return Double.isNaN(value)
                ? "–"
                : size >= 100 ? of("%,.0f", value) : size >= 10 ? of("%.1f", value) : of("%.2f", value);
    }
}
