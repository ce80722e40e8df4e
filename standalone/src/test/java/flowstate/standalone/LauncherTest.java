package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, with a Java and a Maven that only say how they were called. */
class LauncherTest {
    @TempDir
    private Path folder;

    private Path home;
    private Path javaHome;
    private Path path;

    private record Ended(int status, String out, String err) {}

    @BeforeEach
    void setUp() throws IOException {
        home = Files.createDirectories(folder.resolve("home with space"));
        Files.copy(Path.of("..", "flowstate"), home.resolve("flowstate"));
        Files.setPosixFilePermissions(home.resolve("flowstate"), PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String module : List.of("schemas", "capture-agent", "stream-processor", "standalone")) {
            Files.createDirectories(home.resolve(module).resolve("src/main"));
            Files.createFile(home.resolve(module).resolve("pom.xml"));
        }
        Files.createFile(home.resolve("pom.xml"));
        javaHome = Files.createDirectories(folder.resolve("java"));
        Files.createDirectories(javaHome.resolve("bin"));
        script(javaHome.resolve("bin/javac"), "exit 0");
        java("17.0.15");
        path = Files.createDirectories(folder.resolve("path"));
    }

    @Test
    void itBuildsOnceAndPassesArgumentsOn() throws Exception {
        mavenThatBuilds();

        Ended first = launch(home.resolve("flowstate"), "replay", "a b.pcap");
        Ended second = launch(home.resolve("flowstate"), "replay", "a b.pcap");

        assertThat(first.status()).isZero();
        assertThat(first.err()).contains("flowstate: building").hasLineCount(1);
        assertThat(second.err()).isEmpty();
        assertThat(second.out())
                .isEqualTo(first.out())
                .endsWith("<-jar>\n<" + home.toRealPath() + "/standalone/target/standalone-1-all.jar>\n"
                        + "<replay>\n<a b.pcap>\n");
    }

    @Test
    void newerSourcesAreBuiltAgain() throws Exception {
        mavenThatBuilds();
        launch(home.resolve("flowstate"));
        Path jar = home.resolve("standalone/target/standalone-1-all.jar");
        Files.setLastModifiedTime(jar, FileTime.fromMillis(0));

        assertThat(launch(home.resolve("flowstate")).err()).contains("flowstate: building");
    }

    /** As Maven does after a change that makes no other classes, such as one of a comment. */
    @Test
    void sourcesOfWhichABuildMakesTheSameJarAreBuiltOnce() throws Exception {
        mavenThatBuilds();
        launch(home.resolve("flowstate"));
        Path jar = home.resolve("standalone/target/standalone-1-all.jar");
        script(path.resolve("mvn"), "echo nothing to do");
        Files.setLastModifiedTime(jar, FileTime.fromMillis(0));

        assertThat(launch(home.resolve("flowstate")).err()).contains("flowstate: building");
        assertThat(launch(home.resolve("flowstate")).err()).isEmpty();
    }

    @Test
    void theFirstReplayMakesAnArchiveOfClassesForTheSameJavaAndJar() throws Exception {
        mavenThatBuilds();
        sample();
        String target = home.toRealPath() + "/standalone/target/";

        assertThat(launch(home.resolve("flowstate")).out()).doesNotContain("SharedArchiveFile");
        Ended first = launch(home.resolve("flowstate"), "replay", "a.pcap");
        Ended second = launch(home.resolve("flowstate"), "replay", "a.pcap");

        assertThat(first.out()).contains("<-XX:SharedArchiveFile=" + target + "flowstate-17.0.15.jsa>");
        assertThat(first.err()).contains("flowstate: making an archive").hasLineCount(1);
        assertThat(second).isEqualTo(new Ended(0, first.out(), ""));
        java("25");
        assertThat(launch(home.resolve("flowstate"), "replay", "a.pcap").out())
                .contains("<-XX:SharedArchiveFile=" + target + "flowstate-25.jsa>");
        Files.setLastModifiedTime(
                home.resolve("standalone/target/standalone-1-all.jar"),
                FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(launch(home.resolve("flowstate"), "replay", "a.pcap").err()).contains("making an archive");
    }

    @Test
    void anArchiveThatCannotBeMadeIsNotTriedAgain() throws Exception {
        mavenThatBuilds();
        sample();
        script(
                javaHome.resolve("bin/java"),
                "if [ \"$1\" = -version ]; then echo 'openjdk version \"17.0.15\" 2025' >&2; exit; fi\n"
                        + "case \"$*\" in *ArchiveClassesAtExit*) exit 1;; esac\n"
                        + "echo \"$@\"");

        Ended first = launch(home.resolve("flowstate"), "replay", "a.pcap");
        Ended second = launch(home.resolve("flowstate"), "replay", "a.pcap");

        assertThat(first.err()).contains("making an archive");
        assertThat(first.out()).doesNotContain("SharedArchiveFile");
        assertThat(second).isEqualTo(new Ended(0, first.out(), ""));
    }

    @Test
    void onlyALongReplayHasTheSecondCompiler() throws Exception {
        mavenThatBuilds();
        Path large = folder.resolve("large one.pcap");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength((512L << 20) + 1);
        }

        assertThat(launch(home.resolve("flowstate"), "replay", "small.pcap").out())
                .contains("TieredStopAtLevel=1");
        assertThat(launch(home.resolve("flowstate"), "replay", "small.pcap", large.toString())
                        .out())
                .doesNotContain("TieredStopAtLevel");
        assertThat(launch(home.resolve("flowstate"), "agent").out()).doesNotContain("TieredStopAtLevel");
    }

