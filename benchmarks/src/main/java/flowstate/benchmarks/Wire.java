package flowstate.benchmarks;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A wire within a network namespace in which nothing else is: what tcpreplay sends on one end can be captured on the
 * other. The measurement runs in that namespace, in a JVM of its own, with its broker.
 */
final class Wire {
    /** Where packets are sent. */
    static final String NEAR = "near";

    /** Where they are captured. */
    static final String FAR = "far";

    /** Number N of a further place where each of them can be captured, too. */
    static String mirror(int n) {
        return "mirror" + n;
    }

    /** All of these places, with so many further ones. */
    static List<String> ends(int mirrors) {
        List<String> ends = new ArrayList<>(List.of(FAR));
        for (int n = 1; n <= mirrors; n++) {
            ends.add(mirror(n));
        }
        return ends;
    }

    private static final String INSIDE = "flowstate.wire";
    private static final Pattern ACTUAL =
            Pattern.compile("Actual: (\\d+) packets \\((\\d+) bytes\\) sent in ([0-9.]+)");

    private Wire() {}

    static boolean isInside() {
        return Boolean.getBoolean(INSIDE);
    }

    /** Why there can be no such wire here; null if there can. */
    static @Nullable String missing() throws IOException, InterruptedException {
        for (String program : List.of("unshare", "ip", "tcpreplay", "tcpdump")) {
            if (Peers.find(program) == null) {
                return program + " is not installed here";
            }
        }
        return run("unshare", "-n", "ip", "link", "set", "lo", "up") == 0
                ? null
                : "network namespaces are not permitted: it needs root";
    }

    private static int run(String... words) throws IOException, InterruptedException {
        return new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private static String pair(String one, String other) {
        return "ip link add name " + one + " type veth peer name " + other + " && for each in " + one + " " + other
                + "; do sysctl -qw net.ipv6.conf.$each.disable_ipv6=1; ip link set $each mtu 9000 arp off up; done && ";
    }

    /** The kernel copies what arrives at the far end to further wires: more packets than one sender can send. */
    private static String mirroring(int mirrors) {
        if (mirrors == 0) {
            return "";
        }
        StringBuilder pairs = new StringBuilder();
        // of the classifiers u32 is the one that most kernels have: it is to match everything
        StringBuilder filter = new StringBuilder(
                "tc qdisc add dev " + FAR + " clsact && tc filter add dev " + FAR + " ingress u32 match u32 0 0");
        for (int n = 1; n <= mirrors; n++) {
            pairs.append(pair("to" + n, mirror(n)));
            filter.append(" action mirred egress mirror dev to" + n);
        }
        return pairs + filter.append(" && ").toString();
    }

    /** Runs this program again, in a namespace with a wire and so many mirrors of it; returns its exit status. */
    static int enter(Path home, int mirrors, List<String> arguments) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                "unshare",
                "-n",
                "sh",
                "-c",
                "ip link set lo up && " + pair(NEAR, FAR) + mirroring(mirrors) + "exec \"$@\"",
                "sh",
                Cluster.java(),
                "-Xmx1g",
                "-D" + INSIDE + "=true",
                "-Dflowstate.home=" + home,
                "-cp",
                Cluster.classPath(),
                Benchmarks.class.getName()));
        words.addAll(arguments);
        Process process = new ProcessBuilder(words).inheritIO().start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        return process.waitFor();
    }

    /** Writes traffic as it is on a wire, each packet whole. */
    static Truth write(Path file, Traffic.Mix mix, long segments, int open) throws IOException {
        byte[] whole = new byte[2048];
        try (CaptureOutput out = new CaptureOutput(new BufferedOutputStream(Files.newOutputStream(file), 1 << 20))) {
            return Traffic.generate(1, mix, segments, open, 0, (timeNs, frame, captured, length) -> {
                System.arraycopy(frame, 0, whole, 0, captured);
                java.util.Arrays.fill(whole, captured, length, (byte) 0);
                out.packet(timeNs, whole, length, length);
            });
        }
    }

    /**
     * Starts to send a capture, over and over, from memory.
     *
     * @param rate packets a second; 0 for as many as can be sent
     * @param loops how often; 0 for no end
     */
    static Program send(Path file, long rate, long loops, Path folder) throws IOException {
        return Program.start(new Program.Command(
                List.of(
                        String.valueOf(Peers.find("tcpreplay")),
                        "-i",
                        NEAR,
                        "-K",
                        rate == 0 ? "--topspeed" : "--pps=" + rate,
                        "--loop=" + loops,
                        file.toString()),
                folder.resolve("tcpreplay.out"),
                folder.resolve("tcpreplay.err")));
    }

    /** What was sent, and in how many seconds. */
    record Sent(long packets, double seconds) {
        double rate() {
            return packets / seconds;
        }
    }

    /** What tcpreplay said at its end. */
    static Sent sent(Program tcpreplay) throws IOException, WrongResultException {
        String said = tcpreplay.output() + tcpreplay.errors();
        Matcher actual = ACTUAL.matcher(said);
        if (!actual.find()) {
            throw new WrongResultException("tcpreplay did not say what it sent: " + said);
        }
        return new Sent(Long.parseLong(actual.group(1)), Double.parseDouble(actual.group(3)));
    }
}
