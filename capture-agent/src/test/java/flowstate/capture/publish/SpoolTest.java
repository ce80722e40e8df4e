package flowstate.capture.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
    private static final long ROOMY = 1 << 20;

    @TempDir
    Path scratch;

    private final List<String> notices = new ArrayList<>();
    private int opened;

    private Spool open(Path folder, long limit, boolean dropOldest) throws IOException {
        return Spool.open(folder, limit, dropOldest, notices::add);
    }

    private static Outgoing record(int number) {
        return new Outgoing(number % 4, ("value " + number).getBytes(), number % 5);
    }

    private static int number(Outgoing record) {
        return Integer.parseInt(new String(record.value).substring("value ".length()));
    }

    private static List<Integer> readAll(Spool spool) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        for (Outgoing each = spool.read(); each != null; each = spool.read()) {
            Outgoing expected = record(number(each));
            assertThat(each.partition).isEqualTo(expected.partition);
            assertThat(each.segments).isEqualTo(expected.segments);
            numbers.add(number(each));
        }
        return numbers;
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    /** The folder as a kill -9 at this moment would leave it. */
    private Path killed(Path folder) throws IOException {
        Path copy = scratch.resolve("copy-" + opened++);
        Files.createDirectories(copy);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    @Test
    void whatWentInFirstComesOutFirstWhileMoreGoesIn() throws IOException {
        List<Integer> out = new ArrayList<>();
        try (Spool spool = open(scratch.resolve("s"), 64 << 10, true)) {
            for (int i = 0; i < 1000; i++) {
                assertThat(spool.append(record(i))).isTrue();
                if (i % 3 == 0) {
                    Outgoing next = spool.read();
                    out.add(number(java.util.Objects.requireNonNull(next)));
                    spool.acknowledge(next.number);
                }
            }
            out.addAll(readAll(spool));
            assertThat(spool.isEmpty()).isFalse();
            spool.acknowledge(999);
            assertThat(spool.isEmpty()).isTrue();
        }
        assertThat(out).isEqualTo(range(0, 1000));
        try (Stream<Path> left = Files.list(scratch.resolve("s"))) {
            assertThat(left.filter(file -> file.toString().endsWith(".spool"))).isEmpty();
        }
    }

    @Test
    void whatTheBrokerHasNotAcknowledgedIsThereAfterAKill() throws IOException {
        Path folder = scratch.resolve("s");
        try (Spool spool = open(folder, ROOMY, true)) {
            for (int i = 0; i < 20; i++) {
                spool.append(record(i));
            }
            for (int i = 0; i < 12; i++) {
                spool.read();
            }
            spool.acknowledge(6);
            spool.settle();
            try (Spool next = open(killed(folder), ROOMY, true)) {
                assertThat(next.unreadSegments())
                        .isEqualTo(IntStream.range(7, 20).map(i -> i % 5).sum());
                assertThat(readAll(next)).isEqualTo(range(7, 20));
                next.append(record(20));
                assertThat(readAll(next)).isEqualTo(range(20, 21));
            }
        }
        assertThat(notices).isEmpty();
    }

    @Test
    void aFileCutAnywhereKeepsEveryWholeRecord() throws IOException {
        Path folder = scratch.resolve("s");
        List<Long> ends = new ArrayList<>();
        Path file = folder.resolve("0000000000000000000.spool");
        try (Spool spool = open(folder, ROOMY, true)) {
            for (int i = 0; i < 5; i++) {
                spool.append(record(i));
                ends.add(Files.size(file));
            }
        }
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            int cut = length;
            Path copy = killed(folder);
            Files.write(copy.resolve(file.getFileName()), java.util.Arrays.copyOf(whole, cut));
            int complete = (int) ends.stream().filter(end -> end <= cut).count();
            notices.clear();
            try (Spool spool = open(copy, ROOMY, true)) {
                assertThat(readAll(spool)).as("cut at " + cut).isEqualTo(range(0, complete));
                spool.append(record(5));
                assertThat(readAll(spool)).isEqualTo(range(5, 6));
            }
            boolean onEdge = cut == 8 || ends.contains((long) cut);
            assertThat(notices).as("cut at " + cut).hasSize(onEdge || cut == 0 ? 0 : 1);
        }
    }

    @Test
    void aBitThatFlippedCutsTheFileThereAndIsTold() throws IOException {
        Path folder = scratch.resolve("s");
        try (Spool spool = open(folder, ROOMY, true)) {
            for (int i = 0; i < 5; i++) {
                spool.append(record(i));
            }
        }
        Path file = folder.resolve("0000000000000000000.spool");
        byte[] octets = Files.readAllBytes(file);
        octets[octets.length - 3] ^= 1;
        Files.write(file, octets);
        try (Spool spool = open(folder, ROOMY, true)) {
            assertThat(readAll(spool)).isEqualTo(range(0, 4));
        }
        assertThat(notices)
                .singleElement()
                .asString()
                .contains("no whole record")
                .contains("cut off");
    }

    @Test
    void aFullSpoolGivesUpTheOldestOrTakesNoMore() throws IOException {
        int segments = IntStream.range(0, 1000).map(i -> i % 5).sum();
        try (Spool spool = open(scratch.resolve("oldest"), 8 << 10, true)) {
            for (int i = 0; i < 1000; i++) {
                assertThat(spool.append(record(i))).isTrue();
            }
            assertThat(spool.droppedSegments() + spool.unreadSegments()).isEqualTo(segments);
            List<Integer> left = readAll(spool);
            assertThat(left).hasSizeBetween(100, 340).isEqualTo(range(1000 - left.size(), 1000));
        }
        try (Spool spool = open(scratch.resolve("newest"), 8 << 10, false)) {
            int taken = 0;
            while (spool.append(record(taken))) {
                taken++;
            }
            assertThat(spool.append(record(taken))).isFalse();
            assertThat(spool.droppedSegments()).isZero();
            assertThat(readAll(spool)).isEqualTo(range(0, taken));
        }
        for (String folder : List.of("oldest", "newest")) {
            try (Stream<Path> files = Files.list(scratch.resolve(folder))) {
                assertThat(files.filter(file -> file.toString().endsWith(".spool"))
                                .mapToLong(file -> file.toFile().length())
                                .sum())
                        .isBetween(4L << 10, 8L << 10);
            }
        }
    }

    @Test
    void twoAgentsCannotShareOne() throws IOException {
        Path folder = scratch.resolve("s");
        try (Spool first = open(folder, ROOMY, true)) {
            assertThat(first.isEmpty()).isTrue();
            assertThatThrownBy(() -> open(folder, ROOMY, true))
                    .hasMessage("the spool " + folder + " is in use by another agent: give each its own --spool-dir");
        }
        open(folder, ROOMY, true).close();
    }

    @Test
    void aFolderThatCannotBeIsSaidInOneLine() throws IOException {
        Path file = Files.createFile(scratch.resolve("file"));
        assertThatThrownBy(() -> open(file.resolve("s"), ROOMY, true))
                .hasMessageStartingWith("cannot use the spool " + file.resolve("s") + " (")
                .hasMessageContaining("--spool-dir");
    }
}
