package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class LagTest {
    private static final long MS = 1_000_000;

    private final Lag lag = new Lag();

    @Test
    void clocksThatAgreeAsFarAsCanBeToldAreNotCorrected() {
        lag.add(true, 12 * MS);
        lag.add(false, -3 * MS);

        assertThat(lag.offsetNs()).as("the way may be longer in one direction").isZero();
        assertThat(lag.roundTripNs()).isEqualTo(15 * MS);
        assertThat(lag.firstIsNearLow()).isTrue();
    }

    @Test
    void oneDirectionAloneIsTheWayUnlessItIsTooLongForOne() {
        lag.add(true, 900 * MS);
        assertThat(lag.offsetNs()).isZero();
        assertThat(lag.roundTripNs()).isEqualTo(-1);

        Lag far = new Lag();
        far.add(true, 3_600_000 * MS);
        assertThat(far.offsetNs()).isEqualTo(3_600_000 * MS);
    }

    @Test
    void agentsAtOnePlaceAreNotPutInOrder() {
        lag.add(true, 2_000);
        lag.add(false, -3_000);

        assertThat(lag.tellsOrder()).isFalse();
    }

    @Test
    void agentsTwentyMicrosecondsApartArePutInOrder() {
        lag.add(true, 10_000);
        lag.add(false, -9_999);
        assertThat(lag.tellsOrder()).isFalse();
        lag.add(false, -10_000);
        assertThat(lag.tellsOrder())
                .as("the least delayed of each direction count")
                .isFalse();
        Lag further = new Lag();
        further.add(true, 10_000);
        further.add(false, -10_000);
        assertThat(further.tellsOrder()).isTrue();
    }

    @Test
    void aWayOfASecondIsNoClock() {
        lag.add(false, 1_000 * MS);
        assertThat(lag.offsetNs()).isZero();
        Lag clock = new Lag();
        clock.add(false, 1_000 * MS + 1);
        assertThat(clock.offsetNs()).isEqualTo(1_000 * MS + 1);
        Lag behind = new Lag();
        behind.add(true, -1_000 * MS - 1);
        assertThat(behind.offsetNs()).isEqualTo(-1_000 * MS - 1);
        assertThat(new Lag().offsetNs()).isZero();
        assertThat(new Lag().known()).isFalse();
    }

    @Test
    void theFirstMayBeNearEitherEnd() {
        lag.add(true, -3 * MS);
        lag.add(false, 12 * MS);
        assertThat(lag.firstIsNearLow()).isFalse();
        assertThat(lag.roundTripNs()).isEqualTo(15 * MS);
        Lag ahead = new Lag();
        ahead.add(true, 5_000 * MS);
        ahead.add(false, 5_010 * MS);
        assertThat(ahead.offsetNs()).isEqualTo(5_005 * MS);
    }

    @Test
    void clocksDriftSoOldDifferencesAreForgotten() {
        for (int i = 0; i < Lag.WINDOW; i++) {
            lag.add(true, MS);
        }
        assertThat(lag.low.count).isEqualTo(Lag.WINDOW);
        lag.add(true, 7 * MS);
        assertThat(lag.low.count).isEqualTo(1);
        assertThat(lag.low.least).isEqualTo(7 * MS);
        assertThat(lag.low.most).isEqualTo(7 * MS);
        lag.add(true, 9 * MS);
        assertThat(lag.low.count).isEqualTo(2);
        assertThat(lag.low.least).isEqualTo(7 * MS);
        assertThat(lag.low.most).isEqualTo(9 * MS);
        assertThat(lag.high.count).isZero();
    }

    /** Whatever the clocks: jitter only adds to the way, and a lost first copy makes a difference that is far too large. */
    @Property
    void theOffsetIsKnownToHalfARoundTrip(
            @ForAll @LongRange(min = -10_000_000_000_000L, max = 10_000_000_000_000L) long offset,
            @ForAll @LongRange(min = 50_000, max = 200_000_000) long way,
            @ForAll boolean firstNearLow,
            @ForAll long seed) {
        Lag measured = new Lag();
        Random random = new Random(seed);
        for (int i = 0; i < 40; i++) {
            // each direction once without jitter
            boolean fromLow = i == 0 || (i != 1 && random.nextBoolean());
            long jitter = i < 2 ? 0 : random.nextLong(way) + (random.nextInt(8) == 0 ? 200 * MS : 0);
            long delay = way + jitter;
            measured.add(fromLow, offset + (fromLow == firstNearLow ? delay : -delay));
        }

        assertThat(measured.firstIsNearLow()).isEqualTo(firstNearLow);
        assertThat(measured.roundTripNs()).isEqualTo(2 * way);
        assertThat(measured.offsetNs()).isBetween(offset - way, offset + way);
    }
}
