package flowstate.capture.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import flowstate.capture.source.CaptureException;
import flowstate.capture.source.CaptureFile;
import flowstate.capture.source.Captures;
import flowstate.capture.source.PacketSource;
import flowstate.capture.source.PcapngWriter;
import flowstate.capture.source.RawPacket;
import flowstate.schema.ConnectionKey;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second opinion: tshark sees the same segments, with the same values, in the same packets. */
class TsharkTest {
    private static final List<String> FIELDS = List.of(
            "frame.number",
            "frame.protocols",
            "ip.src",
            "ip.dst",
            "ipv6.src",
            "ipv6.dst",
            "ip.ttl",
            "ipv6.hlim",
            "vlan.id",
            "tcp.srcport",
            "tcp.dstport",
            "tcp.seq_raw",
            "tcp.ack_raw",
            "tcp.flags",
            "tcp.window_size_value",
            "tcp.len",
            "tcp.options.mss_val",
            "tcp.options.wscale.shift",
            "tcp.options.timestamp.tsval",
            "tcp.options.timestamp.tsecr",
            "tcp.options.sack_le",
            "tcp.options.sack_re",
            "_ws.expert.message",
            "tcp.checksum.status",
            "vxlan.vni",
            "geneve.vni",
            "gre.key",
            "gtp.teid");

    private static final String NOT_SUMMED = "2]";

    /** Samples that tshark does not read as they are meant. */
    private static final Map<String, String> MISREAD_SAMPLES = Map.of(
            "Ethernet pseudowire in MPLS", "takes the control word for an address of vendor 00:00:00",
            "NFLOG, big-endian, IPv6", "takes attributes for little-endian");

    @TempDir
    Path folder;

    @BeforeAll
    static void toolsAreThere() throws IOException, InterruptedException {
        for (String tool : List.of("tshark", "mergecap")) {
            boolean found = Stream.of(System.getenv("PATH").split(":"))
                    .anyMatch(entry -> Files.isExecutable(Path.of(entry, tool)));
            assumeTrue(found, tool + " is not installed: nothing to compare with");
        }
    }

    @Test
    void samplesByHandAreWhatTheySayTheyAre() throws Exception {
        Path file = folder.resolve("samples.pcapng");
        List<Integer> linkTypes =
                Sample.all().stream().map(Sample::linkType).distinct().toList();
        try (OutputStream out = Files.newOutputStream(file);
                PcapngWriter writer = new PcapngWriter(out, ByteOrder.LITTLE_ENDIAN)) {
            for (int linkType : linkTypes) {
                writer.networkInterface(linkType, 65535);
            }
            for (Sample sample : Sample.all()) {
                if (MISREAD_SAMPLES.containsKey(sample.name())) {
                    continue;
                }
                byte[] octets = sample.octets();
                writer.enhancedPacket(linkTypes.indexOf(sample.linkType()), 0, octets, octets.length);
            }
        }
        compare(List.of(file));
    }

    @Test
    void capturesOfOthersHaveTheSegmentsThatTsharkSees() throws Exception {
        Optional<Path> captures = Captures.shared();
        assumeTrue(captures.isPresent(), "the shared captures are not there: nothing to compare");
        try (Stream<Path> walk = Files.walk(captures.orElseThrow().resolve("zeek"))) {
            compare(walk.filter(Files::isRegularFile).sorted().toList());
        }
    }

