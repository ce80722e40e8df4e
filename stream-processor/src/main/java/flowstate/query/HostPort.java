package flowstate.query;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A TCP address as users write it.
 *
 * @param host a name or an address; IPv6 without brackets; never empty
 * @param port 0..65535; 0 leaves the choice to the system
 */
public record HostPort(String host, int port) {
    private static final Pattern TEXT =
            Pattern.compile("(?:\\[([0-9a-fA-F:.]+(?:%[^\\s\\[\\]/]+)?)]|([^\\s:/\\[\\]]+)):([0-9]{1,5})");

    public HostPort {
        if (host.isEmpty()) {
            throw new IllegalArgumentException("the host must not be empty: there is nothing to listen on");
        }
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("the port must be 0 to 65535, was " + port);
        }
    }

    /**
     * The address that is written {@code host:port} or {@code [IPv6]:port}.
     *
     * @throws IllegalArgumentException if {@code text} is not
     */
    public static HostPort parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "an address must be HOST:PORT or [IPv6]:PORT, was '" + text + "': for example 127.0.0.1:7070");
        }
        String bracketed = matcher.group(1);
        return new HostPort(bracketed == null ? matcher.group(2) : bracketed, Integer.parseInt(matcher.group(3)));
    }

    /** Whether a server that listens on it is reached under other addresses: 0.0.0.0 and ::. */
    public boolean isWildcard() {
        return host.equals("0.0.0.0") || host.equals("::");
    }

    /** The text that {@link #parse} reads. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
