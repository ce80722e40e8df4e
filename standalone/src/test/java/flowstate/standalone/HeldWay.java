package flowstate.standalone;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/** Connections that both programs hold as they are: in one state each, or until one of the hosts' programs is killed. */
enum HeldWay {
    ESTABLISHED(HeldWay::nothing, HeldWay::nothing),
    CLIENT_SHUT(Socket::shutdownOutput, HeldWay::nothing),
    SERVER_SHUT(HeldWay::nothing, Socket::shutdownOutput),
    CLIENT_CLOSED_FIRST(HeldWay::shutAndClose, HeldWay::closeAfterThePeer),
    SERVER_CLOSED_FIRST(HeldWay::closeAfterThePeer, HeldWay::shutAndClose),
    /** The server's packet filter drops the client's FIN, which goes on being sent. */
    FIN_LOST(Socket::shutdownOutput, HeldWay::nothing),
    /** Likewise, but the server has closed before. */
    LAST_ACK(HeldWay::closeAfterThePeer, Socket::shutdownOutput),
    /** Likewise, but the server closes after the client has: it does not know that they crossed. */
    CLOSING(Socket::shutdownOutput, HeldWay::shutLater),
    /** The server's packet filter drops what has data: its host is gone, as far as the client can see. */
    VANISHED(HeldWay::sendAndWait, HeldWay::nothing),
    /** The server's packet filter drops all. */
    UNANSWERED(HeldWay::nothing, HeldWay::nothing),
    /** The client's packet filter drops what answers its SYN. */
    HALF_OPEN(HeldWay::nothing, HeldWay::nothing),
    /** The server's program is killed. */
    KILLED(HeldWay::closeAfterThePeer, HeldWay::nothing),
    /** Killed with octets that it has not read: its system resets (RFC 2525 section 2.17). */
    KILLED_UNREAD(HeldWay::sendAndWait, HeldWay::nothing),
    /** Killed, which the client does not care about: it goes on sending. */
    KILLED_SENT_TO(HeldWay::waitAndSend, HeldWay::nothing);

    private static final int FIRST_PORT = 21_000;

    /** What an end does as soon as it is connected; then it does nothing more. */
    interface Script {
        void run(Socket socket) throws IOException;
    }

    final Script client;
    final Script server;

    HeldWay(Script client, Script server) {
        this.client = client;
        this.server = server;
    }

    int port() {
        return FIRST_PORT + ordinal();
    }

    /** Whether it is served by the program that is killed. */
    boolean isKilled() {
        return this == KILLED || this == KILLED_UNREAD || this == KILLED_SENT_TO;
    }

    static boolean isPort(int port) {
        return port >= FIRST_PORT && port < FIRST_PORT + values().length;
    }

    static HeldWay ofPort(int port) {
        return values()[port - FIRST_PORT];
    }

    private static void nothing(Socket socket) {}

    /** The peer's FIN, which nobody sees arrive, is on its way long since. */
    private static void shutLater(Socket socket) throws IOException {
        HostTalk.pause(TimeUnit.SECONDS.toMillis(2));
        socket.shutdownOutput();
    }

    private static void shutAndClose(Socket socket) throws IOException {
        socket.shutdownOutput();
        socket.getInputStream().read();
        socket.close();
    }

    private static void closeAfterThePeer(Socket socket) throws IOException {
        socket.getInputStream().read();
        socket.close();
    }

    /** Throws when the system gives up, or the other end resets. */
    private static void sendAndWait(Socket socket) throws IOException {
        socket.getOutputStream().write(new byte[10]);
        socket.getInputStream().read();
    }

    private static void waitAndSend(Socket socket) throws IOException {
        socket.getInputStream().read();
        for (int i = 0; i < 100; i++) {
            socket.getOutputStream().write(1);
            HostTalk.pause(TimeUnit.SECONDS.toMillis(1) / 20);
        }
    }
}
