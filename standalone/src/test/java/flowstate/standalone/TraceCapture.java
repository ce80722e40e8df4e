package flowstate.standalone;

import flowstate.capture.source.PcapWriter;
import flowstate.capture.source.TcpFrame;
import flowstate.tcp.Segment;
import flowstate.trace.Line;
import flowstate.trace.Trace;
import flowstate.trace.TraceRun;
import flowstate.trace.TraceSegment;
import flowstate.traffic.Conversation;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Traces and generated connections as capture files: the same segments, octet by octet as they would have been on an Ethernet. */
final class TraceCapture {
    private static final String CLIENT = "10.0.0.1";
    private static final int CLIENT_PORT = 40000;
    private static final String SERVER = "10.0.0.2";
    private static final int SERVER_PORT = 50000;

    /** As TcpFrame reads them, from the lowest bit. */
    private static final String FLAGS = "FSRP.UEWA";

    private static final int ETHERNET = 14;
    private static final int IPV4 = 20;
    private static final int WINDOW_SCALE = 3;
    private static final int SACK = 5;
    private static final int FAST_OPEN = 34;
    private static final int ARP = 0x0806;

    /** 2026-01-01T00:00:00Z. */
    private static final long START_NS = 1_767_225_600_000_000_000L;

    private TraceCapture() {}

    /**
     * Writes a trace of one agent, C being the lower end.
     *
     * <p>In a file, time comes on only with packets: where the trace has no segment but a time, there is other traffic.
     * Two packets of it, since a single one far ahead of all others would be taken for one with a wrong time.
     */
    static void write(Trace trace, Path file) throws IOException {
        write(trace, file, SERVER_PORT);
    }

    /** The same with another port of S, so that several can be told apart. */
    static void write(Trace trace, Path file, int serverPort) throws IOException {
        TraceRun run = TraceRun.plain(trace);
        int ipId = 0;
        try (PcapWriter pcap = open(file)) {
            for (Line line : trace.lines()) {
                if (line.step() instanceof Line.Observed observed) {
                    TraceSegment written = observed.segment();
                    Segment segment = written.segment(run, line.atNs());
                    byte[] frame = frame(run, written, segment, CLIENT_PORT, serverPort, ipId++);
                    int cut = segment.noted(Segment.PAYLOAD_CUT) ? segment.payload() : 0;
                    pcap.write(segment.timeNs(), Arrays.copyOf(frame, frame.length - cut), frame.length);
                } else {
                    pcap.write(run.startNs() + line.atNs(), arp());
                    pcap.write(run.startNs() + line.atNs(), arp());
                }
            }
        }
    }

    private record Noted(long atNs, long timeNs, byte[] frame) {}

    /**
     * Writes generated connections as one capture, in which other traffic tells the time when they are over.
     *
     * @param startsNs when each begins, since the start of the capture
     * @param firstPort of C in the first connection; the others have those that follow
     * @param serverPort of S in all of them
     * @param endNs when the capture ends, since its start
     */
    static void write(
            List<Conversation> conversations, long[] startsNs, int firstPort, int serverPort, long endNs, Path file)
            throws IOException {
        List<Noted> noted = new ArrayList<>();
        for (int i = 0; i < startsNs.length; i++) {
            Conversation conversation = conversations.get(i);
            TraceRun run = conversation.run(true, START_NS + startsNs[i]);
            for (Line line : conversation.lines()) {
                TraceSegment written = ((Line.Observed) line.step()).segment();
                Segment segment = written.segment(run, line.atNs());
                // what is sent again has another identification than what is captured twice
                byte[] frame = frame(run, written, segment, firstPort + i, serverPort, noted.size() & 0xffff);
                noted.add(new Noted(startsNs[i] + line.atNs(), segment.timeNs(), frame));
            }
        }
        noted.sort(Comparator.comparingLong(Noted::atNs));
        for (int i = 0; i < 2; i++) {
            noted.add(new Noted(endNs, START_NS + endNs, arp()));
        }
        try (PcapWriter pcap = open(file)) {
            for (Noted each : noted) {
                pcap.write(each.timeNs(), each.frame());
            }
        }
    }

    private static PcapWriter open(Path file) throws IOException {
        return new PcapWriter(
                new BufferedOutputStream(Files.newOutputStream(file)),
                PcapWriter.LINKTYPE_ETHERNET,
                PcapWriter.Resolution.NANOSECONDS,
                ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] frame(
            TraceRun run, TraceSegment written, Segment segment, int clientPort, int serverPort, int ipId) {
        TcpFrame frame = new TcpFrame()
                .seq(segment.seq())
                .ack(segment.ack())
                .flags(letters(segment.flags()))
                .window(segment.window())
                .ipId(ipId)
                .payload(new byte[segment.payload()]);
        if (written.fromClient()) {
            frame.from(CLIENT, clientPort).to(SERVER, serverPort);
        } else {
            frame.from(SERVER, serverPort).to(CLIENT, clientPort);
        }
        TraceSegment.Options options = written.options();
        if (options.mss() >= 0) {
            frame.mss(options.mss());
        }
        if (options.sackPermitted()) {
            frame.sackPermitted();
        }
        if (options.windowScale() >= 0) {
            frame.windowScale(options.windowScale());
        }
        if (options.timestampValue() >= 0) {
            frame.timestamps(options.timestampValue(), options.timestampEcho());
        }
        if (!options.sack().isEmpty()) {
            int peerIsn = written.fromClient() ? run.serverIsn() : run.clientIsn();
            frame.options(SACK, 2 + 4 * options.sack().size());
            for (long edge : options.sack()) {
                int number = peerIsn + (int) edge;
                frame.options(number >> 24, number >> 16, number >> 8, number);
            }
        }
        if (options.fastOpen() >= 0) {
            frame.options(FAST_OPEN, 2 + options.fastOpen()).options(new int[options.fastOpen()]);
        }
        if (options.bad()) {
            frame.options(WINDOW_SCALE, 2);
        }
        return withChecksum(segment, frame.ethernet());
    }

    /** With one that is wrong, or left to the card: then the sum of the pseudo-header only, as Linux does. */
    private static byte[] withChecksum(Segment segment, byte[] frame) {
        ByteBuffer octets = ByteBuffer.wrap(frame);
        int at = ETHERNET + IPV4 + 16;
        if (segment.noted(Segment.CHECKSUM_BAD)) {
            octets.putShort(at, (short) (octets.getShort(at) ^ 1));
        } else if (!segment.noted(Segment.CHECKSUM_GOOD | Segment.PAYLOAD_CUT)) {
            int sum = 6 + frame.length - ETHERNET - IPV4;
            for (int word = ETHERNET + 12; word < ETHERNET + IPV4; word += 2) {
                sum += octets.getShort(word) & 0xffff;
            }
            octets.putShort(at, (short) ((sum & 0xffff) + (sum >> 16)));
        }
        return frame;
    }

    private static String letters(int flags) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < FLAGS.length(); i++) {
            if ((flags & 1 << i) != 0) {
                letters.append(FLAGS.charAt(i));
            }
        }
        return letters.toString();
    }

    /** A frame of the least length, of a protocol without segments: RFC 826. */
    private static byte[] arp() {
        return ByteBuffer.allocate(60)
                .position(12)
                .putShort((short) ARP)
                .putShort((short) 1) // Ethernet
                .putShort((short) 0x0800) // IPv4
                .put((byte) 6)
                .put((byte) 4)
                .putShort((short) 1) // request
                .array();
    }
}
