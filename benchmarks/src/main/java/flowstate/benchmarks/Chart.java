package flowstate.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** Curves over a logarithmic or plain axis, as an SVG picture; the vertical axis starts at zero. */
final class Chart {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 360;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 54;
    private static final int BOTTOM = 50;
    private static final String[] COLOURS = {"#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b"};

    private final String title;
    private final String across;
    private final String up;
    private final boolean logarithmic;
    private final List<Curve> curves = new ArrayList<>();

    private record Curve(String name, List<double[]> points) {}

    /**
     * An empty one.
     *
     * @param logarithmic whether the horizontal axis is; its values must be above zero then
     */
    Chart(String title, String across, String up, boolean logarithmic) {
        this.title = title;
        this.across = across;
        this.up = up;
        this.logarithmic = logarithmic;
    }

    /** Adds a point to the curve of a name. */
    Chart point(String curve, double x, double y) {
        Curve known = curves.stream()
                .filter(each -> each.name.equals(curve))
                .findFirst()
                .orElse(null);
        if (known == null) {
            known = new Curve(curve, new ArrayList<>());
            curves.add(known);
        }
        known.points.add(new double[] {x, y});
        return this;
    }

    String title() {
        return title;
    }

    boolean isEmpty() {
        return curves.isEmpty();
    }

    String svg() {
        StringBuilder svg = new StringBuilder(Text.of(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                        + " font-family=\"sans-serif\" font-size=\"12\">%n<rect width=\"100%%\" height=\"100%%\""
                        + " fill=\"white\"/>%n",
                WIDTH, HEIGHT, WIDTH, HEIGHT));
        text(svg, WIDTH / 2.0, 20, "middle", "font-size=\"15\"", title);
        text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10, "middle", "", across);
        text(
                svg,
                16,
                (TOP + HEIGHT - BOTTOM) / 2.0,
                "middle",
                Text.of("transform=\"rotate(-90 16 %.0f)\"", (TOP + HEIGHT - BOTTOM) / 2.0),
                up);
        double step = step(curves.stream()
                .flatMap(curve -> curve.points.stream())
                .mapToDouble(point -> point[1])
                .max()
                .orElse(1));
        double top = step * Math.ceil(highest() / step);
        for (double value = 0; value <= top * 1.001; value += step) {
            double y = y(value, top);
            svg.append(Text.of(
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/>%n",
                    LEFT, y, WIDTH - RIGHT, y));
            text(svg, LEFT - 6, y + 4, "end", "", brief(value));
        }
        curves.stream()
                .flatMap(curve -> curve.points.stream())
                .mapToDouble(point -> point[0])
                .distinct()
                .sorted()
                .forEach(value -> text(svg, x(value), HEIGHT - BOTTOM + 18, "middle", "", brief(value)));
        for (int i = 0; i < curves.size(); i++) {
            draw(svg, curves.get(i), COLOURS[i % COLOURS.length], top);
            if (curves.size() > 1) {
                int at = LEFT + i * (WIDTH - LEFT - RIGHT) / curves.size();
                svg.append(Text.of(
                        "<rect x=\"%d\" y=\"32\" width=\"10\" height=\"10\" fill=\"%s\"/>%n",
                        at, COLOURS[i % COLOURS.length]));
                text(svg, at + 14, 42, "start", "", curves.get(i).name);
            }
        }
        return svg.append("</svg>\n").toString();
    }

    private void draw(StringBuilder svg, Curve curve, String colour, double top) {
        StringBuilder path = new StringBuilder();
        for (double[] point : curve.points) {
            path.append(Text.of("%.1f,%.1f ", x(point[0]), y(point[1], top)));
            svg.append(Text.of(
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>%n",
                    x(point[0]), y(point[1], top), colour));
        }
        svg.append(Text.of(
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n",
                path.toString().strip(), colour));
    }

    private double highest() {
        return curves.stream()
                .flatMap(curve -> curve.points.stream())
                .mapToDouble(point -> point[1])
                .max()
                .orElse(1);
    }

    private double x(double value) {
        double least = scaled(curves.stream()
                .flatMap(curve -> curve.points.stream())
                .mapToDouble(point -> point[0])
                .min()
                .orElse(1));
        double most = scaled(curves.stream()
                .flatMap(curve -> curve.points.stream())
                .mapToDouble(point -> point[0])
                .max()
                .orElse(1));
        // room for half a label on both sides
        double from = LEFT + 20;
        double to = WIDTH - RIGHT - 20;
        return most == least ? (from + to) / 2 : from + (scaled(value) - least) / (most - least) * (to - from);
    }

    private double scaled(double value) {
        return logarithmic ? Math.log(value) : value;
    }

    private static double y(double value, double top) {
        return HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP);
    }

    /** A round number that divides the axis into four to ten. */
    private static double step(double highest) {
        double magnitude = Math.pow(10, Math.floor(Math.log10(highest <= 0 ? 1 : highest)));
        double leading = highest / magnitude;
        return magnitude * (leading > 5 ? 1 : leading > 2 ? 0.5 : 0.2);
    }

    private static String brief(double value) {
        double size = Math.abs(value);
        return size >= 1e6 ? trimmed(value / 1e6) + " M" : size >= 1e3 ? trimmed(value / 1e3) + " k" : trimmed(value);
    }

    private static String trimmed(double value) {
        String text = Text.of("%.2f", value);
        return text.replaceAll("\\.?0+$", "");
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String more, String text) {
        String safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        svg.append(Text.of("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>%s</text>%n", x, y, anchor, more, safe));
    }
}
