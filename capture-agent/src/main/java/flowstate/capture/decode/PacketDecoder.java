package flowstate.capture.decode;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Decodes packets into segments. Allocates nothing. Not thread-safe. */
public final class PacketDecoder {

    /**
     * Decodes one packet.
     *
     * @param linkType LINKTYPE_ value of the packet's first header
     * @param buffer holds the packet; big-endian
     * @param offset where the packet starts
     * @param capturedLength octets that were captured, at least 0
     * @param into is filled if the packet is a TCP segment; else its content is undefined
     * @return null if {@code into} holds a segment, else why not
     */
    public @Nullable SkipReason decode(
            int linkType, ByteBuffer buffer, int offset, int capturedLength, DecodedSegment into) {
        return SkipReason.UNKNOWN_LINK_TYPE;
    }
}
