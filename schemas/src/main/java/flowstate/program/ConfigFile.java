package flowstate.program;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/**
 * A program's configuration file, in Java's properties format: keys that start with {@code flowstate.} are the program's
 * own options, all others settings of its Kafka clients.
 *
 * @param options values by option name, without the prefix
 * @param kafka settings by Kafka's names
 */
record ConfigFile(Map<String, String> options, Map<String, String> kafka) {
    static final String PREFIX = "flowstate.";

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException if it cannot be read, with a reason that shows nothing of its content
     */
    static ConfigFile read(String name) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(name))) {
            properties.load(reader);
        } catch (InvalidPathException e) {
            throw unreadable(name, "not a file name", e);
        } catch (NoSuchFileException e) {
            throw unreadable(name, "there is no such file", e);
        } catch (AccessDeniedException e) {
            throw unreadable(name, "no permission", e);
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(name, e.getClass().getSimpleName(), e);
        }
        Map<String, String> options = new LinkedHashMap<>();
        Map<String, String> kafka = new LinkedHashMap<>();
        for (String key : properties.stringPropertyNames()) {
            if (key.startsWith(PREFIX)) {
                options.put(key.substring(PREFIX.length()), properties.getProperty(key));
            } else {
                kafka.put(key, properties.getProperty(key));
            }
        }
        return new ConfigFile(options, kafka);
    }

    private static IllegalArgumentException unreadable(String name, String why, Exception cause) {
        return new IllegalArgumentException("cannot read --config " + name + ": " + why, cause);
    }
}