    private void compare(List<Path> files) throws Exception {
        Map<Integer, String> ours = new TreeMap<>();
        Map<Integer, String> places = new TreeMap<>();
        int frames = 0;
        for (Path file : files) {
            frames = decode(file, frames, ours, places);
        }
        List<String[]> rows = tshark(files);
        assertThat(rows).as("packets").hasSize(frames);
        Map<Integer, String> theirs = new TreeMap<>();
        for (String[] row : rows) {
            boolean hasPorts = !row[9].isEmpty();
            // an ICMP error quotes a segment that was sent earlier
            boolean quoted = row[1].contains(":icmp");
            // tshark reads on, Zeek drops such a packet as we do; inside FabricPath tshark takes four octets away
            boolean malformed = row[22].contains("length exceeds packet length") && !row[1].contains(":cfp:");
            if (hasPorts && !quoted && !malformed) {
                theirs.put(Integer.valueOf(row[0]), segment(row));
            }
        }
        List<String> differences = new ArrayList<>();
        int onlyTheySum = 0;
        for (int frame = 1; frame <= frames; frame++) {
            String our = ours.getOrDefault(frame, "");
            String their = theirs.getOrDefault(frame, "");
            if (our.endsWith(NOT_SUMMED) && their.matches(".*[01]]")) {
                // with an offloaded length, a source route or a home address there is doubt about what to sum
                onlyTheySum++;
                their = their.substring(0, their.length() - NOT_SUMMED.length()) + NOT_SUMMED;
            }
            if (their.isEmpty() ? !our.isEmpty() : !our.startsWith(their)) {
                differences.add(places.get(frame) + "\n  ours   " + our + "\n  tshark " + their);
            }
        }
        assertThat(differences).isEmpty();
        assertThat(onlyTheySum).isLessThan(20);
        assertThat(ours).hasSizeGreaterThan(frames / 2);
    }

    private static int decode(Path file, int before, Map<Integer, String> segments, Map<Integer, String> places)
            throws UnknownHostException {
        int frame = before;
        PacketDecoder decoder = new PacketDecoder(Checksums.verify);
        DecodedSegment segment = new DecodedSegment();
        RawPacket packet = new RawPacket();
        try (PacketSource source = CaptureFile.open(file)) {
            while (source.next(packet)) {
                frame++;
                places.put(frame, file.getFileName() + " packet " + (frame - before));
                SkipReason reason = decoder.decode(
                        packet.linkType,
                        packet.buffer,
                        packet.offset,
                        packet.capturedLength,
                        packet.originalLength,
                        segment);
                if (reason == null) {
                    segments.put(frame, segment(segment));
                }
            }
        } catch (CaptureException cutShort) {
            // what was readable was read: tshark sees no more of it
        }
        return frame;
    }

    /** All files in one run: a start of tshark costs more than all their packets. */
    private List<String[]> tshark(List<Path> files) throws IOException, InterruptedException {
        Path merged = folder.resolve("merged.pcapng");
        List<String> merge = new ArrayList<>(List.of("mergecap", "-a", "-F", "pcapng", "-w", merged.toString()));
        files.forEach(file -> merge.add(file.toString()));
        run(merge, folder.resolve("mergecap.txt"));

        Path listing = folder.resolve("tshark.txt");
        List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", merged.toString()));
        for (String preference : List.of(
                "ip.defragment:FALSE",
                "ipv6.defragment:FALSE",
                "tcp.desegment_tcp_streams:FALSE",
                "tcp.relative_sequence_numbers:FALSE",
                "tcp.check_checksum:TRUE")) {
            command.addAll(List.of("-o", preference));
        }
        command.addAll(List.of("--enable-heuristic", "teredo_udp"));
        command.addAll(List.of("-T", "fields", "-E", "separator=|"));
        for (String field : FIELDS) {
            command.addAll(List.of("-e", field));
        }
        run(command, listing);
        try (Stream<String> lines = Files.lines(listing)) {
            return lines.map(line -> line.split("\\|", -1)).toList();
        }
    }

