package flowstate.capture;

import flowstate.capture.decode.Checksums;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says what is done about checksums. A picocli mixin. */
public final class ChecksumOption {
    @Option(
            names = "--checksums",
            order = 10,
            paramLabel = "verify|ignore",
            description = "Whether a segment with a wrong checksum is taken for one that its receiver drops (default:"
                    + " verify in capture files, ignore live and with replay's --timers zeek).")
    private @Nullable Checksums checksums;

    /** What the user wants, or else what is usual. */
    public Checksums or(Checksums usual) {
        return checksums == null ? usual : checksums;
    }
}
