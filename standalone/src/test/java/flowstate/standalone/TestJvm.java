package flowstate.standalone;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How tests start a main class of their class path in a JVM of its own. */
final class TestJvm {
    static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private TestJvm() {}

    /** The words of a command. Warnings of the JVM itself would be on stdout, which tests read. */
    static List<String> command(List<String> options, String main, String... arguments) {
        List<String> words = new ArrayList<>(List.of(JAVA, "-XX:TieredStopAtLevel=1", "-Xlog:disable"));
        words.addAll(options);
        words.addAll(Classes.OPTIONS);
        words.add(main);
        words.addAll(List.of(arguments));
        return words;
    }

    /**
     * Where classes are. Half of what a short-lived JVM does is to load Kafka's: so they come from an archive (AppCDS), which is
     * made once. Such an archive is of jars only, and these must come first; the jar of all has the classes that are tested, too.
     */
    private static final class Classes {
        private static final String CLASS_PATH = System.getProperty("java.class.path");
        static final List<String> OPTIONS = options();

        private static List<String> options() {
            try {
                String jar = Repository.jar("standalone").toString();
                Path folder = Files.createTempDirectory("flowstate-classes");
                Path archive = folder.resolve("classes.jsa");
                // the last to be registered goes first
                folder.toFile().deleteOnExit();
                archive.toFile().deleteOnExit();
                Process making = new ProcessBuilder(
                                JAVA,
                                "-XX:TieredStopAtLevel=1",
                                "-XX:ArchiveClassesAtExit=" + archive,
                                "-cp",
                                jar,
                                "flowstate.standalone.Flowstate",
                                "replay",
                                Repository.root()
                                        .resolve("docs/captures/four-way-close.pcap")
                                        .toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (making.waitFor(2, TimeUnit.MINUTES) && Files.exists(archive)) {
                    return List.of("-XX:SharedArchiveFile=" + archive, "-cp", jar + File.pathSeparator + CLASS_PATH);
                }
                making.destroyForcibly();
            } catch (IOException | IllegalStateException e) {
                // as where nothing is packaged: without it they only start later
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return List.of("-cp", CLASS_PATH);
        }
    }
}
