package flowstate.standalone;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Nanoseconds since 1970 as text, always in UTC. */
final class Timestamp {
    private static final DateTimeFormatter TIME_OF_DAY =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final long NANOS = 1_000_000_000L;

    private Timestamp() {}

    /** As tcpdump prints it: {@code 02:24:03.518594}. */
    static String timeOfDay(long ns) {
        return TIME_OF_DAY.format(instant(ns));
    }

    /** As in {@code 2016-03-13}. */
    static String date(long ns) {
        return DATE.format(instant(ns));
    }

    private static Instant instant(long ns) {
        return Instant.ofEpochSecond(Math.floorDiv(ns, NANOS), Math.floorMod(ns, NANOS));
    }
}
