package flowstate.standalone;

import flowstate.standalone.HostTalk.Request;
import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The program on each of two hosts that makes connections of every {@link HostWay}, and prints a {@link SocketView} for
 * each: {@code serve ADDRESS} until it is killed, {@code call ADDRESS FROM CONNECTIONS AT_ONCE SEED} with as many
 * connections, so many of them at once. With {@code slow} at the end the wire takes longer than to connect and close.
 */
final class HostTraffic {
    /** More than a SYN that is lost twice takes. */
    private static final int CONNECT_MS = 5000;

    /** What nobody answers is waited for as long as two SYNs take. */
    private static final int UNANSWERED_MS = 2000;

    private HostTraffic() {}

    public static void main(String[] args) throws Exception {
        InetAddress address = HostTalk.address(args[1]);
        if (args[0].equals("serve")) {
            for (HostWay way : HostWay.values()) {
                if (way != HostWay.REFUSED) {
                    ServerSocket listener = new ServerSocket(way.port(), 1000, address);
                    new Thread(() -> serve(way, listener)).start();
                }
            }
            System.out.println("ready");
        } else {
            call(
                    address,
                    HostTalk.address(args[2]),
                    Integer.parseInt(args[3]),
                    Integer.parseInt(args[4]),
                    Long.parseLong(args[5]),
                    args.length > 6);
        }
    }

    private static synchronized void print(HostTalk talk) {
        System.out.println(talk.view().line());
    }

    private static void serve(HostWay way, ServerSocket listener) {
        ExecutorService threads = Executors.newCachedThreadPool();
        while (true) {
            try {
                Socket socket = listener.accept();
                HostTalk talk = HostTalk.server(way, socket);
                threads.execute(() -> {
                    try {
                        way.server.run(talk, talk.request());
                    } catch (EOFException e) {
                        // a client that gave up, too late
                        talk.closeQuietly();
                    } catch (IOException e) {
                        talk.failed(e);
                    }
                    print(talk);
                });
            } catch (IOException e) {
                System.err.println(way + ": " + e);
            }
        }
    }

    private static void call(InetAddress to, InetAddress from, int connections, int atOnce, long seed, boolean slow)
            throws InterruptedException {
        Random random = new Random(seed);
        List<HostWay> ways = new ArrayList<>();
        int weights = 0;
        for (HostWay way : HostWay.values()) {
            weights += way.weight * way.uses();
        }
        for (HostWay way : HostWay.values()) {
            // of each at least three
            if (slow || way != HostWay.GIVEN_UP) {
                ways.addAll(Collections.nCopies(Math.max(3, connections * way.weight / weights), way));
            }
        }
        Collections.shuffle(ways, random);
        // what takes long begins first
        ways.sort((a, b) -> Boolean.compare(b == HostWay.UNANSWERED, a == HostWay.UNANSWERED));
        ExecutorService threads = Executors.newFixedThreadPool(atOnce);
        long id = 0;
        for (HostWay way : ways) {
            int reply = size(random);
            int upload = size(random);
            long first = id;
            id += way.uses();
            threads.execute(() -> {
                try {
                    call(way, first, reply, upload, to, from);
                } catch (IOException | RuntimeException e) {
                    System.err.println(way + " " + first + ": " + e);
                }
            });
        }
        threads.shutdown();
        if (!threads.awaitTermination(10, TimeUnit.MINUTES)) {
            System.err.println("some connections do not end");
        }
    }

    /** No more than a connection may send at once when it is new. */
    private static int size(Random random) {
        return random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(random.nextBoolean() ? 300 : 12_000);
    }

    private static void call(HostWay way, long id, int reply, int upload, InetAddress to, InetAddress from)
            throws IOException {
        int port = 0;
        for (int use = 0; use < way.uses(); use++) {
            port = call(way, id + use, reply, upload, new InetSocketAddress(to, way.port()), from, port);
        }
    }

    private static void run(HostWay way, HostTalk talk, Request request) {
        try {
            way.client.run(talk, request);
        } catch (IOException e) {
            talk.failed(e);
        }
    }

    /** Returns the client's port. */
    private static int call(
            HostWay way, long id, int reply, int upload, InetSocketAddress to, InetAddress from, int port)
            throws IOException {
        if (way == HostWay.GIVEN_UP) {
            HostTalk talk;
            try (SocketChannel channel = SocketChannel.open()) {
                channel.configureBlocking(false);
                channel.bind(new InetSocketAddress(from, port));
                talk = HostTalk.client(way, id, channel.socket());
                talk.starts(channel.socket().getLocalPort());
                channel.connect(to);
            }
            talk.opened(SocketView.Opened.GIVEN_UP);
            print(talk);
            return 0;
        }
        for (int attempt = 0; ; attempt++) {
            Socket socket = new Socket();
            socket.setReuseAddress(true);
            if (way == HostWay.SLOW_READER) {
                socket.setReceiveBufferSize(8192);
            }
            HostTalk talk = HostTalk.client(way, id, socket);
            try {
                socket.bind(new InetSocketAddress(from, port));
                talk.starts(socket.getLocalPort());
                boolean inVain = way == HostWay.UNANSWERED || way == HostWay.HALF_OPEN;
                socket.connect(to, inVain ? UNANSWERED_MS : CONNECT_MS);
                talk.opened(SocketView.Opened.CONNECTED);
                int used = socket.getLocalPort();
                run(way, talk, new Request(id, reply, upload, 0));
                print(talk);
                return used;
            } catch (NoRouteToHostException | BindException e) {
                // the last use of these ports has not come to its end here
                socket.close();
                HostTalk.pause(50);
                if (attempt == 100) {
                    throw e;
                }
            } catch (ConnectException e) {
                talk.opened(SocketView.Opened.REFUSED);
                socket.close();
                print(talk);
                return 0;
            } catch (SocketTimeoutException e) {
                talk.opened(SocketView.Opened.UNANSWERED);
                socket.close();
                print(talk);
                return 0;
            }
        }
    }
}
