package flowstate.standalone;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.List;

/**
 * A program that makes connections on loopback, each in its own way, and prints for each what its sockets reported:
 * {@code WAY CLIENT_PORT SERVER_PORT OUTCOME}. The outcome is told by the sockets alone: what reads and connects
 * returned or threw.
 *
 * <p>{@code all} makes them in every way, not in two only; {@code soon} has a tenth of the pauses, for those who want packets.
 */
final class LiveTraffic {
    private static final InetAddress HERE = InetAddress.getLoopbackAddress();

    private static boolean soon;

    private LiveTraffic() {}

    /** One way of making a connection. */
    private interface Way {
        String go(Socket client, Socket server) throws IOException, InterruptedException;
    }

    public static void main(String[] args) throws Exception {
        List<String> how = List.of(args);
        soon = how.contains("soon");
        try (ServerSocket listener = new ServerSocket(12456, 50, HERE)) {
            make("four-segments", listener, LiveTraffic::serverIsSlowToClose);
            make("three-segments", listener, LiveTraffic::clientClosesAtOnce);
            if (how.contains("all")) {
                make("half-close", listener, LiveTraffic::halfClose);
                make("reset-by-client", listener, LiveTraffic::resetByClient);
                make("reset-by-server", listener, LiveTraffic::resetByServer);
                make("zero-window", listener, LiveTraffic::zeroWindow);
                refused();
                unanswered();
            }
        }
    }

    private static void make(String name, ServerSocket listener, Way way) throws Exception {
        try (Socket client = new Socket();
                Socket server = connect(client, listener)) {
            int port = client.getLocalPort();
            System.out.println(name + " " + port + " " + listener.getLocalPort() + " " + way.go(client, server));
        }
    }

    private static Socket connect(Socket client, ServerSocket listener) throws IOException {
        client.setReceiveBufferSize(8192);
        client.connect(listener.getLocalSocketAddress());
        return listener.accept();
    }

    private static void pause(long ms) throws InterruptedException {
        Thread.sleep(soon ? ms / 10 : ms);
    }

    private static String end(Socket socket) {
        try {
            InputStream in = socket.getInputStream();
            long octets = 0;
            byte[] buffer = new byte[65536];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                octets += n;
            }
            return "end-after-" + octets;
        } catch (SocketException e) {
            return "reset";
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The seed's first experiment: the server sleeps before it closes. */
    private static String serverIsSlowToClose(Socket client, Socket server) throws IOException, InterruptedException {
        client.getOutputStream().write("a\r\n".getBytes());
        pause(100);
        client.close();
        String seen = end(server);
        pause(1200);
        server.close();
        return seen;
    }

    /**
     * The seed's second experiment: the server closes, and the client, which waits for that, does so at once. In one thread:
     * the kernel waits 40 ms for a close that it can send with its acknowledgement, and on a busy machine another thread may
     * have no CPU for so long.
     */
    private static String clientClosesAtOnce(Socket client, Socket server) throws IOException, InterruptedException {
        client.getOutputStream().write("a\r\n".getBytes());
        pause(400);
        server.shutdownOutput();
        end(client);
        client.close();
        return end(server);
    }

    private static String halfClose(Socket client, Socket server) throws IOException, InterruptedException {
        client.getOutputStream().write(new byte[1000]);
        client.shutdownOutput();
        String seen = end(server);
        server.getOutputStream().write(new byte[5000]);
        pause(50);
        server.close();
        return seen + "," + end(client);
    }

    private static String resetByClient(Socket client, Socket server) throws IOException, InterruptedException {
        client.getOutputStream().write(new byte[10]);
        pause(50);
        client.setSoLinger(true, 0);
        client.close();
        return end(server);
    }

    private static String resetByServer(Socket client, Socket server) throws IOException, InterruptedException {
        client.getOutputStream().write(new byte[10]);
        pause(50);
        server.setSoLinger(true, 0);
        server.close();
        return end(client);
    }

    private static String zeroWindow(Socket client, Socket server) throws IOException, InterruptedException {
        Thread writer = new Thread(() -> {
            try {
                OutputStream out = server.getOutputStream();
                out.write(new byte[3_000_000]);
                server.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        writer.start();
        pause(800);
        String seen = end(client);
        writer.join();
        return seen;
    }

    private static void refused() throws IOException {
        try (Socket client = new Socket()) {
            client.bind(new InetSocketAddress(HERE, 0));
            int port = client.getLocalPort();
            try {
                client.connect(new InetSocketAddress(HERE, 12457));
                System.out.println("refused " + port + " 12457 connected");
            } catch (ConnectException e) {
                System.out.println("refused " + port + " 12457 refused");
            }
        }
    }

    /** A packet filter drops what goes to this port. */
    private static void unanswered() throws IOException {
        try (Socket client = new Socket()) {
            client.bind(new InetSocketAddress(HERE, 0));
            int port = client.getLocalPort();
            try {
                client.connect(new InetSocketAddress(HERE, 12458), 1500);
                System.out.println("unanswered " + port + " 12458 connected");
            } catch (SocketTimeoutException e) {
                System.out.println("unanswered " + port + " 12458 timeout");
            }
        }
    }
}
