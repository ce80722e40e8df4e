package flowstate.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SchemasTest {
    private static final Path RELEASED = Path.of("src/main/resources/flowstate/schema/released");

    static List<Schema> schemas() {
        return List.of(SegmentBatch.getClassSchema(), LifecycleEvent.getClassSchema(), Anomaly.getClassSchema());
    }

    static List<Path> released() throws IOException {
        try (Stream<Path> files = Files.walk(RELEASED)) {
            return files.filter(file -> file.toString().endsWith(".avsc"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void everyTypeAndFieldHasADoc(Schema schema) {
        List<String> undocumented = new ArrayList<>();
        collectUndocumented(schema, schema.getName(), new HashSet<>(), undocumented);
        assertThat(undocumented).isEmpty();
    }

    private static void collectUndocumented(Schema schema, String path, Set<String> seen, List<String> undocumented) {
        switch (schema.getType()) {
            case RECORD -> {
                if (seen.add(schema.getFullName())) {
                    addIfBlank(schema.getDoc(), path, undocumented);
                    for (Schema.Field field : schema.getFields()) {
                        String fieldPath = schema.getName() + "." + field.name();
                        addIfBlank(field.doc(), fieldPath, undocumented);
                        collectUndocumented(field.schema(), fieldPath, seen, undocumented);
                    }
                }
            }
            case ENUM -> addIfBlank(schema.getDoc(), path, undocumented);
            case ARRAY -> collectUndocumented(schema.getElementType(), path, seen, undocumented);
            case UNION -> schema.getTypes().forEach(type -> collectUndocumented(type, path, seen, undocumented));
            default -> {}
        }
    }

    @SuppressWarnings("NullAway") // a missing doc is null
    private static void addIfBlank(String doc, String path, List<String> undocumented) {
        if (doc == null || doc.isBlank()) {
            undocumented.add(path);
        }
    }

    @Test
    void everyEnumHasADefaultSoThatNewSymbolsCanBeAdded() {
        for (Schema schema : schemas()) {
            for (Schema.Field field : schema.getFields()) {
                if (field.schema().getType() == Schema.Type.ENUM) {
                    assertThat(field.schema().getEnumDefault()).as(field.name()).isEqualTo("UNKNOWN");
                }
            }
        }
    }

    /** FULL_TRANSITIVE: old readers read new records, new readers read old ones, for every release. */
    @ParameterizedTest
    @MethodSource("released")
    void theSchemaAndEachReleasedFormReadEachOther(Path file) throws IOException {
        Schema old = new Schema.Parser().parse(Files.readString(file));
        Schema now = schemas().stream()
                .filter(schema -> schema.getFullName().equals(old.getFullName()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(old.getFullName() + " is gone"));
        assertReads(now, old, "the present form does not read " + file);
        assertReads(old, now, file + " does not read the present form");
    }

    private static void assertReads(Schema reader, Schema writer, String otherwise) {
        var verdict = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
        assertThat(verdict.getType())
                .as("%s: %s", otherwise, verdict.getResult().getIncompatibilities())
                .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }

    @Test
    void everySchemaIsInEveryRelease() throws IOException {
        try (Stream<Path> releases = Files.list(RELEASED)) {
            assertThat(releases.filter(Files::isDirectory)).isNotEmpty().allSatisfy(release -> {
                for (Schema schema : schemas()) {
                    assertThat(release.resolve(schema.getName() + ".avsc")).exists();
                }
            });
        }
    }

    static List<Schema> generated() {
        return List.of(LifecycleEvent.getClassSchema(), Anomaly.getClassSchema());
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void theProgramFindsEachReleasedForm(Schema schema) throws IOException {
        try (Stream<Path> releases = Files.list(RELEASED)) {
            assertThat(SingleObject.released(schema))
                    .hasSize((int) releases.filter(Files::isDirectory).count());
        }
    }

    /** With it the generated coders are used; one logical type in a schema switches them off silently. */
    @ParameterizedTest
    @MethodSource("generated")
    void everyRecordHasItsGeneratedCoder(Schema schema) throws ReflectiveOperationException {
        Class<?> type = Class.forName(schema.getFullName());
        SpecificRecordBase record =
                (SpecificRecordBase) type.getDeclaredConstructor().newInstance();
        var hasCustomCoders = SpecificRecordBase.class.getDeclaredMethod("hasCustomCoders");
        hasCustomCoders.setAccessible(true);
        assertThat(hasCustomCoders.invoke(record)).isEqualTo(true);
    }
}
