package flowstate.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadingsTest {
    @TempDir
    private Path folder;

    /** Lines of the JVM's own, of a run with a parallel collector. */
    @Test
    void whatWasAllocatedIsWhatCollectionsFoundMoreThanTheyLeft() throws Exception {
        Path log = Files.writeString(folder.resolve("gc.log"), """
                [0.5s][info][gc] Using Parallel
                [1.2s][info][gc] GC(0) Pause Young (Allocation Failure) 360M->12M(900M) 5.000ms
                [2.2s][info][gc] GC(1) Pause Young (Allocation Failure) 372M->20M(900M) 7.500ms
                [3.0s][info][gc,heap,exit]  PSYoungGen      total 430080K, used 61440K [0x0, 0x0, 0x0)
                [3.0s][info][gc,heap,exit]  ParOldGen       total 557056K, used 10240K [0x0, 0x0, 0x0)
                """);

        GcLog read = GcLog.read(log);

        assertThat(read.allocated()).isEqualTo((360L + 360 + 50) << 20);
        assertThat(read.pauseSeconds()).isCloseTo(0.0125, within(1e-9));
    }

    @Test
    void theMedianOfAnEvenNumberLiesBetween() {
        assertThat(new Samples(List.of(4.0, 1.0, 2.0, 9.0)).median()).isEqualTo(3);
        assertThat(new Samples(List.of(5.0, 1.0, 2.0)).median()).isEqualTo(2);
        assertThat(new Samples(List.of()).median()).isNaN();
    }

    @Test
    void aRunThatMissesAConnectionIsNoResult() {
        Truth truth = new Truth(10, 2, new long[] {2, 0, 0, 0, 0}, 100);
        Truth.Told told = new Truth.Told();
        told.connections = 1;
        told.closed[0] = 1;
        told.payload = 100;

        assertThatThrownBy(() -> truth.check(told))
                .isInstanceOf(WrongResultException.class)
                .hasMessageContaining("1 connections")
                .hasMessageContaining("2 connections");
    }
}