    private static void run(List<String> command, Path output) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES))
                    .as(command.get(0) + " ends")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
    }

    private static String segment(DecodedSegment segment) throws UnknownHostException {
        List<String> left = new ArrayList<>();
        List<String> right = new ArrayList<>();
        for (int block = 0; block < segment.sackBlockCount; block++) {
            left.add(Integer.toUnsignedString(segment.sackEdges[2 * block]));
            right.add(Integer.toUnsignedString(segment.sackEdges[2 * block + 1]));
        }
        List<Object> fixed = List.of(
                InetAddress.getByAddress(Arrays.copyOf(segment.source, segment.addressLength)),
                InetAddress.getByAddress(Arrays.copyOf(segment.destination, segment.addressLength)),
                segment.sourcePort,
                segment.destinationPort,
                Integer.toUnsignedString(segment.sequence),
                Integer.toUnsignedString(segment.acknowledgement),
                segment.flags,
                segment.window,
                segment.ttl,
                orAbsent(segment.vlanId),
                outer(segment));
        List<Object> lengthAndOptions = List.of(
                segment.payloadLength,
                orAbsent(segment.mss),
                orAbsent(segment.windowScale),
                orAbsent(segment.timestampValue),
                orAbsent(segment.timestampEcho),
                String.join(",", left),
                String.join(",", right),
                checksum(segment));
        return fixed.toString() + lengthAndOptions;
    }

    /** As tshark says it: 1 good, 0 not good, 2 not verified. */
    private static String checksum(DecodedSegment segment) {
        return switch (segment.checksum) {
            case DecodedSegment.CHECKSUM_GOOD -> "1";
            case DecodedSegment.CHECKSUM_UNKNOWN -> "2";
            default -> "0";
        };
    }

    private static String orAbsent(long value) {
        return value < 0 ? "" : String.valueOf(value);
    }

    /**
     * The same of a row of tshark's. It gives no length, and maybe not all options, for a first fragment and for what is
     * inside FabricPath, where it takes the last four octets for a checksum.
     */
    private static String segment(String[] row) throws UnknownHostException {
        String protocols = ":" + row[1];
        boolean ipv6 = protocols.lastIndexOf(":ipv6:") > protocols.lastIndexOf(":ip:");
        List<Object> fixed = List.of(
                InetAddress.getByName(last(row[ipv6 ? 4 : 2])),
                InetAddress.getByName(last(row[ipv6 ? 5 : 3])),
                row[9],
                row[10],
                row[11],
                row[12],
                Integer.decode(row[13]) & 0x1ff,
                row[14],
                last(row[ipv6 ? 7 : 6]),
                last(row[8]),
                outer(row, ipv6));
        if (row[15].isEmpty()) {
            return fixed.toString();
        }
        List<Object> lengthAndOptions =
                List.of(row[15], last(row[16]), last(row[17]), last(row[18]), last(row[19]), row[20], row[21], row[23]);
        return fixed.toString() + lengthAndOptions;
    }

    /** Outer addresses of each version, and identifiers by kind of tunnel: in the order in which tshark has them. */
    private static String outer(DecodedSegment segment) {
        if (segment.outerHeaders == 0) {
            return "";
        }
        byte[] octets = new byte[OuterHeaders.MOST_OCTETS];
        int length = segment.outer.write(octets, false);
        List<String> found = new ArrayList<>();
        for (String header :
                OuterHeaders.text(octets, length, segment.addressLength).split(", ")) {
            String[] words = header.split(" ");
            found.add(words[words.length - 1]);
            if (words.length == 3 && words[0].matches("vxlan|geneve|gre|gtpu")) {
                found.add(words[0] + " " + words[1]);
            }
        }
        Collections.sort(found);
        return found.toString();
    }

    private static String outer(String[] row, boolean innermostIpv6) throws UnknownHostException {
        List<String> found = new ArrayList<>();
        for (int version : new int[] {2, 4}) {
            String[] sources = row[version].split(",");
            String[] destinations = row[version + 1].split(",");
            int count = row[version].isEmpty() ? 0 : sources.length;
            for (int i = 0; i < count - (innermostIpv6 == (version == 4) ? 1 : 0); i++) {
                found.add(address(sources[i]) + ">" + address(destinations[i]));
            }
        }
        if (found.isEmpty()) {
            return "";
        }
        String[] kinds = {"vxlan", "geneve", "gre", "gtpu"};
        for (int i = 0; i < kinds.length; i++) {
            for (String id : row[24 + i].split(",")) {
                if (!id.isEmpty()) {
                    found.add(kinds[i] + " " + Long.decode(id));
                }
            }
        }
        Collections.sort(found);
        return found.toString();
    }

    private static String address(String numeric) throws UnknownHostException {
        return ConnectionKey.addressText(InetAddress.getByName(numeric).getAddress());
    }

    private static String last(String values) {
        return values.substring(values.lastIndexOf(',') + 1);
    }
}
