package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.hosts.HostRules;
import flowstate.tcp.Flags;
import flowstate.tcp.Standing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenConnectionsTest {
    private static final Pipe.End SERVER = new Pipe.End(0x0a000002, 80);

    @TempDir
    private Path stateDir;

    private static Pipe.End client(int port) {
        return new Pipe.End(0x0a000001, port);
    }

    private static long[] counts(Pipe pipe) {
        return Arrays.stream(Standing.values()).mapToLong(pipe::open).toArray();
    }

    /** In the order of {@link Standing}: attempts, seen from one end, proven. */
    @Test
    void theyAreCountedAsTheyComeChangeAndGo() {
        assertThat(Standing.values()).containsExactly(Standing.ATTEMPT, Standing.ONE_SIDED, Standing.PROVEN);
        try (Pipe pipe = new Pipe(Limits.DEFAULT, stateDir)) {
            pipe.open(0, client(1), SERVER);
            pipe.open(0, client(2), SERVER);
            pipe.syn(0, client(3), SERVER);
            assertThat(counts(pipe)).containsExactly(1, 0, 2);
            pipe.send(Pipe.SECOND, SERVER, client(1), Flags.RST | Flags.ACK, 1, 1);
            assertThat(counts(pipe)).containsExactly(2, 0, 1);
            // the reset one has lingered for long enough
            pipe.clock(20 * Pipe.SECOND);
            assertThat(counts(pipe)).containsExactly(1, 0, 1);
            pipe.end(30 * Pipe.SECOND);
            assertThat(counts(pipe)).containsExactly(0, 0, 0);
        }
    }

    @Test
    void whatIsEvictedIsGone() {
        Limits limits = new Limits(100, HostRules.DEFAULT, 0);
        try (Pipe pipe = new Pipe(limits, stateDir)) {
            for (int i = 0; i < 150; i++) {
                pipe.syn(i, client(1000 + i), SERVER);
            }
            assertThat(counts(pipe)).containsExactly(100, 0, 0);
        }
    }

    @Test
    void thoseThatAreStoredAreCountedWhenTheyAreFoundAgain() throws IOException {
        KeptState kept = new KeptState(Pipe.APPLICATION, stateDir);
        try (Pipe pipe = new Pipe(Limits.DEFAULT, kept.folder())) {
            pipe.open(0, client(1), SERVER);
            pipe.syn(0, client(2), SERVER);
            pipe.leaveTo(kept);
        }
        try (Pipe pipe = new Pipe(Limits.DEFAULT, kept.folder())) {
            assertThat(counts(pipe)).containsExactly(1, 0, 1);
        }
    }
}
