package flowstate.capture.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import flowstate.schema.EpochNanos;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveSourceTest {
    private static final int PAYLOAD_OCTETS = 9_000;
    private static final int HEADER_OCTETS = 14 + 20 + 8;

    /** Loopback shows each packet to the kernel's buffer twice, as sent and as received. */
    private static final int PACKETS = 2_000;

    private static final LiveOptions OPTIONS = new LiveOptions(null, 256, 8 << 20, false, false);

    @Test
    void ofLongPacketsTheBufferHoldsWhatTheSnapLengthLeaves() throws Exception {
        List<String> notices = new ArrayList<>();
        LiveSource source = open(notices);
        try (DatagramSocket from = new DatagramSocket();
                DatagramSocket to = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            DatagramPacket datagram =
                    new DatagramPacket(new byte[PAYLOAD_OCTETS], PAYLOAD_OCTETS, to.getLocalSocketAddress());
            for (int i = 0; i < PACKETS; i++) {
                from.send(datagram);
            }
            assertThat(captured(source)).as("%s", notices).isEqualTo(PACKETS);
            assertThat(source.droppedByKernel()).isZero();
        } finally {
            source.close();
        }
    }

    private static LiveSource open(List<String> notices) throws CaptureException {
        try {
            return LiveSource.open("lo", OPTIONS, EpochNanos::now, notices::add);
        } catch (CaptureException e) {
            String why = String.valueOf(e.getMessage());
            assumeFalse(why.contains("no permission") || why.contains("needs libpcap"), why);
            throw e;
        }
    }

    /** How many of the packets are there, in what the kernel has gathered by now. */
    private static int captured(LiveSource source) {
        RawPacket packet = new RawPacket();
        int captured = 0;
        // the kernel hands out its last block late
        for (int silent = 0; silent < 10; ) {
            source.next(packet);
            if (packet.tick) {
                silent++;
                source.await(LiveHandle.BLOCK_MS, false);
            } else if (packet.originalLength == PAYLOAD_OCTETS + HEADER_OCTETS) {
                captured++;
                assertThat(packet.capturedLength).isEqualTo(OPTIONS.snapLength());
            }
        }
        source.readStatistics();
        return captured;
    }
}
