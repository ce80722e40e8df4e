package flowstate.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random segments of one 4-tuple, close enough to each other in sequence space to meet every rule: any flags, numbers
 * around both ends' initial ones, time that mostly goes on. A seed gives the same segments.
 */
final class ScriptedSegments {
    static final int LOW_PORT = 40000;
    static final int HIGH_PORT = 50000;

    private ScriptedSegments() {}

    /** The start of all: 2026-01-01T00:00:00Z. */
    static final long START_NS = 1_767_225_600_000_000_000L;

    static List<Segment> random(long seed, int count, int lowIsn, int highIsn, boolean swapped) {
        Random random = new Random(seed);
        List<Segment> segments = new ArrayList<>();
        long clock = START_NS;
        for (int i = 0; i < count; i++) {
            clock += random.nextInt(10) == 0 ? random.nextLong(90_000_000_000L) : random.nextLong(100_000_000L);
            boolean fromFirst = random.nextBoolean();
            int flags = flags(random);
            int payload = random.nextInt(3) == 0 ? random.nextInt(4) : 0;
            int from = (fromFirst ? lowIsn : highIsn) + (random.nextInt(20) == 0 ? random.nextInt() : near(random));
            int to = (fromFirst ? highIsn : lowIsn) + (random.nextInt(20) == 0 ? random.nextInt() : near(random));
            int window = random.nextInt(8) == 0 ? 0 : random.nextInt(65536);
            long time = random.nextInt(30) == 0 ? clock - 3_600_000_000_000L : clock;
            segments.add(new Segment(
                    time,
                    clock,
                    fromFirst != swapped,
                    from,
                    to,
                    flags,
                    window,
                    payload,
                    40 + payload,
                    1460,
                    7,
                    true,
                    -1,
                    -1,
                    0,
                    -1,
                    notes(random)));
        }
        return segments;
    }

    /** Mostly a good checksum and nothing else. */
    private static int notes(Random random) {
        return random.nextInt(8) == 0 ? random.nextInt(16) : Segment.CHECKSUM_GOOD;
    }

    private static int near(Random random) {
        return random.nextInt(12) - 2;
    }

    /** Mostly sound sets of flags, at times any. */
    private static int flags(Random random) {
        int[] sound = {
            Flags.SYN,
            Flags.SYN | Flags.ACK,
            Flags.ACK,
            Flags.ACK,
            Flags.ACK | Flags.PSH,
            Flags.FIN | Flags.ACK,
            Flags.RST,
            Flags.RST | Flags.ACK
        };
        return random.nextInt(10) == 0 ? random.nextInt(512) : sound[random.nextInt(sound.length)];
    }
}
