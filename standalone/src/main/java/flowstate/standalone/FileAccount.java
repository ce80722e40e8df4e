package flowstate.standalone;

import org.jspecify.annotations.Nullable;

/**
 * What became of each packet of one capture file.
 *
 * @param text the account for a person: the file's name, packets read, segments published, packets skipped by reason;
 *     one or more lines, the last without a line break
 * @param packets packets read
 * @param balances whether every packet that was read was published, filtered out or skipped for a reason
 * @param brokenOff one line that says why the file could not be read to its end; null if it was
 */
public record FileAccount(
        String text,
        long packets,
        boolean balances,
        @Nullable String brokenOff) {}
