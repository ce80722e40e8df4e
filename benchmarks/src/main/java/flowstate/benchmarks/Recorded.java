package flowstate.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Replays real traffic, recorded on the spot: wrk asks nginx over the loopback interface, with a connection for each request
 * and with connections that are kept, and tcpdump captures it. How many connections there were is what tcpdump counts as
 * SYNs, and nginx as connections accepted.
 */
@Command(
        name = "recorded",
        description =
                "Replays traffic of nginx and wrk, recorded on the loopback interface; needs both, tcpdump, and root.",
        mixinStandardHelpOptions = true)
final class Recorded extends Measurement {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final double START_LIMIT_SECONDS = 10;
    private static final Pattern ACCEPTED = Pattern.compile("accepts handled requests\\s+(\\d+)");
    private static final Pattern CAPTURED = Pattern.compile("(\\d+) packets? captured");
    private static final Pattern DROPPED = Pattern.compile("(\\d+) packets? dropped by kernel");

    @Option(
            names = "--seconds",
            defaultValue = "4",
            description = "Of traffic of each kind (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--rounds", defaultValue = "3", description = "Replays (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Override
    String title() {
        return "Replay of recorded traffic";
    }

    @Override
    void measure(Section section, Budget budget, Scratch scratch)
            throws IOException, InterruptedException, WrongResultException {
        for (String program : List.of("nginx", "wrk", "tcpdump")) {
            if (Peers.find(program) == null) {
                section.say("%s is not installed here: nothing was recorded.", program);
                return;
            }
        }
        Path folder = scratch.fresh("recorded");
        // tcpdump and nginx's workers give up root
        folder.toFile().setWritable(true, false);
        Workload.Capture capture = record(folder, section);
        List<Replay> all = rounds(rounds, section, budget, () -> {
            Scratch.chill(capture.file());
            return Replay.run(launcher(), capture, List.of(), scratch, budget);
        });
        if (all.isEmpty()) {
            return;
        }
        section.add(Pipeline.table(all));
        section.keep("truth", capture.truth());
        section.keep("rounds", all);
    }

    private Workload.Capture record(Path folder, Section section)
            throws IOException, InterruptedException, WrongResultException {
        int port = Cluster.freePort();
        int statusPort = Cluster.freePort();
        Path file = folder.resolve("recorded.pcap");
        Files.createDirectory(folder.resolve("www"));
        Files.writeString(folder.resolve("www/index.html"), "<p>flowstate</p>\n".repeat(200));
        Files.writeString(folder.resolve("nginx.conf"), """
                daemon off; master_process off; pid nginx.pid; error_log nginx.log;
                events { worker_connections 1000; }
                http {
                  access_log off; keepalive_requests 100000;
                  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
                  server { listen 127.0.0.1:%d; root www; }
                  server { listen 127.0.0.1:%d; location / { stub_status; } }
                }
                """.formatted(port, statusPort));
        String url = "http://127.0.0.1:" + port + "/";
        try (Program nginx = start(folder, "nginx", "-p", folder + "/", "-c", "nginx.conf");
                Program tcpdump = start(
                        folder,
                        "tcpdump",
                        "-i",
                        "lo",
                        "-s",
                        "128",
                        "-B",
                        "65536",
                        "-w",
                        file.toString(),
                        "tcp port " + port)) {
            while (!tcpdump.errors().contains("listening on")) {
                if (!tcpdump.isAlive() || tcpdump.seconds() > START_LIMIT_SECONDS) {
                    throw new WrongResultException(
                            "tcpdump cannot capture here: " + tcpdump.errors().strip());
                }
                Thread.sleep(20);
            }
            long before = accepted(statusPort, nginx);
            for (String header : List.of("Connection: close", "Connection: keep-alive")) {
                try (Program wrk = start(folder, "wrk", "-t1", "-c20", "-d" + seconds, "-H", header, url)) {
                    wrk.awaitSuccess(LIMIT);
                }
            }
            long accepted = accepted(statusPort, nginx) - before - 1;
            // what is on its way to the file
            Thread.sleep(1_000);
            tcpdump.terminate();
            tcpdump.awaitEnd(LIMIT);
            nginx.terminate();
            nginx.awaitEnd(LIMIT);
            long segments = number(CAPTURED, tcpdump.errors());
            long dropped = number(DROPPED, tcpdump.errors());
            long connections = syns(folder, file);
            section.say(
                    "wrk asks nginx on the loopback interface: %,d segments of %,d connections by the SYNs that tcpdump counts,"
                            + " %,d by nginx's count of those accepted; %,d packets dropped by the kernel.",
                    segments, connections, accepted, dropped);
            return new Workload.Capture(file, new Truth(segments, connections, new long[0], -1));
        }
    }

    private static Program start(Path folder, String name, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(String.valueOf(Peers.find(name))));
        words.addAll(List.of(arguments));
        return Program.start(new Program.Command(
                words, folder.resolve(name + ".out"), folder.resolve(name + ".err"), Map.of(), folder));
    }

    /** Connections that nginx has accepted so far, that of this question included. */
    private static long accepted(int statusPort, Program nginx)
            throws IOException, InterruptedException, WrongResultException {
        while (true) {
            try {
                HttpURLConnection question = (HttpURLConnection) URI.create("http://127.0.0.1:" + statusPort + "/")
                        .toURL()
                        .openConnection();
                question.setRequestProperty("Connection", "close");
                try (InputStream answer = question.getInputStream()) {
                    return number(ACCEPTED, new String(answer.readAllBytes(), StandardCharsets.UTF_8));
                }
            } catch (ConnectException e) {
                if (!nginx.isAlive() || nginx.seconds() > START_LIMIT_SECONDS) {
                    throw new WrongResultException(
                            "nginx did not start: " + nginx.errors().strip());
                }
                Thread.sleep(20);
            }
        }
    }

    /** SYNs without ACK in a capture, as tcpdump counts them. */
    private static long syns(Path folder, Path file) throws IOException, InterruptedException, WrongResultException {
        try (Program count = start(folder, "tcpdump", "-nn", "-r", file.toString(), "tcp[13] & 18 = 2")) {
            count.awaitSuccess(LIMIT);
            return count.output().lines().count();
        }
    }

    private static long number(Pattern pattern, String text) throws WrongResultException {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new WrongResultException("expected \"" + pattern + "\", was told: " + text);
        }
        return Long.parseLong(matcher.group(1));
    }
}
