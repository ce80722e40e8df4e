package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * What a processor that stops leaves to the next one: what it has committed to its changelogs. Kafka's test driver neither keeps
 * its stores nor restores any, so this writes it into the stores of the next one before that starts.
 */
final class KeptState {
    private static final List<String> STORES = List.of(Stores.CONNECTIONS, Stores.OBSERVERS, Stores.HOSTS);

    private final String application;
    private final Path scratch;
    private final Map<String, Map<Bytes, byte[]>> stored = new TreeMap<>();
    private int folders;

    /** @param scratch for the folders of all of them */
    KeptState(String application, Path scratch) {
        this.application = application;
        this.scratch = scratch;
    }

    /** Where the next one is to find its state. */
    Path folder() throws IOException {
        Path folder = Files.createDirectory(scratch.resolve("state" + folders++));
        if (stored.isEmpty()) {
            return folder;
        }
        Path task = Files.createDirectories(folder.resolve(application).resolve("0_0"));
        MockProcessorContext<Object, Object> context =
                new MockProcessorContext<>(new Properties(), new TaskId(0, 0), task.toFile());
        for (String name : STORES) {
            KeyValueStore<Bytes, byte[]> store = org.apache.kafka.streams.state.Stores.persistentKeyValueStore(name)
                    .get();
            store.init(context.getStateStoreContext(), store);
            stored.getOrDefault(changelog(name), Map.of()).forEach(store::put);
            // as after a restoration: Streams takes a store without an offset for corrupted
            store.commit(Map.of(new TopicPartition(changelog(name), 0), 0L));
            store.close();
        }
        return folder;
    }

    /** Takes what one has committed since it started, the latest of each key. */
    void take(TopologyTestDriver driver) {
        assertThat(driver.producedTopicNames().stream().filter(topic -> topic.endsWith("-changelog")))
                .isSubsetOf(STORES.stream().map(this::changelog).toList());
        for (String name : STORES) {
            Map<Bytes, byte[]> entries = stored.computeIfAbsent(changelog(name), first -> new TreeMap<>());
            TestOutputTopic<byte[], byte[]> changelog =
                    driver.createOutputTopic(changelog(name), new ByteArrayDeserializer(), new ByteArrayDeserializer());
            changelog.readRecordsToList().forEach(record -> {
                if (record.value() == null) {
                    entries.remove(Bytes.wrap(record.key()));
                } else {
                    entries.put(Bytes.wrap(record.key()), record.value());
                }
            });
        }
    }

    private String changelog(String store) {
        return application + "-" + store + "-changelog";
    }
}
