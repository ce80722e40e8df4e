package flowstate.benchmarks;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Packets as a pcap file with microseconds, as tcpdump writes it. Format: draft-ietf-opsawg-pcap. */
final class CaptureOutput implements Traffic.Sink, AutoCloseable {
    private static final int MICROSECONDS = 0xa1b2c3d4;
    private static final int LINKTYPE_ETHERNET = 1;
    private static final int SNAP_LENGTH = 262_144;

    private final OutputStream out;
    private final byte[] header = new byte[24];
    private final ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);

    CaptureOutput(OutputStream out) throws IOException {
        this.out = out;
        fields.putInt(MICROSECONDS).putShort((short) 2).putShort((short) 4);
        fields.putInt(0).putInt(0).putInt(SNAP_LENGTH).putInt(LINKTYPE_ETHERNET);
        out.write(header, 0, 24);
    }

    static CaptureOutput create(Path file) throws IOException {
        return new CaptureOutput(new BufferedOutputStream(Files.newOutputStream(file), 1 << 20));
    }

    @Override
    public void packet(long timeNs, byte[] frame, int captured, int length) throws IOException {
        fields.clear();
        fields.putInt((int) (timeNs / 1_000_000_000)).putInt((int) (timeNs % 1_000_000_000 / 1000));
        fields.putInt(captured).putInt(length);
        out.write(header, 0, 16);
        out.write(frame, 0, captured);
    }

    void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
