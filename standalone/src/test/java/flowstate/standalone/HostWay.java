package flowstate.standalone;

import flowstate.standalone.HostTalk.Request;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/** The ways in which connections between two hosts open and close: what the program at each end does. */
enum HostWay {
    CLIENT_CLOSES(
            30,
            (c, r) -> {
                ask(c, r);
                c.receive(r.reply());
                c.close();
            },
            (s, r) -> {
                reply(s, r);
                s.awaitEnd();
                HostTalk.pause(r.id() % 3 * 150);
                s.close();
            }),
    SERVER_CLOSES(
            20,
            (c, r) -> {
                ask(c, r);
                c.receive(r.reply());
                c.awaitEnd();
                HostTalk.pause(r.id() % 3 * 150);
                c.close();
            },
            (s, r) -> {
                reply(s, r);
                s.close();
            }),
    /** The client has closed for sending, and the server goes on. */
    HALF_CLOSE(
            6,
            (c, r) -> {
                ask(c, r);
                c.shut();
                c.receive(r.reply());
                c.awaitEnd();
                c.close();
            },
            (s, r) -> {
                s.receive(r.upload());
                s.awaitEnd();
                for (int i = 0; i < 4; i++) {
                    s.send(r.reply() / 4);
                    HostTalk.pause(100);
                }
                s.send(r.reply() - 4 * (r.reply() / 4));
                s.close();
            }),
    HALF_CLOSE_BY_SERVER(
            6,
            (c, r) -> {
                c.request(r.reply(), r.upload(), 0);
                c.receive(r.reply());
                c.awaitEnd();
                for (int i = 0; i < 4; i++) {
                    HostTalk.pause(50);
                    c.send(r.upload() / 4);
                }
                c.send(r.upload() - 4 * (r.upload() / 4));
                c.close();
            },
            (s, r) -> {
                s.send(r.reply());
                s.shut();
                s.receive(r.upload());
                s.awaitEnd();
                s.close();
            }),
    SIMULTANEOUS(
            6,
            (c, r) -> {
                long at = System.nanoTime() + 150_000_000L;
                c.request(0, 0, at);
                await(at);
                c.shut();
                c.awaitEnd();
                c.close();
            },
            (s, r) -> {
                await(r.atNs());
                s.shut();
                s.awaitEnd();
                s.close();
            }),
    RESET_BY_CLIENT(
            6,
            (c, r) -> {
                ask(c, r);
                c.receive(r.reply());
                c.abort();
            },
            (s, r) -> {
                reply(s, r);
                s.awaitEnd();
                s.close();
            }),
    RESET_BY_SERVER(
            6,
            (c, r) -> {
                ask(c, r);
                c.awaitEnd();
                c.close();
            },
            (s, r) -> {
                reply(s, r);
                s.abort();
            }),
    UNREAD_BY_CLIENT(
            4,
            (c, r) -> {
                ask(c, r);
                c.awaitUnread();
                HostTalk.pause(20);
                c.close();
            },
            (s, r) -> {
                reply(s, r);
                s.send(1);
                s.awaitEnd();
                HostTalk.pause(100);
                s.close();
            }),
    UNREAD_BY_SERVER(
            4,
            (c, r) -> {
                c.request(0, r.upload(), 0);
                c.send(1 + r.upload());
                c.awaitEnd();
                HostTalk.pause(100);
                c.close();
            },
            (s, r) -> {
                s.awaitUnread();
                HostTalk.pause(20);
                s.close();
            }),
    /** The client closes, and the server resets what it could still have sent on. */
    RESET_AFTER_FIN(
            4,
            (c, r) -> {
                ask(c, r);
                c.shut();
                c.awaitEnd();
                c.close();
            },
            (s, r) -> {
                s.receive(r.upload());
                s.awaitEnd();
                s.abort();
            }),
    /** The client closes for good, and its system resets what the server sends to nobody. */
    SENT_TO_NOBODY(
            4,
            (c, r) -> {
                ask(c, r);
                HostTalk.pause(20);
                c.close();
            },
            (s, r) -> {
                s.receive(r.upload());
                s.awaitEnd();
                s.sendUntilReset(100, 30);
                s.close();
            }),
    /** Nobody listens. */
    REFUSED(4, HostWay::nothing, HostWay::nothing),
    /** The server's packet filter drops what comes. */
    UNANSWERED(1, HostWay::nothing, HostWay::nothing),
    /** The client's packet filter drops the SYN-ACKs. */
    HALF_OPEN(1, HostWay::nothing, HostWay::nothing),
    /** The client closes before an answer can have come; where it takes time. */
    GIVEN_UP(2, HostWay::nothing, HostWay::nothing),
    KEPT_ALIVE(
            1,
            (c, r) -> {
                c.keepAlive(3);
                ask(c, r);
                c.receive(r.reply());
                HostTalk.pause(2600);
                c.close();
            },
            (s, r) -> {
                reply(s, r);
                s.awaitEnd();
                s.close();
            }),
    /** The server's packet filter drops what has neither data nor FIN nor RST: keep-alive probes. */
    KEPT_ALIVE_IN_VAIN(
            1,
            (c, r) -> {
                c.keepAlive(2);
                c.request(0, 0, 0);
                c.awaitEnd();
                c.close();
            },
            (s, r) -> {
                s.awaitEnd();
                s.close();
            }),
    IDLE(
            1,
            (c, r) -> {
                ask(c, r);
                c.receive(r.reply());
                HostTalk.pause(5000);
                c.send(10);
                c.close();
            },
            (s, r) -> {
                reply(s, r);
                s.awaitEnd();
                s.close();
            }),
    /** The client does not read for a while: the server's window is closed. */
    SLOW_READER(
            1,
            (c, r) -> {
                c.request(0, 0, 0);
                HostTalk.pause(700);
                c.receive(300_000);
                c.awaitEnd();
                c.close();
            },
            (s, r) -> {
                s.send(300_000);
                s.close();
            }),
    BULK(
            1,
            (c, r) -> {
                c.request(1_000_000, 300_000, 0);
                c.send(300_000);
                c.receive(1_000_000);
                c.close();
            },
            (s, r) -> {
                s.receive(r.upload());
                s.send(r.reply());
                s.awaitEnd();
                s.close();
            }),
    /** Both ports again, as soon as the client can: the server, which closed first, has the old one in TIME_WAIT. */
    REUSED(2, SERVER_CLOSES.client, SERVER_CLOSES.server),
    /** Both ports again after a reset, when nobody has anything of the old one. */
    REUSED_AFTER_RESET(2, RESET_BY_CLIENT.client, RESET_BY_CLIENT.server);

    private static final int FIRST_PORT = 20_000;

    /** Of connections, parts of the sum. */
    final int weight;

    final Script client;
    final Script server;

    HostWay(int weight, Script client, Script server) {
        this.weight = weight;
        this.client = client;
        this.server = server;
    }

    /** What a program does once it is connected. */
    interface Script {
        void run(HostTalk talk, Request request) throws IOException;
    }

    int port() {
        return FIRST_PORT + ordinal();
    }

    /** How often the same ports are used. */
    int uses() {
        return this == REUSED || this == REUSED_AFTER_RESET ? 4 : 1;
    }

    private static void nothing(HostTalk talk, Request request) {}

    private static void ask(HostTalk client, Request request) throws IOException {
        client.request(request.reply(), request.upload(), 0);
        client.send(request.upload());
    }

    private static void reply(HostTalk server, Request request) throws IOException {
        server.receive(request.upload());
        server.send(request.reply());
    }

    private static void await(long atNs) {
        for (long left = atNs - System.nanoTime(); left > 0; left = atNs - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
