package flowstate.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Octets that topics take on a broker's disk, at their most; looked at while the broker runs. Thread-safe. */
final class KafkaFiles {
    private static final int DEEP_ENOUGH = 4;

    private final Path folder;
    private final Map<String, Long> octetsByTopic = new TreeMap<>();

    /** That of a broker which keeps its logs somewhere below a folder. */
    KafkaFiles(Path folder) {
        this.folder = folder;
    }

    synchronized void look() {
        Map<String, Long> now = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder, DEEP_ENOUGH)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".log")).toList()) {
                // .../TOPIC-PARTITION/OFFSET.log
                String partition = file.getName(file.getNameCount() - 2).toString();
                int dash = partition.lastIndexOf('-');
                if (dash > 0) {
                    now.merge(partition.substring(0, dash), Files.size(file), Long::sum);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // files come and go
        }
        now.forEach((topic, octets) -> octetsByTopic.merge(topic, octets, Math::max));
    }

    synchronized long segments() {
        return octets("flowstate.segments");
    }

    synchronized long events() {
        return octets("flowstate.lifecycle") + octets("flowstate.anomalies");
    }

    synchronized long changelogs() {
        return changelogTopics().stream().mapToLong(this::octets).sum();
    }

    synchronized List<String> changelogTopics() {
        return octetsByTopic.keySet().stream()
                .filter(topic -> topic.endsWith("-changelog"))
                .toList();
    }

    private long octets(String topic) {
        return octetsByTopic.getOrDefault(topic, 0L);
    }
}
