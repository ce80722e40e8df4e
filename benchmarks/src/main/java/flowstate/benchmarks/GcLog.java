package flowstate.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a JVM's log of collections tells: octets allocated and time in pauses. The log costs next to nothing, and is
 * asked for by the environment, so that the program is started as its users start it.
 *
 * @param allocated octets
 * @param pauseSeconds in all
 */
record GcLog(long allocated, double pauseSeconds) {
    // GC(3) Pause Young (Allocation Failure) 360M->12M(900M) 5.321ms
    private static final Pattern PAUSE = Pattern.compile("Pause .* (\\d+)M->(\\d+)M\\(\\d+M\\) ([0-9.]+)ms");
    // at the end: the heap's parts
    private static final Pattern USED = Pattern.compile(
            "(?:PSYoungGen|ParOldGen|garbage-first heap|def new generation|tenured generation)\\s+total \\d+K, used (\\d+)K");

    /** The variable that makes a JVM write the log; the last word, after what the command line says. */
    static java.util.Map<String, String> environment(Path file) {
        return java.util.Map.of("_JAVA_OPTIONS", "-Xlog:gc,gc+heap+exit:file=" + file);
    }

    /** Reads it after the JVM's end. */
    static GcLog read(Path file) throws IOException {
        double allocatedMegabytes = 0;
        double pauseMs = 0;
        double after = 0;
        double atEnd = 0;
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                Matcher pause = PAUSE.matcher(line);
                Matcher used = USED.matcher(line);
                if (pause.find()) {
                    allocatedMegabytes += Math.max(0, Double.parseDouble(pause.group(1)) - after);
                    after = Double.parseDouble(pause.group(2));
                    pauseMs += Double.parseDouble(pause.group(3));
                } else if (used.find()) {
                    atEnd += Double.parseDouble(used.group(1)) / 1024;
                }
            }
        }
        return new GcLog((long) ((allocatedMegabytes + Math.max(0, atEnd - after)) * (1 << 20)), pauseMs / 1e3);
    }
}
