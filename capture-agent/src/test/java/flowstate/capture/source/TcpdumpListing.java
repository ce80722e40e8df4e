package flowstate.capture.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The packets behind a listing that {@code tcpdump} printed: IPv4 TCP segments on Linux's loopback interface, numbers
 * relative after the SYNs.
 *
 * <p>What a listing does not hold is filled in: the date, as UTC; time to live 64, don't fragment, identifications from 1
 * up; payload octets {@code hi\n}, repeated to the length.
 */
public final class TcpdumpListing {
    /** One line: its time, and its segment as an Ethernet frame. */
    public record Packet(long timeNs, byte[] frame) {}

    private static final Pattern LINE = Pattern.compile("(?<time>[0-9:.]+) IP (?<source>\\S+)\\.(?<sourcePort>\\d+)"
            + " > (?<destination>\\S+)\\.(?<destinationPort>\\d+): Flags \\[(?<flags>[^]]+)]"
            + "(?:, seq (?<seq>\\d+)(?::\\d+)?)?(?:, ack (?<ack>\\d+))?, win (?<win>\\d+)"
            + "(?:, options \\[(?<options>[^]]*)])?, length (?<length>\\d+)");

    private static final String PAYLOAD = "hi\n";

    private TcpdumpListing() {}

    /** Writes the packets of a listing as a capture file that tcpdump prints as that listing again. */
    public static void writeCapture(Path listing, LocalDate date, Path capture) throws IOException {
        try (PcapWriter writer = PcapWriter.create(capture, PcapWriter.LINKTYPE_ETHERNET)) {
            for (Packet packet : parse(Files.readAllLines(listing), date)) {
                writer.write(packet.timeNs(), packet.frame());
            }
        }
    }

    /** The packets of a listing, one a line; blank lines do not count. */
    public static List<Packet> parse(List<String> lines, LocalDate date) {
        List<Packet> packets = new ArrayList<>();
        Map<String, Long> initial = new HashMap<>();
        Map<String, Long> next = new HashMap<>();
        for (String line : lines) {
            if (line.isBlank()) {
                continue;
            }
            Matcher fields = LINE.matcher(line);
            if (!fields.matches()) {
                throw new IllegalArgumentException("no TCP segment as tcpdump prints it: " + line);
            }
            String source = fields.group("source") + ":" + fields.group("sourcePort");
            String destination = fields.group("destination") + ":" + fields.group("destinationPort");
            String flags = fields.group("flags");
            boolean isSyn = flags.contains("S");
            int length = Integer.parseInt(fields.group("length"));

            long sequence;
            if (isSyn) {
                sequence = Long.parseLong(fields.group("seq"));
                initial.put(source, sequence);
            } else if (fields.group("seq") != null) {
                sequence = known(initial, source, line) + Long.parseLong(fields.group("seq"));
            } else {
                // tcpdump leaves the number out of a bare acknowledgement: it is the next to be sent
                sequence = known(next, source, line);
            }
            boolean isFin = flags.contains("F");
            next.merge(source, sequence + length + (isSyn || isFin ? 1 : 0), Math::max);
            TcpFrame frame = new TcpFrame()
                    .from(address(fields.group("source")), Integer.parseInt(fields.group("sourcePort")))
                    .to(address(fields.group("destination")), Integer.parseInt(fields.group("destinationPort")))
                    .ipId(packets.size() + 1)
                    .seq(sequence)
                    .flags(flags)
                    .window(Integer.parseInt(fields.group("win")))
                    .payload(PAYLOAD.repeat(length / PAYLOAD.length() + 1).substring(0, length));
            if (fields.group("ack") != null) {
                long acknowledgement = Long.parseLong(fields.group("ack"));
                frame.ack(isSyn ? acknowledgement : known(initial, destination, line) + acknowledgement);
            }
            addOptions(frame, fields.group("options"));
            long timeNs = LocalTime.parse(fields.group("time")).toNanoOfDay()
                    + date.toEpochSecond(LocalTime.MIDNIGHT, ZoneOffset.UTC) * 1_000_000_000;
            packets.add(new Packet(timeNs, frame.ethernet()));
        }
        return packets;
    }

    private static void addOptions(TcpFrame frame, @Nullable String options) {
        if (options == null) {
            return;
        }
        for (String option : options.split(",")) {
            String[] words = option.split(" ");
            switch (words[0]) {
                case "nop" -> frame.nop();
                case "mss" -> frame.mss(Integer.parseInt(words[1]));
                case "sackOK" -> frame.sackPermitted();
                case "wscale" -> frame.windowScale(Integer.parseInt(words[1]));
                case "TS" -> frame.timestamps(Long.parseLong(words[2]), Long.parseLong(words[4]));
                default -> throw new IllegalArgumentException("option not known: " + option);
            }
        }
    }

    private static long known(Map<String, Long> numbers, String end, String line) {
        Long number = numbers.get(end);
        if (number == null) {
            throw new IllegalArgumentException("relative numbers need the SYN of " + end + " before: " + line);
        }
        return number;
    }

    private static String address(String name) {
        return name.equals("localhost") ? "127.0.0.1" : name;
    }
}
