package flowstate.capture.source;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.capture.source.PcapngFile.Rotation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapngFileTest {
    private static final long START = 1_700_000_000_123_456_789L;
    private static final Rotation NONE = new Rotation(0, 0, 0);

    @TempDir
    Path scratch;

    private final List<String> notices = new ArrayList<>();

    private static RawPacket packet(int number, int linkType) {
        RawPacket packet = new RawPacket();
        packet.buffer = ByteBuffer.wrap(new byte[] {9, 9, (byte) number, 2, 3, 4, 5});
        packet.offset = 2;
        packet.capturedLength = 1 + number % 5;
        packet.originalLength = 100 + number;
        packet.linkType = linkType;
        packet.timeNs = START + number * 1_000_000_000L;
        return packet;
    }

    private static List<String> read(Path file) throws CaptureException {
        List<String> packets = new ArrayList<>();
        RawPacket packet = new RawPacket();
        try (PacketSource source = CaptureFile.open(file)) {
            while (source.next(packet)) {
                packets.add(packet.timeNs + " " + packet.linkType + " " + packet.capturedLength + "/"
                        + packet.originalLength + " " + packet.buffer.get(packet.offset));
            }
        }
        return packets;
    }

    private static String described(int number, int linkType) {
        return START + number * 1_000_000_000L + " " + linkType + " " + (1 + number % 5) + "/" + (100 + number) + " "
                + number;
    }

    @Test
    void whatIsWrittenIsReadBackToTheNanosecondWhateverTheLinkTypes() throws Exception {
        Path file = scratch.resolve("x.pcapng");
        try (PcapngFile copy = new PcapngFile(file, NONE, notices::add)) {
            for (int i = 0; i < 10; i++) {
                copy.write(packet(i, i % 2 == 0 ? 1 : 12));
            }
            copy.settle();
            assertThat(read(file)).hasSize(10);
        }
        assertThat(read(file)).element(0).isEqualTo(described(0, 1));
        assertThat(read(file)).element(3).isEqualTo(described(3, 101));
        assertThat(notices).isEmpty();
    }

    @Test
    void aFileThatIsOldOrLongGivesWayToTheNextAndOnlyTheNewestAreKept() throws Exception {
        Path file = scratch.resolve("x.pcapng");
        try (PcapngFile copy = new PcapngFile(file, new Rotation(0, 3_000_000_000L, 2), notices::add)) {
            for (int i = 0; i < 10; i++) {
                copy.write(packet(i, 1));
            }
        }
        assertThat(scratch.toFile().list()).containsExactlyInAnyOrder("x.pcapng.2", "x.pcapng.3");
        assertThat(read(scratch.resolve("x.pcapng.2"))).hasSize(3).element(0).isEqualTo(described(6, 1));
        assertThat(read(scratch.resolve("x.pcapng.3"))).containsExactly(described(9, 1));

        try (PcapngFile copy = new PcapngFile(scratch.resolve("y"), new Rotation(80, 0, 0), notices::add)) {
            for (int i = 0; i < 4; i++) {
                copy.write(packet(i, 1));
            }
        }
        assertThat(read(scratch.resolve("y"))).hasSize(3);
        assertThat(read(scratch.resolve("y.1"))).hasSize(1);
    }

    /** As when the host's clock is ahead until somebody sets it. */
    @Test
    void aFileThatBeganByAClockThatWasAheadGivesWayWhenThatIsSetBack() throws Exception {
        Path file = scratch.resolve("z");
        try (PcapngFile copy = new PcapngFile(file, new Rotation(0, 3_000_000_000L, 0), notices::add)) {
            copy.write(packet(100, 1));
            copy.write(packet(0, 1));
            copy.write(packet(1, 1));
            copy.write(packet(3, 1));
        }
        assertThat(read(file)).containsExactly(described(100, 1));
        assertThat(read(scratch.resolve("z.1"))).containsExactly(described(0, 1), described(1, 1));
        assertThat(read(scratch.resolve("z.2"))).containsExactly(described(3, 1));
    }

    @Test
    void aDiskThatIsFullEndsTheWritingAndSaysSo() throws IOException {
        Path full = Path.of("/dev/full");
        org.junit.jupiter.api.Assumptions.assumeTrue(full.toFile().exists(), "there is no /dev/full here");
        try (PcapngFile copy = new PcapngFile(full, NONE, notices::add)) {
            copy.write(packet(0, 1));
            copy.settle();
            copy.write(packet(1, 1));
        }
        assertThat(notices).singleElement().asString().startsWith("/dev/full: packets are no longer written to it (");
    }
}
