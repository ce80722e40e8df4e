package flowstate.standalone;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * Characters as UTF-8 to a stream that collects, string by string: Java's own writer first makes characters of 16 bits of each
 * string, which is most of the cost where all are ASCII. A pair of surrogates must come in one piece. Not thread-safe.
 */
final class Utf8Writer extends Writer {
    private final OutputStream out;

    Utf8Writer(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void write(String text, int from, int length) throws IOException {
        write(text.substring(from, from + length));
    }

    @Override
    public void write(char[] text, int from, int length) throws IOException {
        write(new String(text, from, length));
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
