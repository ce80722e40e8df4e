package flowstate.capture.decode;

import static flowstate.capture.decode.Octets.decode;
import static flowstate.capture.decode.Octets.ipv4;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TcpHeaderTest {

    /** An ACK with these options, padded to four octets with the end of the list, and three octets of payload. */
    private static DecodedSegment withOptions(String options) {
        int length = Octets.count(options);
        int padded = (length + 3) / 4 * 4;
        String header = "c350 0050 fffffffe 80000000" + String.format("%x010", 5 + padded / 4) + "ffff 0000 0000";
        Decoded decoded = decode(101, ipv4(6, header + options + "00".repeat(padded - length) + "616263"));
        assertThat(decoded.reason()).isNull();
        assertThat(decoded.segment().payloadLength).isEqualTo(3);
        return decoded.segment();
    }

    @Test
    void theFixedFieldsAreRead() {
        Decoded decoded = decode(101, ipv4(6, "ffff 0001 fffffffe 80000000 51ff 8001 1234 5678"));
        DecodedSegment segment = decoded.segment();
        assertThat(decoded.reason()).isNull();
        assertThat(segment.sourcePort).isEqualTo(65535);
        assertThat(segment.destinationPort).isEqualTo(1);
        assertThat(segment.sequence).isEqualTo(0xfffffffe);
        assertThat(segment.acknowledgement).isEqualTo(0x80000000);
        assertThat(segment.flags).isEqualTo(0x1ff);
        assertThat(segment.window).isEqualTo(32769);
    }

    @Test
    void reservedBitsAreNoFlags() {
        assertThat(decode(101, ipv4(6, "c350 0050 00000001 00000000 5e02 ffff 0000 0000"))
                        .segment()
                        .flags)
                .isEqualTo(2);
    }

    @Test
    void anOptionThatIsAbsentSaysSo() {
        DecodedSegment segment = withOptions("");
        assertThat(segment.mss).isEqualTo(-1);
        assertThat(segment.windowScale).isEqualTo(-1);
        assertThat(segment.sackPermitted).isFalse();
        assertThat(segment.timestampValue).isEqualTo(-1);
        assertThat(segment.timestampEcho).isEqualTo(-1);
        assertThat(segment.sackBlockCount).isZero();
        assertThat(segment.fastOpen).isEqualTo(-1);
    }

    @Test
    void mssAndWindowScaleAreAsSent() {
        DecodedSegment segment = withOptions("0204 ffff 0303 ff");
        assertThat(segment.mss).isEqualTo(65535);
        assertThat(segment.windowScale).isEqualTo(255);
    }

    @Test
    void timestampsAreUnsignedWhereverTheyStand() {
        DecodedSegment aligned = withOptions("0101 080a ffffffff fffffffe");
        DecodedSegment alone = withOptions("080a ffffffff fffffffe");
        assertThat(aligned.timestampValue).isEqualTo(0xffffffffL);
        assertThat(aligned.timestampEcho).isEqualTo(0xfffffffeL);
        assertThat(alone.timestampValue).isEqualTo(0xffffffffL);
        assertThat(alone.timestampEcho).isEqualTo(0xfffffffeL);
    }

    @Test
    void sackBlocksFollowTimestamps() {
        DecodedSegment segment = withOptions(
                "0101 080a 00000001 00000002 0101 051a 00000010 00000020 fffffff0 00000001 00000030 00000040");
        assertThat(segment.timestampValue).isEqualTo(1);
        assertThat(segment.sackBlockCount).isEqualTo(3);
        assertThat(Arrays.copyOf(segment.sackEdges, 6)).containsExactly(0x10, 0x20, 0xfffffff0, 1, 0x30, 0x40);
    }

    @Test
    void fourSackBlocksFillTheHeader() {
        DecodedSegment segment = withOptions("0522" + "00000001 00000002".repeat(4));
        assertThat(segment.sackBlockCount).isEqualTo(4);
        assertThat(segment.sackEdges).containsExactly(1, 2, 1, 2, 1, 2, 1, 2);
    }

    @ParameterizedTest
    @CsvSource({
        "a request, 2202, 0",
        "a cookie of 8 octets, 220a 0102030405060708, 8",
        "a cookie of 16 octets, 2212 0102030405060708 0102030405060708, 16",
        "an experimental request, fe04 f989, 0",
        "an experimental cookie, fe0c f989 0102030405060708, 8",
        "the other experimental kind, fd0c f989 0102030405060708, 8",
        "another experiment, fe0c 1234 0102030405060708, -1",
        "an experiment without identifier, fe02, -1",
    })
    void fastOpenTellsTheLengthOfItsCookie(String what, String option, int length) {
        assertThat(withOptions(option).fastOpen).as(what).isEqualTo(length);
    }

    @Test
    void optionsBehindTheEndOfTheListAreNone() {
        assertThat(withOptions("00 0303 07").windowScale).isEqualTo(-1);
    }

    @Test
    void unknownOptionsArePassedOver() {
        // user timeout (28), MD5 signature's kind (19) with a short body
        assertThat(withOptions("1c04 8001 1306 01020304 0303 07").windowScale).isEqualTo(7);
    }

    @ParameterizedTest
    @CsvSource({"length 0, 0800 11223344", "length 1, 0801 11223344", "longer than the header, 08ff 11223344"})
    void aMalformedOptionEndsTheOptionsAndNothingElse(String what, String option) {
        DecodedSegment segment = withOptions("0204 05b4" + option + "0303 07");
        assertThat(segment.mss).as(what).isEqualTo(1460);
        assertThat(segment.windowScale).as(what).isEqualTo(-1);
        assertThat(segment.timestampValue).as(what).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource({
        "maximum segment size, 0206 05b4 0000",
        "window scale, 0304 0700",
        "SACK permitted, 0403 00",
        "SACK without a block, 0502",
        "SACK with half a block, 0506 00000001",
        "timestamps, 0809 01020304050607",
        "Fast Open cookie of two octets, 2204 0102",
        "length 0, 1c00",
        "longer than the header, 1cff",
        "a kind without a length, 01 01 01 1c",
    })
    void anOptionThatContradictsItselfIsNoted(String what, String option) {
        assertThat(withOptions(option).badOptions).as(what).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "none, ''",
        "the usual ones, 0204 05b4 0402 080a 0102030405060708 01 0303 07",
        "SACK blocks, 01 01 0512 0000000100000002 0000000300000004",
        "one that is not known, 1306 01020304",
        "what follows the end of the list, 00 08 00 00",
        "a Fast Open request, 2202 01 01",
    })
    void soundOptionsAreNot(String what, String options) {
        assertThat(withOptions(options).badOptions).as(what).isFalse();
    }

    @Test
    void optionsThatTheSnapLengthCutOffAreNotBad() {
        byte[] octets = Octets.of(ipv4(6, Octets.SYN));
        assertThat(decode(101, octets, 20 + 20 + 5, octets.length).segment().badOptions)
                .isFalse();
    }

    @Test
    void anOptionOfAWrongLengthIsPassedOver() {
        DecodedSegment segment =
                withOptions("0206 05b4 0000 0304 0700 0403 00 0809 01020304050607 0505 010203 0204 0218");
        assertThat(segment.mss).isEqualTo(0x218);
        assertThat(segment.windowScale).isEqualTo(-1);
        assertThat(segment.sackPermitted).isFalse();
        assertThat(segment.timestampValue).isEqualTo(-1);
        assertThat(segment.sackBlockCount).isZero();
    }

    @Test
    void aKindAtTheVeryEndOfTheHeaderHasNoLength() {
        DecodedSegment segment = withOptions("0303 07 08");
        assertThat(segment.windowScale).isEqualTo(7);
        assertThat(segment.timestampValue).isEqualTo(-1);
    }

    @Test
    void optionsThatTheSnapLengthCutOffAreAbsentAndTheOthersAreRead() {
        byte[] octets = Octets.of(ipv4(6, Octets.SYN));
        DecodedSegment segment = decode(101, octets, 20 + 20 + 6, octets.length).segment();
        assertThat(segment.mss).isEqualTo(1460);
        assertThat(segment.sackPermitted).isTrue();
        assertThat(segment.timestampValue).isEqualTo(-1);
        assertThat(segment.windowScale).isEqualTo(-1);
        assertThat(segment.payloadLength).isZero();
    }

    @Property
    void aHeaderLengthBelowTheMinimumOrBeyondTheDatagramIsMalformed(
            @ForAll @IntRange(max = 15) int words, @ForAll @IntRange(min = 20, max = 70) int length) {
        String datagram = "c350 0050 00000001 00000000" + String.format("%x010", words) + "ffff 0000 0000"
                + "01".repeat(length - 20);
        SkipReason reason = decode(101, ipv4(6, datagram)).reason();
        if (words < 5 || words * 4 > length) {
            assertThat(reason).isEqualTo(SkipReason.MALFORMED);
        } else {
            assertThat(reason).isNull();
        }
    }
}
