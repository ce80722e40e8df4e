package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.assertj.core.api.SoftAssertions;

/**
 * What differs from Zeek on its own captures, with the reason of each: resource {@code zeek-differences.txt}, whose lines
 * are {@code capture | connection, as Zeek has it | what differs | why}.
 */
final class ZeekDifferences {
    private static final String RESOURCE = "zeek-differences.txt";

    private final Map<String, String> reasons = new LinkedHashMap<>();
    private final List<String> found = new ArrayList<>();

    static ZeekDifferences listed() throws IOException {
        ZeekDifferences listed = new ZeekDifferences();
        try (InputStream in = ZeekDifferences.class.getResourceAsStream(RESOURCE)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (String line : text.split("\\R")) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    listed.take(line);
                }
            }
        }
        return listed;
    }

    private void take(String line) {
        String[] parts = line.split(" \\| ");
        assertThat(parts).as("capture, connection, what, why: " + line).hasSize(4);
        assertThat(parts[3]).as("why: " + line).hasSizeGreaterThan(20);
        String difference = String.join(" | ", parts[0], parts[1], parts[2]);
        assertThat(reasons.put(difference, parts[3]))
                .as("listed twice: " + difference)
                .isNull();
    }

    void found(String capture, String connection, String what) {
        found.add(capture + " | " + connection + " | " + what);
    }

    /** Each difference has a reason, and each reason a difference. */
    void check(SoftAssertions all) {
        TreeSet<String> notListed = new TreeSet<>(found);
        notListed.removeAll(reasons.keySet());
        TreeSet<String> gone = new TreeSet<>(reasons.keySet());
        found.forEach(gone::remove);
        all.assertThat(notListed)
                .as("differs from Zeek without a reason in " + RESOURCE)
                .isEmpty();
        all.assertThat(gone)
                .as("does not differ any more: to be taken out of " + RESOURCE)
                .isEmpty();
        all.assertThat(found).as("each difference is another").doesNotHaveDuplicates();
    }
}
