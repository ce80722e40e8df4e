package flowstate.standalone;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import flowstate.tcp.EndReason;
import flowstate.traffic.Conversation;
import flowstate.traffic.Plan;
import flowstate.traffic.Truth;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Generated connections of every plan, at the same time, as one capture through everything: each settled record beside what
 * became of the connection, by its endpoints.
 */
class GeneratedTrafficIT {
    private static final int CONNECTIONS = 500;
    private static final int FIRST_PORT = 40000;

    /** A well-known one, by which the server is told where no SYN was captured. */
    private static final int SERVER_PORT = 80;

    private static final long SECOND_NS = 1_000_000_000L;

    /** They begin within so many seconds, so that most are open at once. */
    private static final int BEGIN_WITHIN = 20;

    /** Longer than any of them lasts. */
    private static final long END_NS = 5 * 3600 * SECOND_NS;

    @TempDir
    private Path scratch;

    @Test
    void eachRecordIsTheTruth() throws Exception {
        Random random = new Random(2026);
        List<Conversation> conversations = new ArrayList<>();
        for (int seed = 1; conversations.size() < CONNECTIONS; seed++) {
            Plan.all(seed * 7_000_000L).forEach(plan -> conversations.add(Conversation.of(plan)));
        }
        long[] starts = random.longs(CONNECTIONS, 0, BEGIN_WITHIN * SECOND_NS).toArray();
        for (int i = 0; i < CONNECTIONS; i++) {
            if (conversations.get(i).truth().endReason() == EndReason.CAPTURE_ENDED) {
                // still open then, and not idle for so long that it would be given up
                starts[i] += END_NS - 60 * SECOND_NS;
            }
        }
        Path file = scratch.resolve("generated.pcap");
        TraceCapture.write(conversations, starts, FIRST_PORT, SERVER_PORT, END_NS, file);

        Map<Integer, Map<String, String>> settled = replay(file);

        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Conversation conversation = conversations.get(i);
            Map<String, String> record = settled.getOrDefault(FIRST_PORT + i, Map.of());
            compare(conversation.truth(), record)
                    .forEach(difference -> wrong.add(conversation.plan() + ": " + difference));
        }
        assertThat(wrong).isEmpty();
        assertThat(settled).hasSize(CONNECTIONS);
    }

    /** The settled records by the client's port. */
    private Map<Integer, Map<String, String>> replay(Path file) throws Exception {
        Path temporary = Files.createDirectory(scratch.resolve("temporary"));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Flowstate.commandLine(PipelineParts::create, out)
                .setErr(new PrintWriter(err, true))
                .execute("replay", "--format", "json", "--temp-dir", temporary.toString(), file.toString());
        assertThat(status).as(err.toString()).isZero();
        Map<Integer, Map<String, String>> settled = new LinkedHashMap<>();
        PrintedEvents printed = PrintedEvents.read(out.toString()).getOrDefault(file.toString(), PrintedEvents.NONE);
        for (Map<String, String> record : printed.verdicts()) {
            int port = Integer.parseInt(requireNonNull(record.get("responder.port")));
            int other = Integer.parseInt(requireNonNull(record.get("originator.port")));
            int client = port == SERVER_PORT ? other : port;
            assertThat(settled).as("told twice: %s", record).doesNotContainKey(client);
            settled.put(client, record);
        }
        return settled;
    }

    private static List<String> compare(Truth truth, Map<String, String> record) {
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("responder.port", String.valueOf(SERVER_PORT));
        expected.put("conn_state", truth.connState());
        expected.put("handshake", truth.handshake().name());
        expected.put("teardown", truth.teardown().name());
        expected.put("end_reason", truth.endReason().name());
        expected.put("closed_first", truth.closedFirst().name());
        expect(expected, "originator.", truth.client());
        expect(expected, "responder.", truth.server());
        List<String> wrong = new ArrayList<>();
        expected.forEach((field, value) -> {
            if (!value.equals(record.get(field))) {
                wrong.add(field + ": expected " + value + ", was " + record.get(field));
            }
        });
        // Zeek's T, W and G depend on what came before what in the capture
        Set<Character> letters = new TreeSet<>();
        record.getOrDefault("history", "").chars().forEach(letter -> letters.add((char) letter));
        "TtWwGg^".chars().forEach(letter -> letters.remove((char) letter));
        Set<Character> trueLetters = new TreeSet<>(truth.letters());
        "TtWwGg^".chars().forEach(letter -> trueLetters.remove((char) letter));
        if (!letters.equals(trueLetters)) {
            wrong.add("history: expected the letters " + trueLetters + ", was " + record.get("history"));
        }
        return wrong;
    }

    private static void expect(Map<String, String> expected, String end, Truth.End truth) {
        expected.put(end + "bytes", String.valueOf(truth.bytes()));
        expected.put(end + "segments", String.valueOf(truth.segments()));
        if (truth.retransmittedSegments() >= 0) {
            expected.put(end + "retransmitted_segments", String.valueOf(truth.retransmittedSegments()));
        }
    }
}
