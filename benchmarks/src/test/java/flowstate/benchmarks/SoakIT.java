package flowstate.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** The short form of {@code benchmarks/run soak}. What the second compiler takes comes once, before its last third. */
class SoakIT {
    @Test
    @Timeout(240)
    void aMomentOfSteadyLoadLetsNothingGrow() throws Exception {
        String missing = Wire.missing();
        assumeTrue(missing == null, missing);
        assertThat(new CommandLine(new Benchmarks())
                        .execute("soak", "--home", "..", "--minutes", "0.75", "--rate", "20000"))
                .isZero();
    }
}
