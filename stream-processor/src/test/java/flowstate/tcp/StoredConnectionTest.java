package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every field of a connection comes back from its octets, whatever else is there or is not. */
class StoredConnectionTest {
    private final ConnectionCodec codec = new ConnectionCodec();

    @Test
    void isReadAsItWasWritten() {
        for (int seed = 0; seed < 100; seed++) {
            Connection written = new SomeConnection(new Random(seed)).make();
            Connection read = codec.decode(codec.encode(written));
            assertThat(read)
                    .as("seed %d", seed)
                    .usingRecursiveComparison()
                    // once it has ended it is not stored; and what was seen last is not, see Recent
                    .ignoringFields("letGo", "observers.recent")
                    .withEqualsForType((a, b) -> a.compareTo(b) == 0, StringBuilder.class)
                    .isEqualTo(written);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 12})
    void isRefusedWhenCutShort(int less) {
        byte[] whole = codec.encode(new SomeConnection(new Random(less)).make());
        assertThatThrownBy(() -> codec.decode(Arrays.copyOf(whole, whole.length - less)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(whole.length - less));
    }

    @Test
    void isRefusedWithMoreThanItMeans() {
        byte[] whole = codec.encode(new SomeConnection(new Random(1)).make());
        assertThatThrownBy(() -> codec.decode(Arrays.copyOf(whole, whole.length + 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a stored connection has " + (whole.length + 1) + " octets, of which only " + whole.length
                        + " mean something");
    }

    @Test
    void isRefusedInAnotherVersion() {
        byte[] whole = codec.encode(new SomeConnection(new Random(1)).make());
        whole[0] = 2;
        assertThatThrownBy(() -> codec.decode(whole))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a stored connection is of version 1, expected 4: reset the application's state");
    }
}
