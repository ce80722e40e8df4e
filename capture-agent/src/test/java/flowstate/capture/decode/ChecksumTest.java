package flowstate.capture.decode;

import static flowstate.capture.decode.DecodedSegment.CHECKSUM_BAD;
import static flowstate.capture.decode.DecodedSegment.CHECKSUM_GOOD;
import static flowstate.capture.decode.DecodedSegment.CHECKSUM_OFFLOADED;
import static flowstate.capture.decode.DecodedSegment.CHECKSUM_UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import flowstate.capture.source.TcpFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Checksums of TCP segments (RFC 9293 section 3.1) and IPv4 headers (RFC 791), and what network cards make of them. */
class ChecksumTest {
    private static final int RAW = 101;
    private static final int IPV4_HEADER = 20;
    private static final int FIELD = 16;

    private static TcpFrame frame() {
        return new TcpFrame()
                .from("192.0.2.1", 40_000)
                .to("192.0.2.2", 80)
                .seq(1)
                .ack(2)
                .flags("P.")
                .timestamps(3, 4)
                .payload("odd");
    }

    private static int checksum(byte[] datagram) {
        return Octets.decode(RAW, datagram, datagram.length, datagram.length).segment().checksum;
    }

    private static byte[] withField(byte[] datagram, int at, int value) {
        return ByteBuffer.wrap(datagram.clone()).putShort(at, (short) value).array();
    }

    @Property(tries = 200)
    void aSegmentAsSentIsGoodWhateverItsLength(@ForAll @Size(max = 1500) byte[] payload, @ForAll boolean ipv6) {
        TcpFrame frame = frame().payload(payload);
        if (ipv6) {
            frame.from("2001:db8::1", 40_000).to("2001:db8::2", 80);
        }
        assertThat(checksum(frame.raw())).isEqualTo(CHECKSUM_GOOD);
    }

    @Property(tries = 200)
    void aBitThatFlipsOnTheWayIsNoticed(
            @ForAll @Size(min = 1, max = 200) byte[] payload, @ForAll @IntRange(max = 1_000_000) int anywhere) {
        byte[] datagram = frame().payload(payload).raw();
        int bits = 8 * payload.length;
        int bit = 8 * (datagram.length - payload.length) + anywhere % bits;
        datagram[bit / 8] ^= (byte) (1 << bit % 8);
        assertThat(checksum(datagram)).isEqualTo(CHECKSUM_BAD);
    }

    @Test
    void wordsThatChangePlacesAreNotNoticedByAnyone() {
        assertThat(checksum(frame().payload("abcd").raw())).isEqualTo(CHECKSUM_GOOD);
        byte[] swapped = frame().payload("abcd").raw();
        System.arraycopy("cdab".getBytes(StandardCharsets.US_ASCII), 0, swapped, swapped.length - 4, 4);
        assertThat(checksum(swapped)).isEqualTo(CHECKSUM_GOOD);
    }

    /** Linux leaves the pseudo-header's sum for the card to complete; Windows the same without the length, or nothing. */
    @Test
    void whatTheCardIsToFillInIsNotBad() {
        byte[] datagram = frame().raw();
        int tcpLength = datagram.length - IPV4_HEADER;
        int addresses = 0xc000 + 0x0201 + 0xc000 + 0x0202;
        int withoutLength = addresses + 6;
        int withLength = withoutLength + tcpLength;
        int at = IPV4_HEADER + FIELD;

        assertThat(checksum(withField(datagram, at, (withLength & 0xffff) + (withLength >> 16))))
                .isEqualTo(CHECKSUM_OFFLOADED);
        assertThat(checksum(withField(datagram, at, (withoutLength & 0xffff) + (withoutLength >> 16))))
                .isEqualTo(CHECKSUM_OFFLOADED);
        assertThat(checksum(withField(datagram, at, 0))).isEqualTo(CHECKSUM_OFFLOADED);
        assertThat(checksum(withField(datagram, at, 0x1234))).isEqualTo(CHECKSUM_BAD);
    }

    @Test
    void aBadIpv4HeaderSpoilsTheSegment() {
        byte[] datagram = frame().raw();
        assertThat(checksum(withField(datagram, 10, 0x1234))).isEqualTo(CHECKSUM_BAD);
        assertThat(checksum(withField(datagram, 10, 0))).as("left to the card").isEqualTo(CHECKSUM_GOOD);
    }

    @Test
    void whatWasNotCapturedCannotBeVerified() {
        byte[] datagram = frame().raw();
        DecodedSegment cut = Octets.decode(RAW, datagram, datagram.length - 1, datagram.length)
                .segment();
        assertThat(cut.checksum).isEqualTo(CHECKSUM_UNKNOWN);
        assertThat(cut.payloadCut).isTrue();
        byte[] bare = frame().payload("").raw();
        DecodedSegment headerCut =
                Octets.decode(RAW, bare, bare.length - 1, bare.length).segment();
        assertThat(headerCut.payloadCut).as("nothing of the payload is missing").isFalse();
        DecodedSegment whole =
                Octets.decode(RAW, datagram, datagram.length, datagram.length).segment();
        assertThat(whole.payloadCut).isFalse();
    }

    @Test
    void aFirstFragmentCannotBeVerified() {
        byte[] datagram = frame().raw();
        datagram[6] = 0x20; // more fragments
        datagram[10] = 0;
        datagram[11] = 0;
        assertThat(checksum(datagram)).isEqualTo(CHECKSUM_UNKNOWN);
    }

    @Test
    void withOffloadedLengthTheEndIsNotKnown() {
        byte[] datagram = withField(frame().raw(), 2, 0);
        assertThat(checksum(withField(datagram, 10, 0))).isEqualTo(CHECKSUM_UNKNOWN);
    }

    @Test
    void paddingIsNotSummed() {
        byte[] datagram = frame().raw();
        byte[] padded = Arrays.copyOf(datagram, datagram.length + 5);
        padded[datagram.length + 1] = 77;
        assertThat(checksum(padded)).isEqualTo(CHECKSUM_GOOD);
    }

    @Test
    void nothingIsVerifiedUnlessWanted() {
        byte[] datagram = withField(frame().raw(), IPV4_HEADER + FIELD, 0x1234);
        DecodedSegment segment = new DecodedSegment();
        new PacketDecoder(Checksums.ignore)
                .decode(RAW, ByteBuffer.wrap(datagram), 0, datagram.length, datagram.length, segment);
        assertThat(segment.checksum).isEqualTo(CHECKSUM_UNKNOWN);
    }
}
