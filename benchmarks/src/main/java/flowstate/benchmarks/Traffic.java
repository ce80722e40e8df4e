package flowstate.benchmarks;

import flowstate.tcp.Flags;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Generated TCP traffic whose truth is known: connections of a {@link Mix}, some of them open at once, closed in four
 * segments, in three, or by a reset, refused, or never answered. The same seed gives the same traffic. Headers and
 * checksums are right; payload is zeros. Not thread-safe.
 */
final class Traffic {
    /** 2026-01-01T00:00:00Z. */
    private static final long START_NS = 1_767_225_600_000_000_000L;

    private static final int MOST_NS_BETWEEN = 20_000;
    private static final int SNAP_LENGTH = 128;
    private static final int PORTS_OF_A_HOST = 60_000;
    private static final int LONGEST_HEADERS = 14 + 40 + 60;

    /** Longer than TIME_WAIT: what closed before it is not held any more after it. */
    private static final long PAUSE_NS = 70_000_000_000L;

    /** Where packets go. */
    @FunctionalInterface
    interface Sink {
        /**
         * Takes a packet.
         *
         * @param frame begins with an Ethernet header; is used again after the call
         * @param captured octets of it that a capture with a snap length keeps
         * @param length octets on the wire
         */
        void packet(long timeNs, byte[] frame, int captured, int length) throws IOException;
    }

    /** What connections are like. */
    enum Mix {
        /** Many short connections: 80 % of up to ten segments, 18 % of 50, 2 % of a thousand. */
        SHORT(80, 18, 1_000),
        /** Long ones: 20 % of up to ten segments, 70 % of 50, 10 % of a thousand. */
        LONG(20, 70, 1_000),
        /** Few connections of 20,000 segments, full of data in one direction. */
        BULK(0, 0, 20_000),
        /** Short and long, IPv4 and IPv6, with timestamps, retransmissions, refused and unanswered ones. */
        MIX(77, 20, 1_000),
        /** A flood of SYNs, each from another address and port, among some short connections. */
        FLOOD(100, 0, 0),
        /** Twelve segments each; all that are open at once are opened before the first of them closes. */
        OPEN(0, 0, 5);

        private final int fewSegments;
        private final int fiftySegments;
        private final int mostSegments;

        Mix(int fewSegments, int fiftySegments, int mostSegments) {
            this.fewSegments = fewSegments;
            this.fiftySegments = fiftySegments;
            this.mostSegments = mostSegments;
        }

        /** Of connections, in percent. */
        private int unanswered() {
            return this == FLOOD ? 95 : this == MIX ? 2 : 0;
        }

        private boolean isModern() {
            return this == MIX || this == BULK;
        }

        private int payload() {
            return isModern() ? 1448 : 512;
        }
    }

    private final Random random;
    private final Mix mix;
    private final int network;
    private final Sink sink;
    private final byte[] frame = new byte[LONGEST_HEADERS + SNAP_LENGTH];
    private final ByteBuffer octets = ByteBuffer.wrap(frame);
    private final long[] closed = new long[Close.values().length];
    private long nowNs = START_NS;
    private long segments;
    private long connections;
    private long payload;
    private int ipId;

    private Traffic(long seed, Mix mix, int network, Sink sink) {
        this.random = new Random(seed);
        this.mix = mix;
        this.network = network;
        this.sink = sink;
    }

    /**
     * Writes a capture of at least the given number of segments; all connections in it are complete.
     *
     * @param openAtOnce connections that are open at any time but towards the end, at least 1
     */
    static Truth write(Path file, long seed, Mix mix, long atLeastSegments, int openAtOnce) throws IOException {
        return write(file, seed, mix, atLeastSegments, openAtOnce, 0);
    }

    /**
     * The same for one of several captures.
     *
     * @param network number of the clients' network, 0 to 99: connections of different networks are different
     */
    static Truth write(Path file, long seed, Mix mix, long atLeastSegments, int openAtOnce, int network)
            throws IOException {
        try (CaptureOutput out = CaptureOutput.create(file)) {
            return generate(seed, mix, atLeastSegments, openAtOnce, network, out);
        }
    }

