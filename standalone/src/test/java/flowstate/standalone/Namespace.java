package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * A network namespace in which nothing else talks: a host of a test's own. What its programs print goes to
 * {@code NAME.out} and {@code NAME.err} in its folder. Closing ends them all, and the namespace with them.
 */
final class Namespace implements AutoCloseable {
    private final Path folder;
    private final Process holder;
    private final List<Process> started = new ArrayList<>();
    private int commands;

    private Namespace(Path folder, Process holder) {
        this.folder = folder;
        this.holder = holder;
    }

    /**
     * A new namespace with its loopback interface up. Skips the test where that is not permitted, or where a program that
     * tests in namespaces need is not installed.
     */
    static Namespace make(Path folder) throws IOException, InterruptedException {
        try {
            // unshare has become sleep when it has a namespace of its own
            Process holder = run(folder, "namespace", List.of("unshare", "-n", "sleep", "3600"));
            await().until(() -> !Files.readSymbolicLink(Path.of("/proc/" + holder.pid() + "/ns/net"))
                            .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/net")))
                    || !holder.isAlive());
            Namespace namespace = new Namespace(folder, holder);
            namespace.started.add(holder);
            // all namespaces have one iptables lock: -w waits for it
            boolean works = holder.isAlive()
                    && namespace.run("ip", "link", "set", "lo", "up") == 0
                    && namespace.run("iptables", "-w", "-L", "-n") == 0
                    && namespace.run("tcpdump", "--version") == 0;
            if (!works) {
                namespace.close();
            }
            assumeTrue(
                    works, "live capture is tested by root with unshare, nsenter, ip, iptables, and libpcap (tcpdump)");
            return namespace;
        } catch (IOException e) {
            assumeTrue(false, "live capture is tested by root with unshare, nsenter, ip, iptables: " + e.getMessage());
            throw e;
        }
    }

    /** Waits for what comes sooner, or on a busy machine later: the limit only ends a test that fails. */
    static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofMinutes(1));
    }

    private static Process run(Path folder, String name, List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .redirectOutput(folder.resolve(name + ".out").toFile())
                .redirectError(folder.resolve(name + ".err").toFile())
                .start();
    }

    /** What is told to {@code ip link set DEV netns PID}. */
    String id() {
        return String.valueOf(holder.pid());
    }

    /** Starts a program in it. */
    Process start(String name, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("nsenter", "-t", id(), "-n"));
        command.addAll(List.of(words));
        Process process = run(folder, name, command);
        started.add(process);
        return process;
    }

    /** Runs a program in it to its end; returns its exit status. */
    int run(String... words) throws IOException, InterruptedException {
        return start("command-" + commands++, words).waitFor();
    }

    /** The same for one that must succeed; returns what it printed. */
    String need(String... words) throws IOException, InterruptedException {
        String name = "command-" + commands++;
        int status = start(name, words).waitFor();
        assertThat(status)
                .as(String.join(" ", words) + ": " + text(name + ".err"))
                .isZero();
        return text(name + ".out");
    }

    /** Starts a main class of the test's class path in it. */
    Process startJava(String name, String main, String... arguments) throws IOException {
        List<String> options = List.of("-Xmx300m", "-Dlogback.configurationFile=flowstate/capture/logback.xml");
        return start(name, TestJvm.command(options, main, arguments).toArray(String[]::new));
    }

    /** Starts a broker with a topic of segments, at a port or an address with one, and waits until it is there. */
    Process broker(String name, String at) throws IOException {
        String files = Files.createDirectory(folder.resolve(name)).toString();
        Process broker = startJava(name, "flowstate.standalone.SegmentsTopicTool", "broker", at, files);
        awaitText(broker, name, ".out", "ready");
        return broker;
    }

    /** Waits until a program that goes on running has printed some words. */
    void awaitText(Process program, String name, String stream, String words) throws IOException {
        await().until(() -> text(name + stream).contains(words) || !program.isAlive());
        assertThat(program.isAlive()).as(text(name + ".err")).isTrue();
    }

    /** What a program has printed so far; the file is NAME.out or NAME.err. */
    String text(String file) throws IOException {
        return Files.readString(folder.resolve(file));
    }

    @Override
    public void close() throws InterruptedException {
        for (Process each : started) {
            each.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }
}
