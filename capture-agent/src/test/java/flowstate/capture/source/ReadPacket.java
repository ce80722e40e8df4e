package flowstate.capture.source;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A packet as a source gave it out, copied so that it outlives the next one. */
record ReadPacket(int linkType, long timeNs, long clockNs, byte[] octets, int originalLength) {

    static ReadPacket copyOf(RawPacket packet) {
        byte[] octets = new byte[packet.capturedLength];
        packet.buffer.get(packet.offset, octets);
        return new ReadPacket(packet.linkType, packet.timeNs, packet.clockNs, octets, packet.originalLength);
    }

    /** Reads to the end, which must come without an error. */
    static List<ReadPacket> all(Path file) throws CaptureException {
        try (PacketSource source = CaptureFile.open(file)) {
            return all(source);
        }
    }

    static List<ReadPacket> all(PacketSource source) throws CaptureException {
        List<ReadPacket> packets = new ArrayList<>();
        RawPacket packet = new RawPacket();
        while (source.next(packet)) {
            packets.add(copyOf(packet));
        }
        return packets;
    }

    /** Reads until the end or the error, whichever comes. */
    static Outcome untilBroken(Path file) {
        List<ReadPacket> packets = new ArrayList<>();
        RawPacket packet = new RawPacket();
        try (PacketSource source = CaptureFile.open(file)) {
            while (source.next(packet)) {
                packets.add(copyOf(packet));
            }
            return new Outcome(packets, "");
        } catch (CaptureException e) {
            return new Outcome(packets, String.valueOf(e.getMessage()));
        }
    }

    /** What was read, and the error's message; empty if there was none. */
    record Outcome(List<ReadPacket> packets, String error) {}
}