    /** Gives the packets to a sink, one by one. */
    static Truth generate(long seed, Mix mix, long atLeastSegments, int openAtOnce, int network, Sink sink)
            throws IOException {
        Traffic traffic = new Traffic(seed, mix, network, sink);
        if (mix == Mix.OPEN) {
            traffic.runInCohorts(atLeastSegments, openAtOnce);
        } else {
            traffic.run(atLeastSegments, openAtOnce);
        }
        return new Truth(traffic.segments, traffic.connections, traffic.closed, traffic.payload);
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

    /** Every cohort has the same segments, whatever its size: what differs is how many connections are open. */
    private void runInCohorts(long atLeastSegments, int openAtOnce) throws IOException {
        while (segments < atLeastSegments) {
            Talk[] cohort = new Talk[openAtOnce];
            for (int i = 0; i < openAtOnce; i++) {
                cohort[i] = new Talk();
                cohort[i].steps(3);
            }
            // data of all in two rounds, the second in another order
            for (int i = 0; i < openAtOnce; i++) {
                cohort[i].steps(2);
            }
            for (int i = openAtOnce - 1; i >= 0; i--) {
                cohort[i].steps(3);
            }
            for (Talk talk : cohort) {
                while (!talk.done) {
                    talk.step();
                }
            }
            nowNs += PAUSE_NS;
        }
    }

    /** One connection on its way. */
    private final class Talk {
        private final int clientHost;
        private final int clientPort;
        private final boolean version6;
        private final Close close;
        private int dataLeft;
        private int clientSeq = random.nextInt();
        private int serverSeq = random.nextInt();
        private int lastClientMs;
        private int lastServerMs;
        private int step;
        private boolean done;

        Talk() {
            long n = connections++;
            clientPort = 1024 + (int) (n % PORTS_OF_A_HOST);
            clientHost = (int) (n / PORTS_OF_A_HOST);
            int kind = random.nextInt(100);
            dataLeft = kind < mix.fewSegments
                    ? 1 + random.nextInt(4)
                    : kind < mix.fewSegments + mix.fiftySegments ? 50 : mix.mostSegments;
            close = chooseClose();
            version6 = mix == Mix.MIX && random.nextInt(5) == 0;
            closed[close.ordinal()]++;
        }

        private Close chooseClose() {
            if (mix == Mix.OPEN) {
                return Close.FOUR_SEGMENTS;
            }
            if (mix.unanswered() > 0) {
                int fate = random.nextInt(100);
                if (fate < mix.unanswered()) {
                    return Close.UNANSWERED;
                }
                if (fate < mix.unanswered() + 2) {
                    return Close.REFUSED;
                }
            }
            return random.nextInt(10) < 5
                    ? Close.FOUR_SEGMENTS
                    : random.nextInt(10) < 8 ? Close.THREE_SEGMENTS : Close.RESET;
        }

        void steps(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                step();
            }
        }

        void step() throws IOException {
            switch (step) {
                case 0 -> {
                    emit(true, Flags.SYN, 0);
                    clientSeq++;
                    done = close == Close.UNANSWERED;
                    step = 1;
                }
                case 1 -> {
                    if (close == Close.REFUSED) {
                        emit(false, Flags.RST | Flags.ACK, 0);
                        done = true;
                    } else {
                        emit(false, Flags.SYN | Flags.ACK, 0);
                        serverSeq++;
                        step = 2;
                    }
                }
                case 2 -> {
                    emit(true, Flags.ACK, 0);
                    step = 3;
                }
                case 3 -> {
                    data();
                    step = --dataLeft == 0 ? 4 : 3;
                }
                case 4 -> {
                    if (close == Close.RESET) {
                        emit(false, Flags.RST | Flags.ACK, 0);
                        done = true;
                    } else {
                        emit(true, Flags.FIN | Flags.ACK, 0);
                        clientSeq++;
                        step = close == Close.FOUR_SEGMENTS ? 5 : 6;
                    }
                }
                case 5 -> {
                    emit(false, Flags.ACK, 0);
                    step = 6;
                }
                case 6 -> {
                    emit(false, Flags.FIN | Flags.ACK, 0);
                    serverSeq++;
                    step = 7;
                }
                default -> {
                    emit(true, Flags.ACK, 0);
                    done = true;
                }
            }
        }

        /** Two data segments, most of the server's, then an acknowledgement of the client. */
        private void data() throws IOException {
            boolean ack = dataLeft % 3 == 0;
            boolean fromClient = ack || (!mix.isModern() && dataLeft % 5 == 0);
            if (ack) {
                emit(fromClient, Flags.ACK, 0);
                return;
            }
            int length = mix.payload();
            emit(fromClient, Flags.PSH | Flags.ACK, length);
            if (mix == Mix.MIX && random.nextInt(200) == 0) {
                emit(fromClient, Flags.PSH | Flags.ACK, length);
            }
            payload += length;
            if (fromClient) {
                clientSeq += length;
            } else {
                serverSeq += length;
            }
        }

        private void emit(boolean fromClient, int flags, int length) throws IOException {
            nowNs += random.nextInt(MOST_NS_BETWEEN);
            boolean syn = (flags & Flags.SYN) != 0;
            int options = (syn ? 8 : 0) + (mix.isModern() ? 12 : syn ? 4 : 0);
            int ipHeader = version6 ? 40 : 20;
            int tcpLength = 20 + options + length;
            octets.clear();
            octets.putLong(0x0200_0000_0002_0200L).putInt(1).putShort((short) (version6 ? 0x86dd : 0x0800));
            if (version6) {
                octets.putInt(0x6000_0000).putShort((short) tcpLength).putShort((short) (6 << 8 | 64));
                putAddress6(fromClient);
                putAddress6(!fromClient);
            } else {
                octets.putShort((short) 0x4500).putShort((short) (ipHeader + tcpLength));
                octets.putShort((short) ipId++).putShort((short) 0x4000).putShort((short) (64 << 8 | 6));
                octets.putShort((short) 0);
                octets.putInt(address4(fromClient)).putInt(address4(!fromClient));
                octets.putShort(14 + 10, checksum(0, 14, ipHeader));
            }
            int tcp = octets.position();
            octets.putShort((short) (fromClient ? clientPort : 80)).putShort((short) (fromClient ? 80 : clientPort));
            octets.putInt(fromClient ? clientSeq : serverSeq);
            octets.putInt((flags & Flags.ACK) == 0 ? 0 : fromClient ? serverSeq : clientSeq);
            octets.put((byte) ((20 + options) / 4 << 4)).put((byte) flags);
            octets.putShort((short) 1024).putInt(0);
            putOptions(fromClient, syn);
            int headers = octets.position();
            // the payload is zeros, which add nothing
            int pseudo = tcpLength + 6 + sum(tcp - (version6 ? 32 : 8), version6 ? 32 : 8);
            octets.putShort(tcp + 16, checksum(pseudo, tcp, headers - tcp));
            Arrays.fill(frame, headers, SNAP_LENGTH, (byte) 0);
            sink.packet(nowNs, frame, Math.min(SNAP_LENGTH, headers + length), headers + length);
            segments++;
        }

        private void putOptions(boolean fromClient, boolean syn) {
            if (syn) {
                // MSS 1460, SACK permitted, window scale 7
                octets.putInt(0x0204_05b4)
                        .putShort((short) 0x0402)
                        .put((byte) 3)
                        .put((byte) 3)
                        .put((byte) 7);
            }
            if (mix.isModern()) {
                int nowMs = (int) (nowNs / 1_000_000);
                putNoOperations(syn ? 1 : 2);
                octets.put((byte) 8).put((byte) 10).putInt(nowMs).putInt(fromClient ? lastServerMs : lastClientMs);
                if (fromClient) {
                    lastClientMs = nowMs;
                } else {
                    lastServerMs = nowMs;
                }
            } else if (syn) {
                putNoOperations(3);
            }
        }

        private void putNoOperations(int count) {
            for (int i = 0; i < count; i++) {
                octets.put((byte) 1);
            }
        }

        private int address4(boolean client) {
            return client ? 10 << 24 | 1 + network << 16 | clientHost : 192 << 24 | 2 << 8 | 80;
        }

        private void putAddress6(boolean client) {
            octets.putInt(0x2001_0db8)
                    .putInt(client ? 1 + network : 0)
                    .putInt(0)
                    .putInt(client ? clientHost : 80);
        }
    }

    private int sum(int from, int length) {
        int sum = 0;
        for (int i = from; i < from + length; i += 2) {
            sum += octets.getShort(i) & 0xffff;
        }
        return sum;
    }

    /** RFC 1071, over an even number of octets. */
    private short checksum(int before, int from, int length) {
        int sum = before + sum(from, length);
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (short) ~sum;
    }
}
