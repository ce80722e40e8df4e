package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.traffic.Conversation;
import flowstate.traffic.Plan;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whatever segments come, the tracker takes them without exception and keeps little of them. How many is set by the system
 * property {@code flowstate.fuzz.segments}; docs/testing.md has the command for ten million.
 */
class FuzzTest {
    private static final long SEGMENTS = Long.getLong("flowstate.fuzz.segments", 200_000);
    private static final int EPISODE = 200;

    /** Octets that a connection may take, with eight agents and every kind of anomaly. */
    private static final int MOST_OCTETS = 1_500;

    /** What one segment may cause at most: timers that were due, an end, a beginning, and what is odd about it. */
    private static final int MOST_TOLD = 60;

    private static final long START_NS = 1_767_225_600_000_000_000L;
    private static final int[] NUMBERS = {0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MIN_VALUE + 1};
    private static final int[] LENGTHS = {0, 1, 2, 1460, 65_535, 1 << 20};
    private static final long[] TIMES = {
        Long.MIN_VALUE, -1, 0, 1, 999_999_999, START_NS, 4_102_444_800_000_000_000L, Long.MAX_VALUE
    };

    @Test
    void anySegmentsAtAllAreTaken() {
        for (long episode = 0; episode < SEGMENTS / EPISODE; episode++) {
            try {
                episode(episode);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("episode " + episode + " of the fuzz", e);
            }
        }
    }

    private static void episode(long seed) {
        Random random = new Random(seed);
        boolean mutated = random.nextInt(3) > 0;
        List<Seen> segments =
                mutated ? Seen.of(Conversation.of(Plan.random(random)), random.nextBoolean(), START_NS) : List.of();
        Timers timers = random.nextInt(4) == 0 ? Timers.ZEEK : Timers.DEFAULT;
        Watch watch = new Watch(timers, random.nextInt(65_536), random.nextInt(65_536));
        ConnectionCodec codec = new ConnectionCodec();
        int agents = 1 + random.nextInt(random.nextInt(10) == 0 ? 20 : 3);
        long clockNs = START_NS;
        for (int i = 0; i < EPISODE; i++) {
            clockNs = clock(clockNs, random);
            Segment segment = i < segments.size() && random.nextInt(4) > 0
                    ? changed(segments.get(i).segment(), random)
                    : any(clockNs, random);
            clockNs = Math.max(clockNs, segment.clockNs());
            int toldBefore = watch.count();
            watch.segment(segment, "agent-" + random.nextInt(agents));
            assertThat(watch.count() - toldBefore).isLessThan(MOST_TOLD);
            Connection connection = watch.connection();
            if (connection != null) {
                byte[] stored = codec.encode(connection);
                assertThat(stored.length).isLessThan(MOST_OCTETS);
                if (random.nextInt(16) == 0) {
                    Connection again = codec.decode(stored);
                    assertThat(codec.encode(again)).isEqualTo(stored);
                    watch.between = c -> again;
                } else {
                    watch.between = c -> c;
                }
            }
        }
        watch.await();
        watch.end();
    }

    /** Mostly a little later, at times much, at times not to be believed. */
    private static long clock(long nowNs, Random random) {
        return switch (random.nextInt(40)) {
            case 0 -> nowNs + random.nextLong(200_000_000_000L);
            case 1 -> nowNs + random.nextLong(200_000_000_000_000L);
            case 2 -> nowNs - random.nextLong(10_000_000_000L);
            default -> nowNs + random.nextLong(50_000_000L);
        };
    }

    private static Segment any(long clockNs, Random random) {
        boolean options = random.nextInt(4) == 0;
        return new Segment(
                time(clockNs, random),
                random.nextInt(200) == 0 ? TIMES[random.nextInt(TIMES.length)] : clockNs,
                random.nextBoolean(),
                number(random),
                number(random),
                random.nextInt(512),
                random.nextInt(8) == 0 ? 0 : random.nextInt(65_536),
                random.nextBoolean() ? 0 : LENGTHS[random.nextInt(LENGTHS.length)],
                40 + random.nextInt(65_536),
                options ? random.nextInt(65_537) - 1 : -1,
                options ? random.nextInt(257) - 1 : -1,
                options && random.nextBoolean(),
                options ? random.nextLong(1L << 32) - 1 : -1,
                options ? random.nextLong(1L << 32) - 1 : -1,
                options ? random.nextInt(5) : 0,
                options ? random.nextInt(40) - 1 : -1,
                options ? random.nextInt(256) : 0);
    }

    /** A segment of a real connection, with one field that is not. */
    private static Segment changed(Segment s, Random random) {
        int field = random.nextInt(12);
        return new Segment(
                field == 0 ? time(s.clockNs(), random) : s.timeNs(),
                s.clockNs(),
                field == 1 ? !s.fromLow() : s.fromLow(),
                field == 2 ? s.seq() + random.nextInt(7) - 3 : field == 3 ? number(random) : s.seq(),
                field == 4 ? s.ack() + random.nextInt(7) - 3 : field == 5 ? number(random) : s.ack(),
                field == 6 ? random.nextInt(512) : field == 7 ? s.flags() ^ 1 << random.nextInt(9) : s.flags(),
                field == 8 ? 0 : s.window(),
                field == 9 ? LENGTHS[random.nextInt(LENGTHS.length)] : s.payload(),
                s.wireLength(),
                s.mss(),
                field == 10 ? random.nextInt(257) - 1 : s.windowScale(),
                s.sackPermitted(),
                s.timestampValue(),
                s.timestampEcho(),
                s.sackBlocks(),
                field == 11 ? random.nextInt(40) - 1 : s.fastOpen(),
                s.notes());
    }

    private static int number(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> random.nextInt();
            case 1 -> NUMBERS[random.nextInt(NUMBERS.length)];
            default -> random.nextInt(5_000);
        };
    }

    private static long time(long clockNs, Random random) {
        return random.nextInt(20) == 0 ? TIMES[random.nextInt(TIMES.length)] : clockNs;
    }
}
