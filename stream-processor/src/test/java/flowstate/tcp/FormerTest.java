package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The old connection went from 1000 to 1200 and from 3000 to 3300, the new one from 5000 to 5100 and from 9000 to 9050. */
class FormerTest {
    private final Connection c = new Connection("eth0", -1, 0, 0, 40_000, 80);

    @BeforeEach
    void seenByTwo() {
        c.observers.add(new Observer("a"));
        c.observers.add(new Observer("b"));
        based(c.low, 5000, 100);
        based(c.high, 9000, 50);
        c.former = new Former(1000, 200, 3000, 300, null);
    }

    private static void based(End end, int base, long highest) {
        end.based = true;
        end.base = base;
        end.highest = highest;
    }

    private boolean isOld(boolean fromLow, String flags, int seq, int ack) {
        return Former.has(
                c, new Segment(0, 0, fromLow, seq, ack, Flags.parse(flags), 9, 0, 40, -1, -1, false, -1, -1, 0, -1, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "true,  ., 1000, 3000, true",
        "true,  ., 1201, 3301, true", // a FIN is one more
        "true,  ., 1202, 3000, false",
        "true,  ., 999,  3000, false",
        "true,  ., 1000, 3302, false",
        "true,  ., 1000, 2999, false",
        "false, ., 3000, 1000, true",
        "false, ., 3302, 1000, false",
        "false, ., 3000, 1202, false",
        "true,  S, 1000, 0,    true",
        "true,  S, 1202, 0,    false",
        "true,  R, 1000, 0,    true",
        "true,  R, 0,    0,    false",
        "true,  R., 0,   3000, true", // its number is 0 where it refuses
        "true,  R., 0,   3302, false",
        "true,  ., 5000, 9000, false",
        "true,  ., 5101, 9051, false"
    })
    void aSegmentIsOldIfItsNumbersAreThoseOfTheOldOne(boolean fromLow, String flags, int seq, int ack, boolean isOld) {
        assertThat(isOld(fromLow, flags, seq, ack)).isEqualTo(isOld);
    }

    @Test
    void whatFitsBothIsOfTheNewOne() {
        c.former = new Former(5000, 500, 9000, 500, null);
        assertThat(isOld(true, ".", 5101, 9051)).isFalse();
        assertThat(isOld(true, ".", 5102, 9051)).isTrue();
        assertThat(isOld(true, ".", 5101, 9052)).isTrue();
        assertThat(isOld(true, "S", 5101, 0)).isFalse();
        assertThat(isOld(true, "S", 5102, 0)).isTrue();
        c.low.rightEdge = 102;
        assertThat(isOld(true, ".", 5102, 9051)).as("it may send so much").isFalse();
    }

    @Test
    void anythingFitsAnEndOfWhichNothingIsKnown() {
        c.low.based = false;
        assertThat(isOld(true, ".", 1000, 9000)).isFalse();
        assertThat(isOld(true, ".", 1000, 3000)).isTrue();
        c.high.based = false;
        assertThat(isOld(true, ".", 1000, 3000)).isFalse();
    }

    @Test
    void nothingIsOldWhereNothingWasSeenOfTheOldOne() {
        c.former = new Former(0, -1, 3000, 300, null);
        assertThat(isOld(true, "S", 0, 0)).isFalse();
        c.former = new Former(1000, 0, 3000, 300, null);
        assertThat(isOld(true, "S", 1001, 0)).as("a SYN alone").isTrue();
    }

    /** RFC 7323 section 3.2: timestamps do not go back. */
    @ParameterizedTest
    @CsvSource({"-1, 7, true", "6, -1, true", "7, 7, true", "6, 7, false", "4294967295, 0, false", "0, 4294967295, true"
    })
    void whatIsStampedLaterThanAnythingOfTheNewOneIsNotOld(long newest, long stamp, boolean isOld) {
        c.low.timestamp = newest;
        Segment s = new Segment(0, 0, true, 1000, 3000, Flags.ACK, 9, 0, 40, -1, -1, false, stamp, 0, 0, -1, 0);
        assertThat(Former.has(c, s)).isEqualTo(isOld);
        c.former = null;
        assertThat(Former.has(c, s)).isFalse();
    }

    @Test
    void whatWasBeforeTheFormerIsOldAsWell() {
        c.former = new Former(100, 1, 200, 1, c.former);
        assertThat(isOld(true, ".", 1000, 3000)).isTrue();
        assertThat(isOld(true, ".", 100, 200)).isTrue();
        assertThat(isOld(true, ".", 100, 3000)).isFalse();
    }

    @Test
    void eightAreKept() {
        for (int i = 0; i < 20; i++) {
            c.low.base = i;
            c.former = Former.of(c);
        }
        int kept = 0;
        for (Former f = c.former; f != null; f = f.before()) {
            assertThat(f.lowBase()).as("the latest first").isEqualTo(19 - kept);
            kept++;
        }
        assertThat(kept).isEqualTo(8);
    }

    @Test
    void itUsedWhatItSentOrWasAcknowledged() {
        c.low.acked = 120;
        c.high.based = false;
        Former former = Former.of(c);
        assertThat(former.lowBase()).isEqualTo(5000);
        assertThat(former.lowLength()).isEqualTo(120);
        assertThat(former.highLength()).isEqualTo(-1);
    }
}
