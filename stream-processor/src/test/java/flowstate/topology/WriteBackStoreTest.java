package flowstate.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.common.serialization.BytesDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The store below a task of Kafka Streams' own, which commits a transaction after each piece of work: what such a commit
 * leaves in the changelog is what a restart would find.
 */
@ParameterizedClass(name = "large values: {0}")
@ValueSource(booleans = {false, true})
class WriteBackStoreTest {
    private static final String STORE = "kept";
    private static final String CHANGELOG = "app-" + STORE + "-changelog";
    private static final int CAPACITY = 3;
    private static final int ENCODED_OCTETS = 1 << 20;

    /** Whether values are larger than what is kept encoded: then what has no room as an object is written at once. */
    @Parameter
    private boolean large;

    @TempDir
    private Path stateDir;

    private TopologyTestDriver driver;
    private TestInputTopic<String, String> input;
    private Consumer<WriteBackStore<String>> work = store -> {};

    @BeforeEach
    void start() {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "app");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
        settings.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        // what is written after the commit belongs to the next transaction, and is not seen
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        Topology topology = new Topology();
        topology.addSource("in", new StringDeserializer(), new StringDeserializer(), "in");
        topology.addProcessor("worker", Worker::new, "in");
        topology.addStateStore(WriteBackStore.builder(STORE, serde(), CAPACITY, ENCODED_OCTETS), "worker");
        driver = new TopologyTestDriver(topology, settings);
        input = driver.createInputTopic("in", new StringSerializer(), new StringSerializer());
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    private final class Worker implements Processor<String, String, Void, Void> {
        private @Nullable WriteBackStore<String> store;

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            WriteBackStore<String> found = context.getStateStore(STORE);
            found.takeStock((key, value) -> {});
            store = found;
        }

