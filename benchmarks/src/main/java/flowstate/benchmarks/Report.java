package flowstate.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All sections of a run in a folder: {@code report.md}, its pictures, {@code results.json}; written anew after each. */
final class Report {
    private final Path folder;
    private final Path repository;
    private final Instant begun = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final String load = line(Path.of("/proc/loadavg"), "");
    private final String commit;
    private final List<Section> sections = new ArrayList<>();

    Report(Path folder, Path repository) {
        this.folder = folder;
        this.repository = repository;
        this.commit = commit();
    }

    void add(Section section) throws IOException {
        sections.add(section);
        write();
    }

    private void write() throws IOException {
        Files.createDirectories(folder);
        Map<Target, Map<String, Double>> reached = new EnumMap<>(Target.class);
        sections.forEach(section -> section.reached()
                .forEach((target, value) -> reached.computeIfAbsent(target, any -> new LinkedHashMap<>())
                        .put(section.title(), value)));
        Map<String, String> machine = machine();
        StringBuilder text =
                new StringBuilder("# Measurements of " + begun.toString().substring(0, 10) + "\n\n");
        Table facts = new Table("", "");
        machine.forEach((what, value) -> facts.row(what, value));
        text.append(facts).append("\nHow to read this: [benchmarks](../../../docs/benchmarks.md).\n");
        text.append("\n## Goals\n\n").append(Target.table(reached));
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("machine", machine);
        all.put("goals", reached);
        for (Section section : sections) {
            text.append('\n').append(section.markdown());
            all.put(section.title(), section.numbers());
            for (Chart chart : section.charts()) {
                Files.writeString(folder.resolve(Section.fileName(chart)), chart.svg());
            }
        }
        Files.writeString(folder.resolve("report.md"), text);
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(folder.resolve("results.json").toFile(), all);
    }

    private Map<String, String> machine() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("begun", begun.toString());
        facts.put("minutes so far", Text.of("%.1f", begun.until(Instant.now(), ChronoUnit.SECONDS) / 60.0));
        facts.put("CPU", line(Path.of("/proc/cpuinfo"), "model name"));
        facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("memory", line(Path.of("/proc/meminfo"), "MemTotal"));
        facts.put("load before", load);
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("Java", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        facts.put("commit", commit);
        return facts;
    }

    /** What follows the first colon of the first line that starts so. */
    private static String line(Path file, String start) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(start))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("not known");
        } catch (IOException e) {
            return "not known";
        }
    }

    private String commit() {
        return git("rev-parse", "--short", "HEAD")
                + (git("status", "--porcelain", "-uno").isEmpty() ? "" : ", changed");
    }

    private String git(String... words) {
        List<String> command = new ArrayList<>(List.of("git", "-C", repository.toString()));
        command.addAll(List.of(words));
        try {
            Process git = new ProcessBuilder(command).redirectErrorStream(true).start();
            return new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "not known";
        }
    }
}
