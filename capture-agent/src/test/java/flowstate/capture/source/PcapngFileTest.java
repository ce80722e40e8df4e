package flowstate.capture.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import flowstate.capture.source.PcapngFile.Rotation;
import flowstate.program.DaemonThreads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PcapngFileTest {
    private static final long START = 1_700_000_000_123_456_789L;
    private static final Rotation NONE = new Rotation(0, 0, 0);

    @TempDir
    Path scratch;

    private final List<String> notices = Collections.synchronizedList(new ArrayList<>());

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
            await().untilAsserted(() -> assertThat(read(file)).hasSize(10));
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

    /** It holds traffic. */
    @Test
    void onlyItsOwnerMayReadAFile() throws Exception {
        Path file = scratch.resolve("x");
        try (PcapngFile copy = new PcapngFile(file, new Rotation(1, 0, 0), notices::add)) {
            copy.write(packet(0, 1));
            copy.write(packet(1, 1));
        }
        for (Path each : List.of(file, scratch.resolve("x.1"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void filesOfEarlierRunsAreNotWrittenOverAndCountAmongThoseThatAreKept() throws Exception {
        Path file = scratch.resolve("x");
        Files.writeString(file, "first");
        Files.writeString(scratch.resolve("x.2"), "third");
        Files.writeString(scratch.resolve("x.bak"), "somebody else's");
        Files.writeString(scratch.resolve("x.10.gz"), "somebody else's");
        try (PcapngFile copy = new PcapngFile(file, NONE, notices::add)) {
            copy.write(packet(0, 1));
        }
        assertThat(notices).containsExactly(file + " is there already: packets are written to " + file + ".3");
        assertThat(file).hasContent("first");
        assertThat(scratch.resolve("x.2")).hasContent("third");
        assertThat(read(scratch.resolve("x.3"))).hasSize(1);

        try (PcapngFile copy = new PcapngFile(file, new Rotation(1, 0, 2), notices::add)) {
            copy.write(packet(0, 1));
            copy.write(packet(1, 1));
        }
        assertThat(scratch.toFile().list()).containsExactlyInAnyOrder("x.4", "x.5", "x.bak", "x.10.gz");
    }

    /** A pipe that nobody reads takes as little as a disk that hangs; here the reader goes on after a while. */
    @Test
    void aDiskThatHangsKeepsNobodyWaitingAndWhatItDoesNotTakeIsCountedAndSaidOnce() throws Exception {
        Path pipe = scratch.resolve("pipe");
        assumeTrue(
                new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "there are no named pipes here");
        try (FileChannel reader = FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            PcapngFile copy = new PcapngFile(pipe, NONE, notices::add);
            RawPacket large = packet(0, 1);
            large.buffer = ByteBuffer.allocate(100_000);
            large.capturedLength = 99_000;
            int packets = 0;
            while (copy.unwritten() < 50) {
                copy.write(large);
                packets++;
                assertThat(packets).as("memory is bounded").isLessThan(1000);
            }
            assertThat(notices).singleElement().asString().contains("the disk does not keep up");
            DaemonThreads.start("reader", () -> {
                try {
                    while (reader.read(ByteBuffer.allocate(1 << 20)) > 0) {
                        // until it is closed
                    }
                } catch (IOException e) {
                    // it is closed
                }
            });
            copy.close();
            assertThat(copy.unwritten()).isEqualTo(50);
            assertThat(notices).last().isEqualTo("50 packets are not in " + pipe);
        }
    }

    @Test
    void aDiskThatIsFullIsCountedAndSaid() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(full.toFile().exists(), "there is no /dev/full here");
        PcapngFile copy = new PcapngFile(full, NONE, notices::add);
        copy.write(packet(0, 1));
        copy.settle();
        await().until(() -> copy.unwritten() == 1);
        copy.write(packet(1, 1));
        copy.close();
        assertThat(copy.unwritten()).isEqualTo(2);
        assertThat(notices).hasSize(2);
        assertThat(notices.get(0)).startsWith("/dev/full: packets are not written to it (");
        assertThat(notices.get(1)).isEqualTo("2 packets are not in /dev/full");
    }
}
