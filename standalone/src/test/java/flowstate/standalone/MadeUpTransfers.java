package flowstate.standalone;

import flowstate.capture.source.PcapWriter;
import flowstate.capture.source.TcpFrame;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * Connections with everything that can go wrong in one, at random and much more often than in life: lost, repeated and
 * overtaken segments, closed windows, probes, keep-alives. The same for the same seed.
 */
final class MadeUpTransfers {
    private static final long[] PAUSES_NS = {
        1_000, 20_000, 500_000, 2_000_000, 4_000_000, 15_000_000, 25_000_000, 300_000_000
    };
    private static final int[] WINDOWS = {200, 1_000, 5_000, 65_535};
    private static final int[] SCALES = {-1, 0, 2, 7};
    private static final int[] SIZES = {1, 10, 100, 1_460};

    private final Random random;
    private long timeNs = 1_700_000_000_000_000_000L;

    MadeUpTransfers(long seed) {
        this.random = new Random(seed);
    }

    void write(Path file, int connections) throws IOException {
        try (PcapWriter pcap = new PcapWriter(
                new BufferedOutputStream(Files.newOutputStream(file)),
                PcapWriter.LINKTYPE_ETHERNET,
                PcapWriter.Resolution.NANOSECONDS,
                ByteOrder.LITTLE_ENDIAN)) {
            for (int i = 0; i < connections; i++) {
                new Transfer(pcap, 1025 + i).go();
            }
        }
    }

    private int oneOf(int... values) {
        return values[random.nextInt(values.length)];
    }

    /** One connection; index 0 is the client, 1 the server. Positions count from the initial sequence number. */
    private final class Transfer {
        private final PcapWriter pcap;
        private final int port;
        private final int[] isn = {random.nextInt(), random.nextInt()};
        private final int[] next = {1, 1};
        private final int[] acked = {1, 1};
        private final int[] window = {oneOf(WINDOWS), oneOf(WINDOWS)};
        private final int[] scale = {oneOf(SCALES), oneOf(SCALES)};
        private final int size = oneOf(SIZES);

        Transfer(PcapWriter pcap, int port) {
            this.pcap = pcap;
            this.port = port;
            if (random.nextInt(4) == 0) {
                isn[0] = -1 - random.nextInt(9_000);
            }
        }

        void go() throws IOException {
            int seen = random.nextInt(10);
            if (seen > 0) {
                send(0, "S", 0, 0, window[0], 0, scale[0]);
                if (random.nextInt(8) == 0) {
                    send(0, "S", 0, 0, window[0], 0, scale[0]);
                }
            }
            if (seen > 1) {
                send(1, "S.", 0, 1, window[1], 0, scale[1]);
            }
            if (seen > 2) {
                send(0, ".", 1, 1, window[0], 0, -1);
            }
            int steps = oneOf(5, 20, 60);
            for (int i = 0; i < steps; i++) {
                step(random.nextInt(2));
            }
        }

        private void step(int from) throws IOException {
            int to = 1 - from;
            switch (random.nextInt(16)) {
                case 0, 1, 2 -> data(from, oneOf(size, size, 1, 2 * size));
                case 3 -> {
                    int start = oneOf(acked[to], next[from] - size, 1 + random.nextInt(next[from]), acked[to] - size);
                    start = Math.max(1, start);
                    int length = oneOf(size, 1, 2 * size);
                    send(from, oneOf(0, 0, 0, 1) == 0 ? "." : "F.", start, acked[from], window[from], length, -1);
                    next[from] = Math.max(next[from], start + length);
                }
                case 4, 5 -> {
                    acked[from] = oneOf(next[to], next[to], Math.max(acked[from], next[to] - size));
                    ack(from);
                }
                case 6, 7 -> {
                    for (int i = random.nextInt(4); i >= 0; i--) {
                        ack(from);
                    }
                }
                case 8 -> {
                    window[from] = oneOf(0, 0, 200, 1_000, 65_535);
                    ack(from);
                }
                case 9 -> {
                    send(from, ".", next[from], acked[from], window[from], 1, -1);
                    next[from] += oneOf(0, 1);
                    acked[to] = oneOf(acked[to], next[from], next[from] + 1);
                    ack(to);
                }
                case 10 -> {
                    send(from, ".", next[from] - 1, acked[from], window[from], random.nextInt(2), -1);
                    if (random.nextBoolean()) {
                        ack(to);
                    }
                }
                case 11 -> {
                    next[from] += oneOf(size, 1, 5_000);
                    data(from, oneOf(size, 0));
                }
                case 12 -> {
                    acked[from] = next[to] + oneOf(1, size, 3 * size);
                    send(from, ".", next[from], acked[from], window[from], oneOf(0, 0, size), -1);
                }
                case 13 -> send(from, ".", next[from], Math.max(1, acked[from] - oneOf(1, size)), window[from], 0, -1);
                case 14 -> fill(from, to);
                default -> send(from, ".", Math.max(1, next[from] - 1), acked[from], window[from], 2, -1);
            }
            if (random.nextInt(100) == 0) {
                send(from, "F.", next[from]++, acked[from], window[from], 0, -1);
            }
        }

        private void fill(int from, int to) throws IOException {
            int shift = scale[0] >= 0 && scale[1] >= 0 ? scale[to] : 0;
            int room = acked[to] + (window[to] << shift) - next[from];
            if (room > 0 && room < 60_000) {
                data(from, room);
            }
        }

        private void data(int from, int length) throws IOException {
            send(from, "P.", next[from], acked[from], window[from], length, -1);
            next[from] += length;
        }

        private void ack(int from) throws IOException {
            send(from, ".", next[from], acked[from], window[from], 0, -1);
        }

        private void send(int from, String flags, int start, int ack, int win, int length, int windowScale)
                throws IOException {
            timeNs += PAUSES_NS[random.nextInt(PAUSES_NS.length)];
            TcpFrame frame = new TcpFrame()
                    .from(from == 0 ? "10.0.0.1" : "10.0.0.2", from == 0 ? port : 80)
                    .to(from == 0 ? "10.0.0.2" : "10.0.0.1", from == 0 ? 80 : port)
                    .seq(isn[from] + start)
                    .ack(flags.contains(".") ? isn[1 - from] + ack : 0)
                    .flags(flags)
                    .window(win)
                    .payload(new byte[length]);
            if (windowScale >= 0) {
                frame.windowScale(windowScale);
            }
            pcap.write(timeNs, frame.ethernet());
        }
    }
}
