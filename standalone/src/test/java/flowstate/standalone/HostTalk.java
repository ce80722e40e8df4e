package flowstate.standalone;

import flowstate.schema.EpochNanos;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import jdk.net.ExtendedSocketOptions;

/** One end of a connection, and what its program learns of it by using the socket; one thread. */
final class HostTalk {
    /** Longer than a segment that is lost three times takes, shorter than a reset connection is remembered for. */
    private static final int PATIENCE_MS = 6000;

    private static final int MOST_AT_ONCE = 16384;
    private static final byte[] ZEROS = new byte[MOST_AT_ONCE];

    private final String side;
    private final HostWay way;
    private final Socket socket;
    private final byte[] sink = new byte[MOST_AT_ONCE];

    private long id = -1;
    private int clientPort;
    private long startNs;
    private long connectedNs;
    private SocketView.Opened opened = SocketView.Opened.CONNECTED;
    private long wrote;
    private long read;
    private SocketView.Closing closing = SocketView.Closing.NONE;
    private long closedNs;
    private long lastWroteNs;
    private SocketView.End end = SocketView.End.NONE;
    private long endNs;
    private boolean broken;

    private HostTalk(String side, HostWay way, Socket socket) {
        this.side = side;
        this.way = way;
        this.socket = socket;
    }

    /** What the client tells the server first: 24 octets. */
    record Request(long id, int reply, int upload, long atNs) {
        static final int OCTETS = 24;

        byte[] octets() {
            return ByteBuffer.allocate(OCTETS)
                    .putLong(id)
                    .putInt(reply)
                    .putInt(upload)
                    .putLong(atNs)
                    .array();
        }

        static Request of(byte[] octets) {
            ByteBuffer from = ByteBuffer.wrap(octets);
            return new Request(from.getLong(), from.getInt(), from.getInt(), from.getLong());
        }
    }

    static HostTalk client(HostWay way, long id, Socket socket) {
        HostTalk talk = new HostTalk("CLIENT", way, socket);
        talk.id = id;
        return talk;
    }

    static HostTalk server(HostWay way, Socket socket) throws IOException {
        HostTalk talk = new HostTalk("SERVER", way, socket);
        talk.startNs = EpochNanos.now();
        talk.clientPort = socket.getPort();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MS);
        return talk;
    }

    /** Before connect. */
    void starts(int fromPort) throws IOException {
        clientPort = fromPort;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MS);
        startNs = EpochNanos.now();
    }

    /** After connect. */
    void opened(SocketView.Opened how) {
        opened = how;
        connectedNs = EpochNanos.now();
    }

    SocketView view() {
        return new SocketView(
                side,
                way,
                id,
                clientPort,
                startNs,
                connectedNs,
                opened,
                wrote,
                read,
                closing,
                closedNs,
                lastWroteNs,
                end,
                endNs,
                broken);
    }

    static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void request(int reply, int upload, long atNs) throws IOException {
        write(new Request(id, reply, upload, atNs).octets(), Request.OCTETS);
    }

    Request request() throws IOException {
        byte[] octets = new byte[Request.OCTETS];
        for (int got = 0; got < octets.length; ) {
            int n = socket.getInputStream().read(octets, got, octets.length - got);
            if (n < 0) {
                throw new EOFException("ended within the request");
            }
            got += n;
            read += n;
        }
        Request request = Request.of(octets);
        id = request.id();
        return request;
    }

    private void write(byte[] octets, int length) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(octets, 0, length);
        wrote += length;
        lastWroteNs = EpochNanos.now();
    }

    void send(int octets) throws IOException {
        for (int left = octets; left > 0; left -= MOST_AT_ONCE) {
            write(ZEROS, Math.min(left, MOST_AT_ONCE));
        }
    }

    void receive(long octets) throws IOException {
        InputStream in = socket.getInputStream();
        for (long left = octets; left > 0; ) {
            int n = in.read(sink, 0, (int) Math.min(left, sink.length));
            if (n < 0) {
                throw new IOException("ended before its time");
            }
            left -= n;
            read += n;
        }
    }

    /** Writes at intervals, until the socket says that the other end is gone. */
    void sendUntilReset(int octets, long pauseMs) {
        try {
            for (int i = 0; i < 200; i++) {
                send(octets);
                pause(pauseMs);
            }
        } catch (IOException e) {
            broken = true;
        }
    }

    /** Until the other end has closed, or it is known that it will not. */
    void awaitEnd() {
        try {
            for (int n = 0; n >= 0; n = socket.getInputStream().read(sink)) {
                read += n;
            }
            ended(SocketView.End.FIN);
        } catch (IOException e) {
            failed(e);
        }
    }

    /** Takes what the socket said last. Throws if it is not about the other end. */
    void failed(IOException why) {
        if (why instanceof SocketTimeoutException) {
            ended(SocketView.End.SILENT);
        } else if (why instanceof SocketException
                && String.valueOf(why.getMessage()).contains("timed out")) {
            ended(SocketView.End.KEPT_ALIVE_IN_VAIN);
        } else if (why instanceof SocketException) {
            ended(SocketView.End.RST);
        } else {
            throw new IllegalStateException(why);
        }
    }

    private void ended(SocketView.End how) {
        if (end == SocketView.End.NONE) {
            end = how;
            endNs = EpochNanos.now();
        }
    }

    void awaitUnread() throws IOException {
        for (int i = 0; i < PATIENCE_MS && socket.getInputStream().available() == 0; i++) {
            pause(1);
        }
    }

    private void closes(SocketView.Closing how) {
        if (closing == SocketView.Closing.NONE) {
            closing = how;
            closedNs = EpochNanos.now();
        }
    }

    void shut() throws IOException {
        closes(SocketView.Closing.FIN);
        try {
            socket.shutdownOutput();
        } catch (SocketException e) {
            // a RST of the other end was quicker
        }
    }

    void close() throws IOException {
        boolean unread = false;
        try {

            unread = !socket.isInputShutdown() && socket.getInputStream().available() > 0;
        } catch (IOException e) {
            // it is reset, and there is nothing to be read
        }
        closes(unread ? SocketView.Closing.FIN_AND_RST : SocketView.Closing.FIN);
        socket.close();
    }

    void closeQuietly() {
        try {
            close();
        } catch (IOException e) {
            // it is closed all the same
        }
    }

    void abort() throws IOException {
        pause(20);
        closes(SocketView.Closing.RST);
        socket.setSoLinger(true, 0);
        socket.close();
    }

    void keepAlive(int probes) throws IOException {
        socket.setKeepAlive(true);
        socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 1);
        socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 1);
        socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, probes);
    }

    static InetAddress address(String text) throws IOException {
        return InetAddress.getByName(text);
    }
}
