package flowstate.standalone;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * The program on each of two hosts that holds connections of every {@link HeldWay} until it is killed: {@code serve ADDRESS}
 * and {@code serve-killed ADDRESS}, {@code call ADDRESS FROM OF_EACH}. What a socket says at last is one line: the way, the
 * client's port, the reason.
 */
final class HeldTraffic {
    private static final int PATIENCE_MS = 60_000;

    /** What is referred to is not closed by the garbage collector. */
    private static final List<Socket> HELD = new ArrayList<>();

    private HeldTraffic() {}

    public static void main(String[] args) throws Exception {
        InetAddress address = HostTalk.address(args[1]);
        for (HeldWay way : HeldWay.values()) {
            if (args[0].equals("call")) {
                for (int i = 0; i < Integer.parseInt(args[3]); i++) {
                    Socket socket = new Socket();
                    socket.bind(new InetSocketAddress(HostTalk.address(args[2]), 0));
                    hold(socket);
                    new Thread(() -> call(way, socket, new InetSocketAddress(address, way.port()))).start();
                }
            } else if (way.isKilled() == args[0].equals("serve-killed")) {
                ServerSocket listener = new ServerSocket(way.port(), 100, address);
                new Thread(() -> serve(way, listener)).start();
            }
        }
        System.out.println("ready");
        Thread.sleep(Long.MAX_VALUE);
    }

    private static synchronized void hold(Socket socket) {
        HELD.add(socket);
    }

    private static void serve(HeldWay way, ServerSocket listener) {
        while (true) {
            try {
                Socket socket = listener.accept();
                hold(socket);
                new Thread(() -> run(way.server, way, socket, socket.getPort())).start();
            } catch (IOException e) {
                System.err.println(way + ": " + e);
            }
        }
    }

    private static void call(HeldWay way, Socket socket, InetSocketAddress to) {
        int port = socket.getLocalPort();
        run(
                s -> {
                    s.setTcpNoDelay(true);
                    s.connect(to, PATIENCE_MS);
                    way.client.run(s);
                },
                way,
                socket,
                port);
    }

    private static void run(HeldWay.Script script, HeldWay way, Socket socket, int clientPort) {
        String end = "as planned";
        try {
            script.run(socket);
        } catch (IOException e) {
            end = String.valueOf(e.getMessage());
        }
        synchronized (HeldTraffic.class) {
            System.out.println(way + " " + clientPort + " " + end);
        }
    }
}
