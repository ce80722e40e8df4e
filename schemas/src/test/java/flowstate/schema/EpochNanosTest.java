package flowstate.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EpochNanosTest {
    @ParameterizedTest
    @CsvSource({
        "1970-01-01T00:00:00Z, 0",
        "2016-03-13T02:24:03.518594001Z, 1457835843518594001",
        "1969-12-31T23:59:59.999999999Z, -1"
    })
    void areNanosecondsSince1970(Instant time, long nanos) {
        assertThat(EpochNanos.of(time)).isEqualTo(nanos);
    }
}
