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
    private static final int MICROSECOND_DIGITS = 6;

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
    static String timeOfDay(long ns) {
        String microseconds = Long.toString(Math.floorMod(ns, NANOS) / 1000);
        return second(ns).timeOfDay + "." + "0".repeat(MICROSECOND_DIGITS - microseconds.length()) + microseconds;
    }

    /** As in {@code 2016-03-13}. */
    static String date(long ns) {
        return second(ns).date;
    }

    /** Seconds to three places: {@code 22.097}. */
    static String seconds(double seconds) {
        long milliseconds = Math.round(seconds * 1000);
        String fraction = Long.toString(Math.abs(milliseconds % 1000));
        return milliseconds / 1000 + "." + "0".repeat(3 - fraction.length()) + fraction;
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
