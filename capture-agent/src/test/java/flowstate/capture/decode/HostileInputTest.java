package flowstate.capture.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Nothing that comes off a wire throws, reads outside the packet, or yields a segment that cannot be. */
class HostileInputTest {

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