        @Override
        public void process(Record<String, String> record) {
            work.accept(Objects.requireNonNull(store));
        }
    }

    private Serde<String> serde() {
        int least = large ? EncodedEntries.PAGE_OCTETS : 0;
        return Serdes.serdeFrom(
                (topic, text) -> text == null ? null : (text + " ".repeat(least)).getBytes(StandardCharsets.UTF_8),
                (topic, octets) -> octets == null ? null : new String(octets, StandardCharsets.UTF_8).strip());
    }

    /** Does the work, then commits; returns what the commit left in the changelog, key=value, a deletion as key=null. */
    private List<String> committed(Consumer<WriteBackStore<String>> some) {
        work = some;
        input.pipeInput("go");
        if (!driver.producedTopicNames().contains(CHANGELOG)) {
            return List.of();
        }
        List<String> changes = new ArrayList<>();
        for (KeyValue<Bytes, String> change : driver.createOutputTopic(
                        CHANGELOG, new BytesDeserializer(), serde().deserializer())
                .readKeyValuesToList()) {
            changes.add(new String(change.key.get(), StandardCharsets.UTF_8) + "=" + change.value);
        }
        return changes;
    }

    private static Bytes key(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> drained(KeyValueIterator<Bytes, ?> iterator) {
        List<String> keys = new ArrayList<>();
        try (iterator) {
            iterator.forEachRemaining(entry -> keys.add(new String(entry.key.get(), StandardCharsets.UTF_8)));
        }
        return keys;
    }

    /** Fails if Kafka Streams no longer lets its caches be written before it commits. */
    @Test
    void whatIsPutIsInTheChangelogWithTheSameCommit() {
        assertThat(committed(store -> store.put(key("a"), "1"))).containsExactly("a=1");
        assertThat(committed(store -> store.put(key("b"), "2"))).containsExactly("b=2");
    }

    @Test
    void whatIsChangedOftenIsWrittenOnce() {
        assertThat(committed(store -> {
                    store.put(key("a"), "1");
                    store.put(key("a"), "2");
                    store.put(key("a"), "3");
                }))
                .containsExactly("a=3");
    }

    @Test
    void whatComesAndGoesBetweenTwoCommitsIsNeverWritten() {
        assertThat(committed(store -> {
                    store.put(key("a"), "1");
                    store.delete(key("a"));
                    assertThat(store.live(key("b"))).isNull();
                    store.put(key("b"), "1");
                    store.delete(key("b"));
                }))
                .isEmpty();
    }

    @Test
    void whatIsOnlyReadIsNotWrittenAgain() {
        committed(store -> store.put(key("a"), "1"));

        assertThat(committed(store -> assertThat(store.live(key("a"))).isEqualTo("1")))
                .isEmpty();
    }

    @Test
    void whatWasCommittedAndIsDeletedIsDeletedInTheChangelogToo() {
        committed(store -> {
            store.put(key("a"), "1");
            store.put(key("b"), "1");
        });

        assertThat(committed(store -> {
                    store.delete(key("a"));
                    store.delete(key("b"));
                }))
                .containsExactlyInAnyOrder("a=null", "b=null");
        assertThat(committed(store -> {
                    assertThat(store.live(key("a"))).isNull();
                    assertThat(store.live(key("b"))).isNull();
                }))
                .isEmpty();
    }

    @Test
    void whatIsDeletedAfterItWasReadAgainIsDeletedInTheChangelogToo() {
        committed(store -> {
            for (String name : List.of("a", "b", "c", "d")) {
                store.put(key(name), "1");
            }
        });

        assertThat(committed(store -> {
                    assertThat(store.live(key("a")))
                            .as("had no room on the heap")
                            .isEqualTo("1");
                    store.delete(key("a"));
                }))
                .containsExactly("a=null");
    }

    @Test
    void whatIsDeletedAndComesAgainIsThere() {
        committed(store -> store.put(key("a"), "1"));

        assertThat(committed(store -> {
                    store.delete(key("a"));
                    assertThat(store.live(key("a"))).isNull();
                    store.put(key("a"), "2");
                }))
                .endsWith("a=2");
    }

    @Test
    void whatHasNoRoomOnTheHeapIsNotLost() {
        List<String> names = List.of("a", "b", "c", "d", "e", "f", "g");

        List<String> changes = committed(store -> {
            names.forEach(name -> store.put(key(name), name + "1"));
            names.forEach(name -> assertThat(store.live(key(name))).as(name).isEqualTo(name + "1"));
            store.put(key("a"), "a2");
        });

        assertThat(changes)
                .contains("b=b1", "c=c1", "d=d1", "e=e1", "f=f1", "g=g1")
                .filteredOn(change -> change.startsWith("a="))
                .containsExactly(large ? new String[] {"a=a1", "a=a2"} : new String[] {"a=a2"});
        assertThat(changes).hasSize(names.size() + (large ? 1 : 0));
        committed(store -> {
            assertThat(store.live(key("a"))).isEqualTo("a2");
            assertThat(store.live(key("g"))).isEqualTo("g1");
        });
    }

    @Test
    void whatIsDeletedAfterItHadNoRoomOnTheHeapStaysDeleted() {
        List<String> changes = committed(store -> {
            for (String name : List.of("a", "b", "c", "d")) {
                store.put(key(name), "1");
            }
            store.delete(key("a"));
            for (String name : List.of("e", "f", "g")) {
                store.put(key(name), "1");
            }
            assertThat(store.live(key("a"))).isNull();
        });

        assertThat(changes.stream().filter(change -> change.startsWith("a=")))
                .containsExactly(large ? new String[] {"a=1", "a=null"} : new String[] {});
    }

    @Test
    void whatIsCommittedAndHasNoRoomAsAnObjectIsNotWrittenAgain() {
        List<String> names = List.of("a", "b", "c", "d", "e", "f", "g");
        committed(store -> names.forEach(name -> store.put(key(name), name)));

        assertThat(committed(store ->
                        names.forEach(name -> assertThat(store.live(key(name))).isEqualTo(name))))
                .isEmpty();
        assertThat(committed(store -> {
                    names.forEach(name -> assertThat(store.live(key(name))).isEqualTo(name));
                    store.put(key("a"), "new");
                }))
                .containsExactly("a=new");
        assertThat(committed(store -> {
                    assertThat(store.live(key("a"))).isEqualTo("new");
                    store.delete(key("b"));
                }))
                .containsExactly("b=null");
    }

    @Test
    void aScanSeesWhatIsNotCommittedYetInTheOrderOfKeys() {
        committed(store -> {
            store.put(key("b"), "1");
            store.put(key("x"), "1");
        });

        committed(store -> {
            store.put(key("c"), "1");
            store.put(key("a"), "1");
            store.delete(key("b"));
            assertThat(drained(store.scan(key("a"), key("d")))).containsExactly("a", "c");
        });
    }

    @Test
    void aQuerySeesWhatWasLastLogged() {
        committed(store -> store.put(key("a"), "1"));

        committed(store -> {
            store.put(key("a"), "2");
            store.put(key("b"), "1");
            assertThat(store.get(key("a"))).isEqualTo("1");
            assertThat(store.get(key("b"))).isNull();
            store.flushCache();
            assertThat(store.get(key("a"))).isEqualTo("2");
            store.put(key("a"), "3");
            store.put(key("b"), "longer");
            assertThat(store.get(key("a"))).isEqualTo("2");
            assertThat(store.get(key("b"))).isEqualTo("1");
            store.flushCache();
            store.delete(key("b"));
            store.flushCache();
            assertThat(store.get(key("a"))).isEqualTo("3");
            assertThat(store.get(key("b"))).isNull();
        });
    }

    @Test
    void aQuerySeesWhatHadNoRoomOnTheHeapAndWasAskedForAgain() {
        List<String> names = List.of("a", "b", "c", "d", "e", "f", "g");
        committed(store -> {
            names.forEach(name -> store.put(key(name), name));
            store.flushCache();
            names.forEach(name -> store.put(key(name), name + "2"));
            store.put(key("a"), "a3");
            for (String name : names) {
                assertThat(store.get(key(name))).isIn(name, name + "2");
            }
        });
    }

    @Test
    void whatIsLoggedIsSavedOnlyWhenItHasNoRoomOrTheTaskGoes() {
        committed(store -> {
            store.put(key("a"), "1");
            store.put(key("b"), "1");
            store.flushCache();
            store.delete(key("b"));
            store.flushCache();
            assertThat(stock(store)).containsExactly(large ? new String[] {"a1"} : new String[] {});
            store.commit(Map.of());
            assertThat(stock(store)).containsExactly("a1");
            store.put(key("a"), "2");
            store.put(key("c"), "1");
            store.flushCache();
            assertThat(stock(store)).containsExactly(large ? new String[] {"a2", "c1"} : new String[] {"a1"});
            store.clearCache();
            assertThat(stock(store)).as("as for a standby task").containsExactly("a2", "c1");
        });
    }

    private static List<String> stock(WriteBackStore<String> store) {
        List<String> stock = new ArrayList<>();
        store.takeStock((key, value) -> stock.add(new String(key.get(), StandardCharsets.UTF_8) + value));
        return stock;
    }

    @Test
    void whatIsStoredIsInTheStockAndFoundAfterARestart() {
        committed(store -> {
            store.put(key("a"), "1");
            store.put(key("b"), "2");
        });

        assertThat(committed(store -> {
                    store.clearCache();
                    assertThat(stock(store)).containsExactly("a1", "b2");
                    assertThat(store.live(key("a"))).isEqualTo("1");
                    store.delete(key("b"));
                    assertThat(store.live(key("c"))).isNull();
                }))
                .containsExactly("b=null");
    }
}
