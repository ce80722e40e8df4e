package flowstate.standalone;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Nanoseconds since 1970 as text, always in UTC. */
final class Timestamp {
    private static final DateTimeFormatter TIME_OF_DAY =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final long NANOS = 1_000_000_000L;

    /** The latest second that was formatted: events come many to a second. Racing threads only format once more. */
    private static volatile Second latest = Second.of(0);

    private record Second(long second, String timeOfDay, String date) {
        static Second of(long second) {
            Instant instant = Instant.ofEpochSecond(second);
            return new Second(second, TIME_OF_DAY.format(instant), DATE.format(instant));
        }
    }

    private Timestamp() {}

    /** As tcpdump prints it: {@code 02:24:03.518594}. */
    static void timeOfDay(long ns, StringBuilder to) {
        to.append(second(ns).timeOfDay).append('.');
        fraction((int) (Math.floorMod(ns, NANOS) / 1000), 100_000, to);
    }

    /** As in {@code 2016-03-13}. */
    static String date(long ns) {
        return second(ns).date;
    }

    /** Seconds to three places: {@code 22.097}. */
    static void seconds(double seconds, StringBuilder to) {
        long milliseconds = Math.round(seconds * 1000);
        to.append(milliseconds / 1000).append('.');
        fraction((int) Math.abs(milliseconds % 1000), 100, to);
    }

    /** All digits of a number, the first of which counts so much. */
    private static void fraction(int number, int first, StringBuilder to) {
        int rest = number;
        for (int digit = first; digit > 0; digit /= 10) {
            to.append((char) ('0' + rest / digit));
            rest %= digit;
        }
    }

    private static Second second(long ns) {
        long second = Math.floorDiv(ns, NANOS);
        Second formatted = latest;
        if (formatted.second != second) {
            formatted = Second.of(second);
            latest = formatted;
        }
        return formatted;
    }
}
