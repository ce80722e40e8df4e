package flowstate.capture.source;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.capture.source.PcapWriter.Resolution;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever a file holds, reading it ends, and in nothing but packets and a {@link CaptureException}. */
class CaptureFileFuzzTest {
    private static final int[] MAGICS = {0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x34cdb2a1, 0x0a0d0d0a, 0x1f8b0800};

    private static List<byte[]> captures = List.of();
    private static Path file = Path.of("");

    @BeforeContainer
    static void writeCaptures() throws IOException {
        file = Files.createTempFile("fuzz", "");
        ByteArrayOutputStream pcap = new ByteArrayOutputStream();
        PcapWriter writer = new PcapWriter(pcap, 1, Resolution.MICROSECONDS, ByteOrder.BIG_ENDIAN);
        ByteArrayOutputStream pcapng = new ByteArrayOutputStream();
        PcapngWriter ngWriter = new PcapngWriter(pcapng, ByteOrder.LITTLE_ENDIAN).networkInterface(1, 96, 9, 1);
        for (int i = 0; i < 40; i++) {
            byte[] packet = new byte[i];
            writer.write(i * 1_000_000L, packet);
            ngWriter.enhancedPacket(0, i, packet, i);
            ngWriter.simplePacket(packet, i);
            ngWriter.obsoletePacket(0, i, packet, i);
        }
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(pcapng.toByteArray());
        }
        captures = List.of(pcap.toByteArray(), pcapng.toByteArray(), packed.toByteArray());
    }

    @AfterContainer
    static void removeFile() throws IOException {
        Files.delete(file);
    }

    @Property(tries = 500)
    void randomOctetsBehindAMagicNumberAreReadOrRefused(
            @ForAll @IntRange(max = 5) int magic, @ForAll @Size(max = 400) byte[] octets) throws IOException {
        byte[] content = Arrays.copyOf(octets, Math.max(4, octets.length));
        for (int i = 0; i < 4; i++) {
            content[i] = (byte) (MAGICS[magic] >>> 24 - 8 * i);
        }
        readsToItsEnd(content);
    }

    @Property(tries = 1_000)
    void aCaptureWithSomeOctetsChangedIsReadOrRefused(
            @ForAll @IntRange(max = 2) int capture,
            @ForAll @Size(min = 1, max = 4) List<@IntRange(max = 1_000_000) Integer> places,
            @ForAll byte octet,
            @ForAll @IntRange(max = 1_000_000) int cutAt)
            throws IOException {
        byte[] content = captures.get(capture).clone();
        for (int place : places) {
            content[place % content.length] = octet;
        }
        readsToItsEnd(cutAt % 3 == 0 ? Arrays.copyOf(content, cutAt % content.length) : content);
    }

    /** How many is set by the system property {@code flowstate.fuzz.files}. */
    @Example
    void aRealCaptureWithSomeOctetsChangedIsReadOrRefused() throws IOException {
        List<byte[]> real = new ArrayList<>();
        for (Path folder : Stream.concat(Stream.of(Captures.ofTheProject()), Captures.shared().stream())
                .toList()) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path each : files.filter(Files::isRegularFile).sorted().toList()) {
                    if (Files.size(each) < 20_000) {
                        real.add(Files.readAllBytes(each));
                    }
                }
            }
        }
        Random random = new Random(20_260_101);
        long count = Long.getLong("flowstate.fuzz.files", 500);
        for (long i = 0; i < count; i++) {
            byte[] content = real.get(random.nextInt(real.size())).clone();
            // record headers are everywhere, the file's at its start
            int within = random.nextBoolean() ? content.length : Math.min(content.length, 200);
            for (int changes = 1 + random.nextInt(6); changes > 0; changes--) {
                content[random.nextInt(within)] = (byte) random.nextInt(256);
            }
            readsToItsEnd(random.nextInt(4) == 0 ? Arrays.copyOf(content, random.nextInt(content.length)) : content);
        }
    }

    private static void readsToItsEnd(byte[] content) throws IOException {
        Files.write(file, content);
        RawPacket packet = new RawPacket();
        long packets = 0;
        long clockNs = Long.MIN_VALUE;
        try (PacketSource source = CaptureFile.open(file, 512, 512)) {
            while (source.next(packet)) {
                packets++;
                assertThat(packet.clockNs).isGreaterThanOrEqualTo(clockNs);
                clockNs = packet.clockNs;
                assertThat(packet.capturedLength).isBetween(0, packet.buffer.limit() - packet.offset);
                // even packed a thousandfold, no file holds more records than this
                assertThat(packets).isLessThan(100_000);
            }
        } catch (CaptureException e) {
            assertThat(e.getMessage()).startsWith(file + ": ").doesNotContain("\n");
        }
    }
}
