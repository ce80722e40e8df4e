package flowstate.capture.source;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.ZipException;

/**
 * Opens capture files: pcap and pcapng, each also packed with gzip, told apart by content, not by name.
 *
 * <p>A regular file is mapped into memory; gzip, and what is no regular file (a named pipe, {@code /dev/stdin}), is read
 * as a stream. If another program shortens a file while it is mapped, the source says so with a {@link CaptureException};
 * but a caller that reads a packet's octets at that very moment gets the JVM's {@link InternalError}.
 */
public final class CaptureFile {
    private static final int GZIP_MAGIC = 0x1f8b;
    private static final int SHOWN_OCTETS = 16;

    /** First octets, in hexadecimal, of what people take for a capture file, and what to do about it. */
    private static final Map<String, String> LOOKALIKES = Map.of(
            "28b52ffd", "it is packed with zstd: unpack it with zstd -d",
            "fd377a58", "it is packed with xz: unpack it with xz -d",
            "425a68", "it is packed with bzip2: unpack it with bzip2 -d",
            "04224d18", "it is packed with lz4: unpack it with lz4 -d",
            "504b0304", "it is a zip archive: unpack it with unzip",
            "736e6f6f70", "it is a snoop capture: convert it with editcap -F pcap",
            "474d4255", "it is a Network Monitor capture: convert it with editcap -F pcap",
            "1f8b", "it is packed with gzip twice: unpack it with gzip -d");

    private CaptureFile() {}

    /**
     * Opens a capture file and reads its header.
     *
     * @throws CaptureException if there is no such file, it cannot be read, or is no capture file
     */
    public static PacketSource open(Path file) throws CaptureException {
        return open(file, MappedFeed.REGION_OCTETS, StreamFeed.CHUNK_OCTETS);
    }

    static PacketSource open(Path file, int regionOctets, int chunkOctets) throws CaptureException {
        if (Files.isDirectory(file)) {
            throw new CaptureException(file + ": is a directory. Name the capture files in it");
        }
        try {
            OctetFeed feed = feed(file, regionOctets, chunkOctets);
            try {
                return recognise(file, feed);
            } catch (IOException | CaptureException | RuntimeException e) {
                feed.close();
                throw e;
            }
        } catch (NoSuchFileException e) {
            throw new CaptureException(file + ": no such file. Check the name", e);
        } catch (AccessDeniedException e) {
            throw new CaptureException(
                    file + ": no permission to read it. Change its mode, or run as a user who may read it", e);
        } catch (ZipException | EOFException e) {
            throw new CaptureException(
                    file + ": the gzip data is corrupt (" + reason(e)
                            + ") before the first packet. Check it with gzip -t, and copy the file again",
                    e);
        } catch (IOException e) {
            throw new CaptureException(file + ": cannot be read (" + reason(e) + ")", e);
        }
    }

    private static OctetFeed feed(Path file, int regionOctets, int chunkOctets) throws IOException {
        if (!Files.isRegularFile(file)) {
            return streamFeed(new Pipe(Files.newInputStream(file)), chunkOctets);
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            ByteBuffer first = ByteBuffer.allocate(2);
            if (channel.read(first, 0) == 2 && Short.toUnsignedInt(first.getShort(0)) == GZIP_MAGIC) {
                return streamFeed(Channels.newInputStream(channel), chunkOctets);
            }
            return new MappedFeed(channel, regionOctets);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static OctetFeed streamFeed(InputStream in, int chunkOctets) throws IOException {
        try {
            BufferedInputStream buffered = new BufferedInputStream(in);
            buffered.mark(2);
            int first = buffered.read();
            int second = buffered.read();
            buffered.reset();
            boolean isGzip = first >= 0 && (first << 8 | second) == GZIP_MAGIC;
            return new StreamFeed(isGzip ? new GzipStream(buffered) : buffered, chunkOctets);
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    private static PacketSource recognise(Path file, OctetFeed feed) throws IOException, CaptureException {
        if (!feed.has(1)) {
            throw new CaptureException(
                    file + ": is empty, not even a header. Check the program that was to write the capture");
        }
        if (feed.has(4)) {
            int magic = feed.window.getInt(feed.at);
            if (PcapSource.isMagic(magic) || PcapSource.isMagic(Integer.reverseBytes(magic))) {
                return new PcapSource(file, feed);
            }
            if (magic == PcapngSource.SECTION_HEADER) {
                return new PcapngSource(file, feed);
            }
        }
        throw new CaptureException(file + ": is no capture file: " + describe(feed));
    }

    private static String describe(OctetFeed feed) throws IOException {
        feed.has(SHOWN_OCTETS);
        byte[] first = new byte[Math.min(SHOWN_OCTETS, feed.rest())];
        feed.window.get(feed.at, first);
        String hex = HexFormat.of().formatHex(first);
        for (Map.Entry<String, String> lookalike : LOOKALIKES.entrySet()) {
            if (hex.startsWith(lookalike.getKey())) {
                return lookalike.getValue();
            }
        }
        if (isText(first)) {
            String start = new String(first, StandardCharsets.US_ASCII).replaceAll("\\s+", " ");
            return "it is text and starts with \"" + start + "\". A printed listing does not hold the packets: give the"
                    + " file that tcpdump -w wrote";
        }
        return "it starts with the octets " + HexFormat.ofDelimiter(" ").formatHex(first)
                + ", where pcap and pcapng have a magic number. Give a file that tcpdump -w or Wireshark wrote";
    }

    private static boolean isText(byte[] octets) {
        for (byte octet : octets) {
            boolean isPrintable = octet >= ' ' && octet < 0x7f;
            if (!isPrintable && octet != '\t' && octet != '\n' && octet != '\r') {
                return false;
            }
        }
        return true;
    }

    /** Does not say how much is available: the JDK's stream seeks to find out, which no pipe allows. */
    private static final class Pipe extends FilterInputStream {
        Pipe(InputStream in) {
            super(in);
        }

        @Override
        public int available() {
            return 0;
        }
    }

    /** Why, in one line. */
    static String reason(IOException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message.replaceAll("\\s+", " ");
    }
}
