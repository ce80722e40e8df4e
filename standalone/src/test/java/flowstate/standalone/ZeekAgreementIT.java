package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import flowstate.capture.source.Captures;
import flowstate.tcp.TcpState;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The settled records of a replay beside Zeek's conn.log of the same captures, connection by connection. Every difference
 * is in the list of {@link ZeekDifferences}, with its reason; in full they are in {@code target/zeek-agreement.txt}.
 *
 * <p>Connections are matched by their two ends and the nearest start, not by Community ID: for two equal addresses, Zeek
 * orders the ports by their bytes in the host's order (corelight/community-id-spec issue 32).
 */
class ZeekAgreementIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path REPORT = Path.of("target", "zeek-agreement.txt");

    @TempDir
    private Path temporary;

    /** One connection as one of the two has it; octets are -1 where Zeek says nothing of them. */
    private record Row(
            String originator,
            String responder,
            BigDecimal start,
            String connState,
            String history,
            long originatorPackets,
            long responderPackets,
            long originatorBytes,
            long responderBytes) {

        static Row ofZeek(JsonNode connection) {
            return new Row(
                    end(connection.required("id.orig_h"), connection.required("id.orig_p")),
                    end(connection.required("id.resp_h"), connection.required("id.resp_p")),
                    connection.required("ts").decimalValue(),
                    connection.required("conn_state").textValue(),
                    connection.path("history").asText(""),
                    connection.required("orig_pkts").longValue(),
                    connection.required("resp_pkts").longValue(),
                    connection.path("orig_bytes").asLong(-1),
                    connection.path("resp_bytes").asLong(-1));
        }

        static Row ofOurs(JsonNode settled) {
            JsonNode originator = settled.required("originator");
            JsonNode responder = settled.required("responder");
            Instant start = Instant.parse(settled.required("started_at").textValue());
            return new Row(
                    end(originator.required("address"), originator.required("port")),
                    end(responder.required("address"), responder.required("port")),
                    BigDecimal.valueOf(start.getEpochSecond()).add(BigDecimal.valueOf(start.getNano(), 9)),
                    settled.required("conn_state").textValue(),
                    settled.required("history").textValue(),
                    originator.required("segments").longValue(),
                    responder.required("segments").longValue(),
                    originator.required("bytes").longValue(),
                    responder.required("bytes").longValue());
        }

        private static String end(JsonNode address, JsonNode port) {
            return address.textValue() + " " + port.intValue();
        }

        Set<String> ends() {
            Set<String> ends = new HashSet<>();
            ends.add(originator);
            ends.add(responder);
            return ends;
        }

        @Override
        public String toString() {
            return connState + " " + history + " packets " + originatorPackets + "/" + responderPackets + " bytes "
                    + (originatorBytes < 0 ? "-" : originatorBytes) + "/"
                    + (responderBytes < 0 ? "-" : responderBytes);
        }
    }

    /** How often something agrees, of how often it could. */
    private static final class Share {
        private int of;
        private int agree;

        boolean add(boolean same) {
            of++;
            agree += same ? 1 : 0;
            return same;
        }

        double percent() {
            return of == 0 ? 0 : 100.0 * agree / of;
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%d of %d (%.2f %%)", agree, of, percent());
        }
    }

    private static final class Agreement {
        private final Share connections = new Share();
        private final Share roles = new Share();
        private final Share states = new Share();
        private final Share histories = new Share();
        private final Share packets = new Share();
        private final Share bytes = new Share();
        private final List<String> lines = new ArrayList<>();
        private final ZeekDifferences differing;
        private int ofOursOnly;
        private String capture = "";

        Agreement(ZeekDifferences differing) {
            this.differing = differing;
        }

        /** Ours are taken out as they are matched, so that none counts twice. */
        void compare(String file, List<Row> zeeks, List<Row> ours) {
            capture = file;
            List<String> differences = new ArrayList<>();
            Map<Set<String>, List<Row>> left = new HashMap<>();
            ours.forEach(row ->
                    left.computeIfAbsent(row.ends(), ends -> new ArrayList<>()).add(row));
            zeeks.stream().sorted(Comparator.comparing(Row::start)).forEach(zeek -> {
                List<Row> candidates = left.getOrDefault(zeek.ends(), List.of());
                Optional<Row> nearest = candidates.stream()
                        .min(Comparator.comparing(
                                row -> row.start.subtract(zeek.start).abs()));
                if (connections.add(nearest.isPresent())) {
                    candidates.remove(nearest.orElseThrow());
                }
                compare(zeek, nearest.orElse(null), differences);
            });
            left.values()
                    .forEach(rows -> rows.forEach(row -> {
                        ofOursOnly++;
                        differing.found(capture, ends(row), "only ours");
                        differences.add("only ours: " + name(row) + "\n    ours " + row);
                    }));
            if (!differences.isEmpty()) {
                lines.add(file);
                differences.forEach(difference -> lines.add("  " + difference));
            }
        }

        private void compare(Row zeek, @Nullable Row ours, List<String> differences) {
            boolean comparableBytes = zeek.originatorBytes >= 0 || zeek.responderBytes >= 0;
            if (ours == null) {
                Stream.of(roles, states, histories, packets).forEach(share -> share.add(false));
                if (comparableBytes) {
                    bytes.add(false);
                }
                differing.found(capture, ends(zeek), "only Zeek's");
                differences.add("only Zeek's: " + name(zeek) + "\n    Zeek " + zeek);
                return;
            }
            boolean sameRoles = ours.originator.equals(zeek.originator);
            List<String> what = new ArrayList<>();
            note(roles.add(sameRoles), "roles", what);
            note(states.add(ours.connState.equals(zeek.connState)), "conn_state", what);
            note(histories.add(ours.history.equals(zeek.history)), "history", what);
            note(
                    packets.add(sameRoles
                            && ours.originatorPackets == zeek.originatorPackets
                            && ours.responderPackets == zeek.responderPackets),
                    "packets",
                    what);
            if (comparableBytes) {
                note(
                        bytes.add(sameRoles
                                && same(zeek.originatorBytes, ours.originatorBytes)
                                && same(zeek.responderBytes, ours.responderBytes)),
                        "bytes",
                        what);
            }
            if (!what.isEmpty()) {
                differing.found(capture, ends(zeek), String.join(", ", what));
                differences.add(
                        String.join(", ", what) + ": " + name(zeek) + "\n    Zeek " + zeek + "\n    ours " + ours);
            }
        }

        private static boolean same(long zeek, long ours) {
            return zeek < 0 || zeek == ours;
        }

        private static void note(boolean same, String what, List<String> differing) {
            if (!same) {
                differing.add(what);
            }
        }

        private static String name(Row row) {
            return ends(row) + " at " + row.start;
        }

        private static String ends(Row row) {
            return row.originator + " > " + row.responder;
        }

        @Override
        public String toString() {
            return "agreement with Zeek: connections " + connections + ", roles " + roles + ", conn_state " + states
                    + ", history " + histories + ", packets " + packets + ", bytes " + bytes + "; only ours "
                    + ofOursOnly;
        }
    }

    @Test
    void settledRecordsAgreeWithZeeks() throws Exception {
        Optional<Path> shared = Captures.shared();
        assumeTrue(shared.isPresent(), "skipped: the shared captures are not here, see Captures.shared()");
        Path folder = shared.orElseThrow().resolve("zeek");
        Map<String, List<Row>> zeeks = zeeks(shared.orElseThrow().resolve("zeek-expected.jsonl"));
        List<Path> files = files(folder);
        assertThat(files).extracting(file -> folder.relativize(file).toString()).containsAll(zeeks.keySet());
        List<String> arguments = new ArrayList<>(
                List.of("replay", "--timers", "zeek", "--format", "json", "--temp-dir", temporary.toString()));
        files.forEach(file -> arguments.add(file.toString()));
        Map<String, FileAccount> accounts = new ConcurrentHashMap<>();
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();

        int status = Flowstate.commandLine(
                        (filter, timers, checksums) ->
                                new KeptAccounts(PipelineParts.create(filter, timers, checksums), accounts),
                        out)
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));

        Map<String, PrintedEvents> printed = PrintedEvents.read(out.toString());
        ZeekDifferences differing = ZeekDifferences.listed();
        Agreement agreement = new Agreement(differing);
        SoftAssertions all = new SoftAssertions();
        for (Path file : files) {
            String name = folder.relativize(file).toString();
            PrintedEvents events = printed.getOrDefault(file.toString(), PrintedEvents.NONE);
            agreement.compare(
                    name,
                    zeeks.getOrDefault(name, List.of()),
                    events.settled().stream().map(Row::ofOurs).toList());
            events.settled().forEach(settled -> assertStepsAreKnown(name, settled, all));
            all.assertThat(endsById(events))
                    .as("settled records by connection, " + name)
                    .allSatisfy((id, ends) -> assertThat(ends).as(id).isEqualTo(1));
            FileAccount account = accounts.get(file.toString());
            all.assertThat(account)
                    .as("account of " + name)
                    .isNotNull()
                    .satisfies(known ->
                            assertThat(known.balances()).as(known.text()).isTrue());
        }
        Files.createDirectories(REPORT.toAbsolutePath().getParent());
        Files.writeString(REPORT, agreement + "\n\n" + String.join("\n", agreement.lines) + "\n");
        System.out.println(agreement);

        differing.check(all);
        all.assertThat(status).as(problems(err.toString())).isZero();
        all.assertThat(agreement.connections.of).as("connections of Zeek").isGreaterThan(1000);
        all.assertThat(agreement.states.percent()).as("conn_state").isGreaterThanOrEqualTo(99);
        all.assertThat(agreement.histories.percent()).as("history").isGreaterThanOrEqualTo(97);
        all.assertThat(agreement.packets.percent()).as("packets").isGreaterThanOrEqualTo(99);
        all.assertThat(agreement.bytes.percent()).as("bytes").isGreaterThanOrEqualTo(98);
        all.assertAll();
    }

    /** Each state leads to the next as docs/state-machine.md has it, or the record says that segments are unseen. */
    private static void assertStepsAreKnown(String capture, JsonNode settled, SoftAssertions all) {
        if (settled.required("unseen_segments").booleanValue()) {
            return;
        }
        for (String end : List.of("originator", "responder")) {
            TcpState before = TcpState.CLOSE;
            for (JsonNode name : settled.required(end).required("states")) {
                TcpState state = TcpState.valueOf(name.textValue());
                all.assertThat(before.leadsTo(state))
                        .as("%s %s: %s to %s", capture, settled.required("connection_id"), before, state)
                        .isTrue();
                before = state;
            }
        }
    }

    /** How many settled records each connection has of which anything was said. */
    private static Map<String, Integer> endsById(PrintedEvents events) {
        Map<String, Integer> ends = new TreeMap<>();
        Stream.concat(events.lifecycle().stream(), events.anomalies().stream())
                .forEach(event ->
                        ends.putIfAbsent(event.required("connection_id").textValue(), 0));
        events.settled()
                .forEach(event -> ends.merge(event.required("connection_id").textValue(), 1, Integer::sum));
        return ends;
    }

    private static String problems(String err) {
        return String.join(
                "\n", err.lines().filter(line -> line.startsWith("flowstate: ")).toList());
    }

    private static Map<String, List<Row>> zeeks(Path expected) throws IOException {
        Map<String, List<Row>> rows = new HashMap<>();
        for (String line : Files.readAllLines(expected)) {
            JsonNode capture = JSON.readTree(line);
            List<Row> ofCapture = new ArrayList<>();
            capture.required("connections").forEach(connection -> ofCapture.add(Row.ofZeek(connection)));
            rows.put(capture.required("file").textValue(), ofCapture);
        }
        return rows;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
