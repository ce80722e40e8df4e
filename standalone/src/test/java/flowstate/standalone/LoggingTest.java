package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.slf4j.spi.SLF4JServiceProvider;

class LoggingTest {
    @Test
    void thereIsOneProviderSoThatSlf4jHasNothingToWarnAbout() {
        assertThat(ServiceLoader.load(SLF4JServiceProvider.class))
                .singleElement()
                .extracting(provider -> provider.getClass().getName())
                .isEqualTo("ch.qos.logback.classic.spi.LogbackServiceProvider");
    }
}
