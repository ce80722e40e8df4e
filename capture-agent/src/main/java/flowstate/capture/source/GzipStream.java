package flowstate.capture.source;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * What a gzip file holds, all its members one after the other, and all of it up to the octet where it is corrupt.
 *
 * <p>{@link GZIPInputStream} alone loses both in places: what it unpacked in the call that meets the corruption, and the
 * members that a pipe has not brought yet when the one before ends.
 */
final class GzipStream extends GZIPInputStream {
    private static final int BUFFER_OCTETS = 64 << 10;

    private @Nullable ZipException corruption;

    GzipStream(InputStream in) throws IOException {
        super(new Patient(in), BUFFER_OCTETS);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (corruption != null) {
            throw corruption;
        }
        long before = inf.getBytesWritten();
        try {
            return super.read(into, offset, length);
        } catch (ZipException e) {
            long unpacked = inf.getBytesWritten() - before;
            if (unpacked <= 0 || unpacked > length) {
                throw e;
            }
            corruption = e;
            return (int) unpacked;
        }
    }

    /** Says that nothing is available only when nothing will come: GZIPInputStream takes 0 for the end of the file. */
    private static final class Patient extends BufferedInputStream {
        Patient(InputStream in) {
            super(in, BUFFER_OCTETS);
        }

        @Override
        public synchronized int available() throws IOException {
            mark(1);
            if (read() < 0) {
                return 0;
            }
            reset();
            return Math.max(1, super.available());
        }
    }
}
