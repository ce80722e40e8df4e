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
