package flowstate.capture.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every stack of headers that leads to TCP, whole and cut at every octet. */
class SampleTest {
    private static final int OPTIONS_LENGTH = 20;

    static List<Sample> samples() {
        return Sample.all();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void theSegmentInsideIsFound(Sample sample) {
        Decoded decoded = Octets.decode(sample.linkType(), sample.hex());

        assertFixedFields(sample, decoded);
        DecodedSegment segment = decoded.segment();
        assertThat(segment.mss).isEqualTo(1460);
        assertThat(segment.sackPermitted).isTrue();
        assertThat(segment.timestampValue).isEqualTo(0x11223344);
        assertThat(segment.timestampEcho).isZero();
        assertThat(segment.windowScale).isEqualTo(7);
        assertThat(segment.sackBlockCount).isZero();
        assertThat(segment.fastOpen).isEqualTo(-1);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void theSnapLengthCutsTheSegmentOffOrOnlyItsOptions(Sample sample) {
        byte[] octets = sample.octets();
        for (int captured = 0; captured < octets.length; captured++) {
            Decoded decoded = Octets.decode(sample.linkType(), octets, captured, octets.length);
            if (captured < octets.length - OPTIONS_LENGTH) {
                assertThat(decoded.reason()).as("%d octets captured", captured).isEqualTo(SkipReason.TRUNCATED);
            } else {
                assertFixedFields(sample, decoded);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aPacketThatIsShorterThanItsLengthFieldsIsNoSegment(Sample sample) {
        byte[] octets = sample.octets();
        for (int length = 0; length < octets.length; length++) {
            Decoded decoded = Octets.decode(sample.linkType(), octets, length, length);
            assertThat(decoded.reason())
                    .as("%d octets", length)
                    .isIn(SkipReason.MALFORMED, SkipReason.NOT_TCP, SkipReason.NOT_IP);
        }
    }

    private static void assertFixedFields(Sample sample, Decoded decoded) {
        assertThat(decoded.reason()).isNull();
        DecodedSegment segment = decoded.segment();
        if (segment.addressLength == 4) {
            assertThat(decoded.source() + decoded.destination()).isEqualTo("0a0000010a000002");
            assertThat(segment.ipId).isEqualTo(0x1234);
        } else {
            assertThat(decoded.source()).isEqualTo("20010db8000000000000000000000001");
            assertThat(decoded.destination()).isEqualTo("20010db8000000000000000000000002");
            assertThat(segment.ipId).isEqualTo(-1);
        }
        assertThat(segment.addressLength).isEqualTo(sample.overIpv6() ? 16 : 4);
        assertThat(segment.sourcePort).isEqualTo(50000);
        assertThat(segment.destinationPort).isEqualTo(80);
        assertThat(segment.sequence).isEqualTo(1);
        assertThat(segment.acknowledgement).isZero();
        assertThat(segment.flags).isEqualTo(2);
        assertThat(segment.window).isEqualTo(64240);
        assertThat(segment.payloadLength).isZero();
        assertThat(segment.ttl).isEqualTo(64);
        assertThat(segment.vlanId).isEqualTo(sample.vlanId());
    }
}