    @Test
    void rootCapturesThroughSetprivAndDoesAllElseAsItself() throws Exception {
        mavenThatBuilds();
        launch(home.resolve("flowstate"));
        script(path.resolve("id"), "echo 0");
        // one that cannot give anything up
        script(path.resolve("setpriv"), "exit 1");
        script(path.resolve("uname"), "echo Linux");
        Path config = Files.writeString(folder.resolve("agent.properties"), "flowstate.interface=lo\n");

        for (String[] capturing : List.of(
                new String[] {"-v", "live", "-i", "lo"},
                new String[] {"agent", "-ilo"},
                new String[] {"agent", "--interface=lo"},
                new String[] {"agent", "--config", config.toString()},
                new String[] {"agent", "--config=" + config})) {
            assertThat(launch(home.resolve("flowstate"), capturing))
                    .as(String.join(" ", capturing))
                    .satisfies(ended -> assertThat(ended.err())
                            .startsWith("flowstate: captures with all that root may do")
                            .hasLineCount(1))
                    .satisfies(ended -> assertThat(ended.out()).contains("<" + capturing[1] + ">"));
        }
        for (String[] not : List.of(
                new String[] {"agent", "live.pcap"}, new String[] {"replay", "live"}, new String[] {"processor"})) {
            assertThat(launch(home.resolve("flowstate"), not).err())
                    .as(String.join(" ", not))
                    .isEmpty();
        }
    }

    @Test
    void itIsFoundThroughASymbolicLink() throws Exception {
        mavenThatBuilds();
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("home with space", "flowstate"));

        assertThat(launch(link).out()).contains(home.toRealPath() + "/standalone/target/");
    }

    @Test
    void anOldJavaIsNamedWithItsVersion() throws Exception {
        java("1.8.0_402");
        assertThat(launch(home.resolve("flowstate")))
                .isEqualTo(new Ended(
                        1,
                        "",
                        "flowstate: Java 17 or later is needed, " + javaHome
                                + "/bin/java is 1.8.0_402: point JAVA_HOME at a later one\n"));
        java("11.0.2");
        assertThat(launch(home.resolve("flowstate")).err()).contains("is 11.0.2:");
    }

    @Test
    void aLaterJavaIsToldNotToWarn() throws Exception {
        java("25");
        mavenThatBuilds();

        assertThat(launch(home.resolve("flowstate")).out()).contains("<--sun-misc-unsafe-memory-access=allow>");
    }

    @Test
    void aMissingJavaIsSaid() throws Exception {
        Files.delete(javaHome.resolve("bin/java"));

        assertThat(launch(home.resolve("flowstate")).err())
                .isEqualTo("flowstate: JAVA_HOME is " + javaHome
                        + ", which has no bin/java: point it at Java 17 or later, or unset it\n");
    }

    @Test
    void aMissingMavenIsSaid() throws Exception {
        // nothing on the path but what the launcher itself needs
        for (String tool : List.of("dirname", "sed", "head", "find", "readlink")) {
            script(path.resolve(tool), "exec " + onPath(tool) + " \"$@\"");
        }

        Ended ended = launch(path.toString(), home.resolve("flowstate"));

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err())
                .startsWith("flowstate: Flowstate is not built yet and Maven is missing")
                .hasLineCount(1);
    }

    @Test
    void aFailedBuildIsShown() throws Exception {
        script(path.resolve("mvn"), "echo '[ERROR] no network'; exit 1");

        Ended ended = launch(home.resolve("flowstate"));

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err()).contains("[ERROR] no network").contains("flowstate: the build failed");
        assertThat(ended.out()).isEmpty();
    }

    private void sample() throws IOException {
        Files.createFile(Files.createDirectories(home.resolve("docs/captures")).resolve("four-way-close.pcap"));
    }

    private void mavenThatBuilds() throws IOException {
        script(path.resolve("mvn"), "echo noise; echo jar > standalone/target/standalone-1-all.jar");
    }

    private void java(String version) throws IOException {
        script(
                javaHome.resolve("bin/java"),
                "if [ \"$1\" = -version ]; then echo 'openjdk version \"" + version + "\" 2025' >&2; exit; fi\n"
                        + "for a in \"$@\"; do case $a in -XX:ArchiveClassesAtExit=*) echo > \"${a#*=}\";; esac; done\n"
                        + "for a in \"$@\"; do echo \"<$a>\"; done");
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path onPath(String tool) {
        return List.of("/usr/bin", "/bin").stream()
                .map(folder -> Path.of(folder, tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    private Ended launch(Path launcher, String... arguments) throws IOException, InterruptedException {
        return launch(path + ":/usr/bin:/bin", launcher, arguments);
    }

    private Ended launch(String searched, Path launcher, String... arguments) throws IOException, InterruptedException {
        // named, so that its first line's interpreter is not looked for with the path of the test
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", launcher.toString());
        builder.command().addAll(List.of(arguments));
        builder.directory(folder.toFile());
        builder.environment().put("PATH", searched);
        builder.environment().put("JAVA_HOME", javaHome.toString());
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        int status = builder.redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start()
                .waitFor();
        return new Ended(
                status, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }
}
