package flowstate.capture.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CapturesOfOthersTest {

    @Test
    @Timeout(300)
    void everySharedCaptureIsReadWithoutErrorAndWithAsManyPacketsAsCapinfosCounts() throws Exception {
        Optional<Path> folder = Captures.shared();
        assumeTrue(folder.isPresent(), "needs the shared captures: set FLOWSTATE_CAPTURES");
        List<Path> files;
        try (Stream<Path> tree = Files.walk(folder.orElseThrow().resolve("zeek"))) {
            files = tree.filter(Files::isRegularFile).sorted().toList();
        }
        Map<String, Long> expected = capinfos(files);
        assumeTrue(!expected.isEmpty(), "needs capinfos");

        Map<String, Long> counted = new TreeMap<>();
        Map<String, String> errors = new TreeMap<>();
        for (Path file : files) {
            ReadPacket.Outcome outcome = ReadPacket.untilBroken(file);
            counted.put(file.toString(), (long) outcome.packets().size());
            if (!outcome.error().isEmpty()) {
                errors.put(file.toString(), outcome.error());
            }
        }

        assertThat(errors).isEmpty();
        assertThat(counted).isEqualTo(expected);
    }

    private static Map<String, Long> capinfos(List<Path> files) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("capinfos", "-T", "-M", "-r", "-c"));
        files.forEach(file -> command.add(file.toString()));
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            return Map.of();
        }
        Map<String, Long> counts = new TreeMap<>();
        String table = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        table.lines().forEach(line -> {
            String[] columns = line.split("\t");
            counts.put(columns[0], Long.valueOf(columns[1]));
        });
        return counts;
    }
}
