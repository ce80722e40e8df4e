package flowstate.benchmarks;

import flowstate.capture.source.PcapWriter;
import flowstate.capture.source.TcpFrame;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Generated TCP traffic whose truth is known: some connections open at once, each short, medium or bulk, closed in four
 * segments, in three, or by a reset. The same seed gives the same capture.
 */
final class Traffic {
    private static final int SNAP_LENGTH = 128;
    private static final int PAYLOAD = 512;
    private static final byte[] OCTETS = new byte[PAYLOAD];
    /** 2026-01-01T00:00:00Z. */
    private static final long START_NS = 1_767_225_600_000_000_000L;

    private static final int MOST_NS_BETWEEN = 20_000;

    /**
     * What was written.
     *
     * @param segments in all
     * @param connections in all
     * @param fourSegments closed by FIN, ACK, FIN, ACK
     * @param threeSegments closed with the second FIN on the ACK
     * @param reset closed by the server's RST
     * @param payload octets of payload
     */
    record Truth(long segments, long connections, long fourSegments, long threeSegments, long reset, long payload) {}

    private final Random random;
    private final PcapWriter writer;
    private long nowNs = START_NS;
    private long segments;
    private long connections;
    private final long[] closed = new long[Close.values().length];
    private long payload;

    /** How long connections are: the shares in percent of those of a few segments and of 50; the others have 1,000. */
    enum Mix {
        SHORT(80, 18),
        LONG(20, 70);

        private final int fewSegments;
        private final int fiftySegments;

        Mix(int fewSegments, int fiftySegments) {
            this.fewSegments = fewSegments;
            this.fiftySegments = fiftySegments;
        }
    }

    private enum Close {
        FOUR_SEGMENTS,
        THREE_SEGMENTS,
        RESET
    }

    private final Mix mix;

    private Traffic(long seed, Mix mix, PcapWriter writer) {
        this.mix = mix;
        this.random = new Random(seed);
        this.writer = writer;
    }

    /**
     * Writes a capture of at least the given number of segments; all connections in it are complete.
     *
     * @param openAtOnce connections that are open at any time but towards the end, at least 1
     */
    static Truth write(Path file, long seed, Mix mix, long atLeastSegments, int openAtOnce) throws IOException {
        try (PcapWriter writer = PcapWriter.create(file, PcapWriter.LINKTYPE_ETHERNET)) {
            Traffic traffic = new Traffic(seed, mix, writer);
            traffic.run(atLeastSegments, openAtOnce);
            return new Truth(
                    traffic.segments,
                    traffic.connections,
                    traffic.closed[Close.FOUR_SEGMENTS.ordinal()],
                    traffic.closed[Close.THREE_SEGMENTS.ordinal()],
                    traffic.closed[Close.RESET.ordinal()],
                    traffic.payload);
        }
    }

    private void run(long atLeastSegments, int openAtOnce) throws IOException {
        List<Talk> open = new ArrayList<>();
        while (segments < atLeastSegments || !open.isEmpty()) {
            while (segments < atLeastSegments && open.size() < openAtOnce) {
                open.add(new Talk());
            }
            int chosen = random.nextInt(open.size());
            Talk talk = open.get(chosen);
            // segments of one connection come in runs, as a window's worth does
            for (int run = 1 + random.nextInt(6); run > 0 && !talk.done; run--) {
                talk.step();
            }
            if (talk.done) {
                open.set(chosen, open.get(open.size() - 1));
                open.remove(open.size() - 1);
            }
        }
    }

    /** One connection on its way. */
    private final class Talk {
        private final String client;
        private final int clientPort;
        private final Close close;
        private int dataLeft;
        private long clientSeq = random.nextInt() & 0xffff_ffffL;
        private long serverSeq = random.nextInt() & 0xffff_ffffL;
        private int step;
        private boolean done;

        Talk() {
            long n = connections++;
            clientPort = 1024 + (int) (n % 60_000);
            long host = n / 60_000;
            client = "10." + (1 + host / 65_536) + "." + host / 256 % 256 + "." + host % 256;
            int kind = random.nextInt(100);
            dataLeft = kind < mix.fewSegments
                    ? 1 + random.nextInt(4)
                    : kind < mix.fewSegments + mix.fiftySegments ? 50 : 1000;
            close = Close.values()[random.nextInt(10) < 5 ? 0 : random.nextInt(10) < 8 ? 1 : 2];
            closed[close.ordinal()]++;
        }

        void step() throws IOException {
            switch (step) {
                case 0 -> {
                    emit(frame(true, "S", 0).mss(1460).sackPermitted().windowScale(7));
                    clientSeq++;
                    step = 1;
                }
                case 1 -> {
                    emit(frame(false, "S.", 0).mss(1460).sackPermitted().windowScale(7));
                    serverSeq++;
                    step = 2;
                }
                case 2 -> {
                    emit(frame(true, ".", 0));
                    step = 3;
                }
                case 3 -> {
                    // two data segments, then an acknowledgement
                    boolean ack = dataLeft % 3 == 0;
                    boolean fromClient = dataLeft % 5 == 0;
                    emit(frame(fromClient, ack ? "." : "P.", ack ? 0 : PAYLOAD));
                    if (!ack) {
                        payload += PAYLOAD;
                        if (fromClient) {
                            clientSeq += PAYLOAD;
                        } else {
                            serverSeq += PAYLOAD;
                        }
                    }
                    step = --dataLeft == 0 ? 4 : 3;
                }
                case 4 -> {
                    if (close == Close.RESET) {
                        emit(frame(false, "R.", 0));
                        done = true;
                    } else {
                        emit(frame(true, "F.", 0));
                        clientSeq++;
                        step = close == Close.FOUR_SEGMENTS ? 5 : 6;
                    }
                }
                case 5 -> {
                    emit(frame(false, ".", 0));
                    step = 6;
                }
                case 6 -> {
                    emit(frame(false, "F.", 0));
                    serverSeq++;
                    step = 7;
                }
                default -> {
                    emit(frame(true, ".", 0));
                    done = true;
                }
            }
        }

        private TcpFrame frame(boolean fromClient, String flags, int length) {
            TcpFrame frame = new TcpFrame();
            if (fromClient) {
                frame.from(client, clientPort).to("192.0.2.80", 80).seq(clientSeq);
            } else {
                frame.from("192.0.2.80", 80).to(client, clientPort).seq(serverSeq);
            }
            frame.flags(flags).window(1024);
            if (!flags.equals("S")) {
                frame.ack(fromClient ? serverSeq : clientSeq);
            }
            return length == 0 ? frame : frame.payload(OCTETS);
        }

        private void emit(TcpFrame frame) throws IOException {
            byte[] octets = frame.ethernet();
            nowNs += random.nextInt(MOST_NS_BETWEEN);
            byte[] captured = octets.length > SNAP_LENGTH ? java.util.Arrays.copyOf(octets, SNAP_LENGTH) : octets;
            writer.write(nowNs, captured, octets.length);
            segments++;
        }
    }
}
