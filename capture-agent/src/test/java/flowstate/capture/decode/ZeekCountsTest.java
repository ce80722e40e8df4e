package flowstate.capture.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import flowstate.capture.source.CaptureException;
import flowstate.capture.source.CaptureFile;
import flowstate.capture.source.Captures;
import flowstate.capture.source.PacketSource;
import flowstate.capture.source.RawPacket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Zeek counts the same segments and octets, for each direction of each tuple of each capture. */
class ZeekCountsTest {

    private static final String REASSEMBLED = "Zeek puts fragments together; the first alone is a segment here";
    private static final String OFFLOADED = "Zeek adds the IP header's length as it stands, which is 0 with offload";

    /** Captures whose octets differ, and why. */
    private static final Map<String, String> OTHER_OCTETS = Map.of(
            "ipv4/fragmented-4.pcap", REASSEMBLED,
            "ipv4/fragmented-syn.pcap", REASSEMBLED,
            "ipv6-http-atomic-frag.pcap", "Zeek does not count fragment headers, which it takes away",
            "krb/kerberos_tso.pcapng", OFFLOADED,
            "ldap/missing_krbtgt_ldap_request.pcapng", OFFLOADED,
            "quic/383379789-decrypt-crash.pcap", OFFLOADED);

    /** Captures whose segments differ, and why. */
    private static final Map<String, String> OTHER_SEGMENTS =
            Map.of("tcp/truncated-header.pcap", "Zeek drops a SYN whose last options the snap length cut off");

    @Test
    void segmentsAndOctetsOfEachDirectionAreThoseThatZeekCounts() throws IOException {
        Optional<Path> shared = Captures.shared();
        assumeTrue(shared.isPresent(), "the shared captures are not there: nothing to compare");
        Path captures = shared.orElseThrow();
        ObjectMapper json = new ObjectMapper();
        List<String> differences = new ArrayList<>();
        for (String line : Files.readAllLines(captures.resolve("zeek-expected.jsonl"))) {
            JsonNode capture = json.readTree(line);
            String file = capture.get("file").asText();
            Map<String, long[]> zeek = new TreeMap<>();
            for (JsonNode connection : capture.get("connections")) {
                String originator = end(connection, "id.orig_h", "id.orig_p");
                String responder = end(connection, "id.resp_h", "id.resp_p");
                add(zeek, originator + " > " + responder, connection, "orig_pkts", "orig_ip_bytes");
                add(zeek, responder + " > " + originator, connection, "resp_pkts", "resp_ip_bytes");
            }
            Map<String, long[]> ours = count(captures.resolve("zeek").resolve(file));
            TreeSet<String> directions = new TreeSet<>(zeek.keySet());
            directions.addAll(ours.keySet());
            for (String direction : directions) {
                long[] none = new long[2];
                long[] their = zeek.getOrDefault(direction, none);
                long[] our = ours.getOrDefault(direction, none);
                boolean segmentsAgree = their[0] == our[0] || OTHER_SEGMENTS.containsKey(file);
                boolean octetsAgree =
                        their[1] == our[1] || OTHER_OCTETS.containsKey(file) || OTHER_SEGMENTS.containsKey(file);
                if (!segmentsAgree || !octetsAgree) {
                    differences.add(file + " " + direction + " ours " + Arrays.toString(our) + " Zeek "
                            + Arrays.toString(their));
                }
            }
        }
        assertThat(differences).isEmpty();
    }

    private static String end(JsonNode connection, String address, String port) throws UnknownHostException {
        return InetAddress.getByName(connection.get(address).asText()).getHostAddress() + ":" + connection.get(port);
    }

    private static void add(Map<String, long[]> counts, String direction, JsonNode row, String packets, String octets) {
        add(counts, direction, row.get(packets).asLong(), row.get(octets).asLong());
    }

    private static void add(Map<String, long[]> counts, String direction, long packets, long octets) {
        long[] count = counts.computeIfAbsent(direction, unseen -> new long[2]);
        count[0] += packets;
        count[1] += octets;
    }

    private static Map<String, long[]> count(Path file) throws UnknownHostException {
        Map<String, long[]> counts = new TreeMap<>();
        PacketDecoder decoder = new PacketDecoder(Checksums.verify);
        DecodedSegment segment = new DecodedSegment();
        RawPacket packet = new RawPacket();
        try (PacketSource source = CaptureFile.open(file)) {
            while (source.next(packet)) {
                if (decoder.decode(
                                packet.linkType,
                                packet.buffer,
                                packet.offset,
                                packet.capturedLength,
                                packet.originalLength,
                                segment)
                        == null) {
                    String from = address(segment.source, segment) + ":" + segment.sourcePort;
                    String to = address(segment.destination, segment) + ":" + segment.destinationPort;
                    add(counts, from + " > " + to, 1, segment.wireLength);
                }
            }
        } catch (CaptureException cutShort) {
            // what was readable was counted: Zeek reads no more of it
        }
        return counts;
    }

    private static String address(byte[] octets, DecodedSegment segment) throws UnknownHostException {
        return InetAddress.getByAddress(Arrays.copyOf(octets, segment.addressLength))
                .getHostAddress();
    }
}
