package flowstate.capture.decode;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** What came out of one packet: a segment, or the reason why not. */
record Decoded(@Nullable SkipReason reason, DecodedSegment segment) {

    String source() {
        return HexFormat.of().formatHex(segment.source, 0, segment.addressLength);
    }

    String destination() {
        return HexFormat.of().formatHex(segment.destination, 0, segment.addressLength);
    }
}
