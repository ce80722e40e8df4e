package flowstate.standalone;

import static flowstate.standalone.Namespace.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What live capture may do besides capturing: nothing. By {@code ./flowstate}, as users start it. */
@Timeout(120)
class PrivilegesIT extends InNamespace {
    private static final String NOBODY = "65534";

    /** Bit 13 of a capability set (linux/capability.h). */
    private static final String NET_RAW = "0000000000002000";

    private static final String NONE = "0000000000000000";

    @BeforeEach
    void aProgramThatAnybodyMayRead() throws Exception {
        Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rwxrwxrwx"));
        assumeTrue(
                namespace.run(asNobody(
                                NET_RAW,
                                "test",
                                "-r",
                                Repository.jar("standalone").toString()))
                        == 0,
                "needs setpriv, and a repository that everybody may read");
    }

    private static String[] asNobody(String capabilities, String... command) {
        String only = capabilities.equals(NONE) ? "-all" : "-all,+net_raw";
        List<String> words = new ArrayList<>(List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY));
        words.addAll(List.of("--clear-groups", "--inh-caps", only, "--ambient-caps", only, "--bounding-set", only));
        words.addAll(List.of(command));
        return words.toArray(String[]::new);
    }

    private static String flowstate() {
        return Repository.root().resolve("flowstate").toString();
    }

    private Process captures(String name, String... command) throws IOException {
        Process process = namespace.start(name, command);
        namespace.awaitText(process, name, ".err", "captures lo");
        return process;
    }

    /** The values that a line of its status has, of all its threads together. */
    private static Map<String, Set<String>> ofAllThreads(Process process) throws IOException {
        Map<String, Set<String>> values = new TreeMap<>();
        try (Stream<Path> threads = Files.list(Path.of("/proc", String.valueOf(process.pid()), "task"))) {
            threads.flatMap(PrivilegesIT::status)
                    .map(line -> line.split(":\\s*", 2))
                    .filter(line -> line[0].matches("Cap(Prm|Eff|Bnd)|Uid"))
                    .forEach(line -> values.computeIfAbsent(line[0], name -> new TreeSet<>())
                            .add(line[1]));
        }
        return values;
    }

    private static Stream<String> status(Path thread) {
        try {
            return Files.readAllLines(thread.resolve("status")).stream();
        } catch (NoSuchFileException e) {
            return Stream.of(); // it has ended meanwhile
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Set<String>> netRawAlone(String uid) {
        return Map.of(
                "CapPrm",
                Set.of(NET_RAW),
                "CapEff",
                Set.of(NET_RAW),
                "CapBnd",
                Set.of(NET_RAW),
                "Uid",
                Set.of(String.join("\t", uid, uid, uid, uid)));
    }

    @Test
    void aUserWithNetRawAloneCapturesAndPublishes() throws Exception {
        Process live = captures(
                "live", asNobody(NET_RAW, flowstate(), "live", "-i", "lo", "--filter", "port 12456", "--port", "9092"));
        Process agent = captures(
                "agent",
                asNobody(
                        NET_RAW,
                        flowstate(),
                        "agent",
                        "-i",
                        "lo",
                        "--filter",
                        "port 12456",
                        "--brokers",
                        "127.0.0.1:9092",
                        "--spool-dir",
                        scratch.resolve("spool").toString()));
        assertThat(namespace
                        .startJava("traffic", "flowstate.standalone.LiveTraffic")
                        .waitFor())
                .isZero();

        await().untilAsserted(() -> assertThat(text("live.out")).contains("CLOSED"));
        assertThat(ofAllThreads(live)).isEqualTo(netRawAlone(NOBODY));
        assertThat(ofAllThreads(agent)).isEqualTo(netRawAlone(NOBODY));
        agent.destroy();
        assertThat(agent.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(text("agent.err"))
                .containsPattern("segments published +1[6-9]|segments published +20")
                .doesNotContain("unaccounted");
    }

    @Test
    void aUserWithoutItIsToldInOneLineWhatToGrant() throws Exception {
        assertRefused("live", asNobody(NONE, flowstate(), "live", "-i", "lo"));
        assertRefused("agent", asNobody(NONE, flowstate(), "agent", "-i", "lo", "--brokers", "127.0.0.1:9092"));
    }

    private void assertRefused(String name, String... command) throws Exception {
        Process process = namespace.start(name, command);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(text(name + ".err"))
                .contains("lo: no permission to capture. Grant the program CAP_NET_RAW")
                .hasLineCount(1);
        assertThat(text(name + ".out")).isEmpty();
    }

    @Test
    void rootGivesUpAllElseAndUnderSudoIsWhoCalled() throws Exception {
        Process root = captures("root", agent("-u", "SUDO_UID"));
        Process sudo = captures("sudo", agent("SUDO_UID=" + NOBODY, "SUDO_GID=" + NOBODY));

        assertThat(ofAllThreads(root)).isEqualTo(netRawAlone("0"));
        assertThat(ofAllThreads(sudo)).isEqualTo(netRawAlone(NOBODY));
    }

    /** One that keeps nothing and has no broker. */
    private static String[] agent(String... environment) {
        List<String> words = new ArrayList<>(List.of("env"));
        words.addAll(List.of(environment));
        words.addAll(List.of(flowstate(), "agent", "-i", "lo", "--spool-limit", "0"));
        words.addAll(List.of("--brokers", "127.0.0.1:9092", "--connect-limit", "1"));
        return words.toArray(String[]::new);
    }
}
