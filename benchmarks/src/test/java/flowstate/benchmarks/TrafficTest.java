package flowstate.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrafficTest {
    private static final int SYN = 2;
    private static final int ACK = 16;

    /** Counts by the octets alone, as RFC 791, RFC 8200 and RFC 9293 lay them out. */
    private static final class Counts implements Traffic.Sink {
        long packets;
        long synsWithoutAck;
        long wrongChecksums;

        @Override
        public void packet(long timeNs, byte[] frame, int captured, int length) {
            ByteBuffer octets = ByteBuffer.wrap(frame);
            boolean version6 = octets.getShort(12) == (short) 0x86dd;
            int tcp = version6 ? 54 : 34;
            int addresses = version6 ? 32 : 8;
            int tcpLength = length - tcp;
            int headers = (frame[tcp + 12] >> 4 & 15) * 4;
            // payload is zeros
            long sum = sum(octets, tcp - addresses, addresses + headers) + 6 + tcpLength;
            wrongChecksums += folded(sum) == 0xffff ? 0 : 1;
            wrongChecksums += version6 || folded(sum(octets, 14, 20)) == 0xffff ? 0 : 1;
            synsWithoutAck += (frame[tcp + 13] & (SYN | ACK)) == SYN ? 1 : 0;
            packets++;
        }

        private static long sum(ByteBuffer octets, int from, int length) {
            long sum = 0;
            for (int i = from; i < from + length; i += 2) {
                sum += octets.getShort(i) & 0xffff;
            }
            return sum;
        }

        private static long folded(long sum) {
            long folded = sum;
            while (folded > 0xffff) {
                folded = (folded >> 16) + (folded & 0xffff);
            }
            return folded;
        }
    }

    @ParameterizedTest
    @EnumSource(Traffic.Mix.class)
    void theTruthIsWhatIsOnTheWire(Traffic.Mix mix) throws IOException {
        Counts counts = new Counts();

        Truth truth = Traffic.generate(1, mix, 5_000, 10, 0, counts);

        assertThat(counts.wrongChecksums).isZero();
        assertThat(counts.packets).isEqualTo(truth.segments());
        assertThat(counts.synsWithoutAck).isEqualTo(truth.connections());
        long closed = 0;
        for (long each : truth.closed()) {
            closed += each;
        }
        assertThat(closed).isEqualTo(truth.connections());
    }

    @Test
    void theSameSeedGivesTheSameCapture() throws IOException {
        assertThat(capture(7)).isEqualTo(capture(7)).isNotEqualTo(capture(8));
    }

    private static byte[] capture(long seed) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (CaptureOutput out = new CaptureOutput(octets)) {
            Traffic.generate(seed, Traffic.Mix.MIX, 1_000, 10, 0, out);
        }
        return octets.toByteArray();
    }
}
