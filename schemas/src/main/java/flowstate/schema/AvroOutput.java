package flowstate.schema;

import flowstate.octets.Varint;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.avro.io.Encoder;
import org.apache.avro.util.Utf8;

/**
 * Avro's binary encoding into a buffer that grows: for the writers that are made by hand, and for Avro's own. Unlike
 * Avro's encoders it makes no object for a string. Not thread-safe; meant to be reused.
 *
 * <p>Source: Avro 1.12 specification, "Binary Encoding": integers are zigzag and variable-length, seven bits an octet,
 * least significant first; strings are their length and UTF-8.
 */
public final class AvroOutput extends Encoder {
    /** Doubles, by their bits, in octets. */
    static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes;
    private int length;

    /** An empty buffer with room for so many octets at first. */
    public AvroOutput(int capacity) {
        this.bytes = new byte[capacity];
    }

    /** Forgets what was written. */
    public void clear() {
        length = 0;
    }

    /** How many octets were written. */
    public int length() {
        return length;
    }

    /** What was written; the caller's own copy. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    @Override
    public void writeBoolean(boolean value) {
        room(1);
        bytes[length++] = (byte) (value ? 1 : 0);
    }

    @Override
    public void writeInt(int value) {
        writeLong(value);
    }

    @Override
    public void writeLong(long value) {
        room(Varint.LONGEST);
        length = Varint.put(bytes, length, value);
    }

    @Override
    public void writeDouble(double value) {
        room(Double.BYTES);
        LONGS.set(bytes, length, Double.doubleToRawLongBits(value));
        length += Double.BYTES;
    }

    /** Strings, one after the other. */
    public static byte[] strings(String... values) {
        int most = 0;
        for (String value : values) {
            most += Varint.LONGEST + value.length();
        }
        AvroOutput out = new AvroOutput(most);
        for (String value : values) {
            out.writeString(value);
        }
        return out.toBytes();
    }

    /** All that was written to another. */
    public void write(AvroOutput other) {
        writeFixed(other.bytes, 0, other.length);
    }

    /** Octets as they are, without their length. */
    public void writeRaw(byte[] octets) {
        writeFixed(octets, 0, octets.length);
    }

    @Override
    public void writeString(String value) {
        int chars = value.length();
        writeInt(chars);
        room(chars);
        int from = length;
        // nearly all are ASCII: one octet a character, without a copy
        for (int i = 0; i < chars; i++) {
            char c = value.charAt(i);
            if (c >= 0x80) {
                length = from - Varint.length(chars);
                byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
                writeInt(utf8.length);
                writeRaw(utf8);
                return;
            }
            bytes[length++] = (byte) c;
        }
    }

    @Override
    public void writeString(Utf8 value) {
        writeBytes(value.getBytes(), 0, value.getByteLength());
    }

    @Override
    public void writeNull() {}

    @Override
    public void writeFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        writeRaw(new byte[] {(byte) bits, (byte) (bits >>> 8), (byte) (bits >>> 16), (byte) (bits >>> 24)});
    }

    @Override
    public void writeBytes(ByteBuffer value) {
        byte[] octets = new byte[value.remaining()];
        value.duplicate().get(octets);
        writeBytes(octets, 0, octets.length);
    }

    @Override
    public void writeBytes(byte[] octets, int from, int count) {
        writeInt(count);
        writeFixed(octets, from, count);
    }

    @Override
    public void writeFixed(byte[] octets, int from, int count) {
        room(count);
        System.arraycopy(octets, from, bytes, length, count);
        length += count;
    }

    @Override
    public void writeEnum(int symbol) {
        writeInt(symbol);
    }

    @Override
    public void writeIndex(int branch) {
        writeInt(branch);
    }

    @Override
    public void writeArrayStart() {}

    /** Items come in one block. */
    @Override
    public void setItemCount(long count) {
        if (count > 0) {
            writeLong(count);
        }
    }

    @Override
    public void startItem() {}

    @Override
    public void writeArrayEnd() {
        writeInt(0);
    }

    @Override
    public void writeMapStart() {}

    @Override
    public void writeMapEnd() {
        writeInt(0);
    }

    @Override
    public void flush() {}

    private void room(int octets) {
        if (length + octets > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + octets));
        }
    }
}
