package flowstate.capture;

import flowstate.capture.source.LiveOptions;
import flowstate.capture.source.PcapngFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of live capture. A picocli mixin. */
public final class InterfaceOptions {
    @Option(
            names = {"-i", "--interface"},
            order = 11,
            split = ",",
            paramLabel = "IFACE",
            description = "Capture on this network interface until told to stop; any for all of them. May be repeated."
                    + " Needs libpcap, and root or CAP_NET_RAW.")
    private List<String> interfaces = List.of();

    @Option(
            names = {"-s", "--snap-length"},
            order = 12,
            paramLabel = "OCTETS",
            description = "How much of each packet is looked at, at least 96; headers only are needed (default:"
                    + " ${DEFAULT-VALUE}).",
            defaultValue = "" + LiveOptions.DEFAULT_SNAP_LENGTH)
    private int snapLength;

    @Option(
            names = {"-B", "--buffer-size"},
            order = 13,
            paramLabel = "KIB",
            description = "The kernel's buffer for each interface (default: ${DEFAULT-VALUE}).",
            defaultValue = "" + (LiveOptions.DEFAULT_BUFFER_OCTETS >> 10))
    private int bufferKib;

    @Option(
            names = "--promiscuous",
            order = 14,
            description = "See packets for other hosts, too, as a port that mirrors others needs.")
    private boolean promiscuous;

    @Option(
            names = "--immediate",
            order = 15,
            description = "Take each packet as it arrives: 20 ms sooner, at more cost.")
    private boolean immediate;

    @Option(
            names = {"-w", "--write"},
            order = 16,
            paramLabel = "FILE",
            description = "Keep what is captured in this pcapng file, too.")
    private @Nullable Path write;

    @Option(
            names = "--write-size",
            order = 17,
            paramLabel = "MB",
            description = "Begin a new file (FILE.1, FILE.2 and so on) after so many million octets (default: never).",
            defaultValue = "0")
    private long writeMegabytes;

    @Option(
            names = "--write-seconds",
            order = 18,
            paramLabel = "SECONDS",
            description = "Begin a new file after so long (default: never).",
            defaultValue = "0")
    private long writeSeconds;

    @Option(
            names = "--write-files",
            order = 19,
            paramLabel = "N",
            description = "Keep only the newest N files, those of earlier runs included (default: all).",
            defaultValue = "0")
    private int writeFiles;

    /** The interfaces, in the order in which they were given; none if capture files are meant. */
    public List<String> interfaces() {
        return interfaces;
    }

    /**
     * How to capture.
     *
     * @throws IllegalArgumentException if a value cannot work
     */
    public LiveOptions live(@Nullable String filter) {
        if (bufferKib > Integer.MAX_VALUE >> 10) {
            throw new IllegalArgumentException("the kernel's buffer can have at most " + (Integer.MAX_VALUE >> 10)
                    + " KiB, was " + bufferKib + ": libpcap takes no more");
        }
        return new LiveOptions(filter, snapLength, bufferKib << 10, promiscuous, immediate);
    }

    /** Where packets are kept; null for nowhere. */
    @Nullable
    PcapngFile copy(Consumer<String> notices) throws IOException {
        return write == null
                ? null
                : new PcapngFile(
                        write,
                        new PcapngFile.Rotation(
                                writeMegabytes * 1_000_000, TimeUnit.SECONDS.toNanos(writeSeconds), writeFiles),
                        notices);
    }
}
