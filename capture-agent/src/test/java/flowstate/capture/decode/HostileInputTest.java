package flowstate.capture.decode;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.capture.source.CaptureException;
import flowstate.capture.source.CaptureFile;
import flowstate.capture.source.Captures;
import flowstate.capture.source.PacketSource;
import flowstate.capture.source.RawPacket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Nothing that comes off a wire throws, reads outside the packet, or yields a segment that cannot be. */
class HostileInputTest {

    private record Captured(int linkType, byte[] octets) {}

    @Provide
    Arbitrary<Integer> linkTypes() {
        return Arbitraries.of(
                Sample.all().stream().map(Sample::linkType).distinct().toList());
    }

    @Provide
    Arbitrary<Sample> samples() {
        return Arbitraries.of(Sample.all());
    }

    @Property(tries = 20_000)
    void anyOctetsEndInASegmentOrAReason(
            @ForAll("linkTypes") int linkType,
            @ForAll @Size(max = 200) byte[] octets,
            @ForAll @IntRange(max = 70_000) int originalLength) {
        assertPlausible(Octets.decode(linkType, octets, octets.length, originalLength), octets, originalLength);
    }

    @Property(tries = 20_000)
    void aValidPacketWithChangedOctetsEndsInASegmentOrAReason(
            @ForAll("samples") Sample sample,
            @ForAll @Size(min = 1, max = 4) List<@IntRange(max = 255) Integer> positions,
            @ForAll @Size(min = 4, max = 4) byte[] values,
            @ForAll @IntRange(max = 40) int cut) {
        byte[] octets = sample.octets();
        for (int i = 0; i < positions.size(); i++) {
            octets[positions.get(i) % octets.length] = values[i];
        }
        int captured = octets.length - cut;
        assertPlausible(Octets.decode(sample.linkType(), octets, captured, octets.length), octets, octets.length);
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    void everyOctetOfAValidPacketMayBeAnything(@ForAll("samples") Sample sample) {
        byte[] octets = sample.octets();
        for (int position = 0; position < octets.length; position++) {
            byte original = octets[position];
            for (int value : new int[] {0, 1, 0x0f, 0x3f, 0x40, 0x7f, 0x80, 0xf0, 0xff}) {
                octets[position] = (byte) value;
                assertPlausible(
                        Octets.decode(sample.linkType(), octets, octets.length, octets.length), octets, octets.length);
            }
            octets[position] = original;
        }
    }

    /** How many is set by the system property {@code flowstate.fuzz.packets}. */
    @Test
    void aRealPacketWithChangedOctetsEndsInASegmentOrAReason() throws IOException {
        List<Captured> packets = realPackets();
        Random random = new Random(20_260_101);
        long count = Long.getLong("flowstate.fuzz.packets", 100_000);
        for (long i = 0; i < count; i++) {
            Captured packet = packets.get(random.nextInt(packets.size()));
            byte[] octets = packet.octets().clone();
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                // headers are what is decoded
                octets[random.nextInt(Math.min(octets.length, 120))] = (byte) random.nextInt(256);
            }
            int captured = random.nextInt(4) == 0 ? random.nextInt(octets.length + 1) : octets.length;
            int original = random.nextInt(8) == 0 ? random.nextInt(70_000) : octets.length;
            assertPlausible(Octets.decode(packet.linkType(), octets, captured, original), octets, original);
        }
    }

    private static List<Captured> realPackets() throws IOException {
        List<Path> folders = new ArrayList<>(List.of(Captures.ofTheProject()));
        Captures.shared().ifPresent(folders::add);
        List<Captured> packets = new ArrayList<>();
        for (Path folder : folders) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    addFirst(file, packets);
                }
            }
        }
        return packets;
    }

    private static void addFirst(Path file, List<Captured> packets) {
        RawPacket packet = new RawPacket();
        try (PacketSource source = CaptureFile.open(file)) {
            for (int i = 0; i < 20 && source.next(packet); i++) {
                byte[] octets = new byte[Math.min(packet.capturedLength, 300)];
                packet.buffer.get(packet.offset, octets);
                if (octets.length > 0) {
                    packets.add(new Captured(packet.linkType, octets));
                }
            }
        } catch (CaptureException notToTheEnd) {
            // not every file there is a whole capture
        }
    }

    private static void assertPlausible(Decoded decoded, byte[] octets, int originalLength) {
        if (decoded.reason() != null) {
            return;
        }
        DecodedSegment segment = decoded.segment();
        assertThat(segment.addressLength).isIn(4, 16);
        assertThat(segment.payloadLength).isBetween(0, segment.wireLength);
        // lengths of a tunnelled packet may exceed the frame only if its outer datagram is in fragments
        assertThat(segment.wireLength)
                .isLessThanOrEqualTo(Math.max(0x1_0000 + 40, Math.max(octets.length, originalLength)));
        assertThat(segment.sackBlockCount).isBetween(0, DecodedSegment.MAX_SACK_BLOCKS);
        assertThat(segment.vlanId).isBetween(-1, 4095);
        assertThat(segment.mss).isBetween(-1, 65535);
    }
}
