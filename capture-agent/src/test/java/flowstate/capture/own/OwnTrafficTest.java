package flowstate.capture.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import flowstate.schema.ConnectionKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.Test;

class OwnTrafficTest {
    private static ConnectionKey connection(String low, int lowPort, String high, int highPort) throws Exception {
        return ConnectionKey.of(
                InetAddress.getByName(low).getAddress(),
                lowPort,
                InetAddress.getByName(high).getAddress(),
                highPort,
                "");
    }

    @Test
    void aSocketOfThisProcessIsKnownAsSoonAsItIsThereInEitherFamily() throws Exception {
        OwnTraffic own = new OwnTraffic("192.0.2.1:9092");
        Map<String, String> elsewhere = Map.of("127.0.0.1", "198.51.100.7", "::1", "2001:db8::7");
        for (String address : elsewhere.keySet()) {
            String other = elsewhere.get(address);
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName(address));
                    Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
                ConnectionKey key = connection(address, client.getLocalPort(), address, server.getLocalPort());
                int before = own.version();
                own.look(true);
                assertThat(own.excludes(key)).as(address).isTrue();
                assertThat(own.version()).isNotEqualTo(before);
                // whoever else it is that talks to where we are connected
                assertThat(own.excludes(connection(other, 1, address, server.getLocalPort())))
                        .isTrue();
                assertThat(own.excludes(connection(other, 1, address, 1))).isFalse();
            }
        }
    }

    @Test
    void aConnectionThatIsBeingMadeIsKnownByItsPort() throws Exception {
        OwnTraffic own = new OwnTraffic("192.0.2.1:9092");
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket first = new Socket(full.getInetAddress(), full.getLocalPort());
                Socket second = new Socket(full.getInetAddress(), full.getLocalPort());
                SocketChannel pending = SocketChannel.open()) {
            pending.configureBlocking(false);
            pending.connect(new InetSocketAddress(full.getInetAddress(), full.getLocalPort()));
            own.look(true);
            assertThat(own.excludes(connection("127.0.0.1", first.getLocalPort(), "127.0.0.1", 1)))
                    .isTrue();
            assertThat(own.excludes(connection("127.0.0.1", second.getLocalPort(), "127.0.0.1", 1)))
                    .isTrue();
            assertThat(own.excludes(connection("127.0.0.1", full.getLocalPort(), "127.0.0.1", 2)))
                    .isTrue();
        }
    }

    @Test
    void brokersAreThoseOfTheOptionAndThoseThatTheClusterNamesNow() throws Exception {
        OwnTraffic own = new OwnTraffic("192.0.2.1:9092, PLAINTEXT://[2001:db8::1]:9093,no.such.host.invalid:1");
        assertThat(own.excludes(connection("192.0.2.9", 5, "192.0.2.1", 9092))).isTrue();
        assertThat(own.excludes(connection("2001:db8::9", 5, "2001:db8::1", 9093)))
                .isTrue();
        assertThat(own.excludes(connection("192.0.2.9", 5, "192.0.2.1", 9093))).isFalse();
        assertThat(own.excludes(connection("192.0.2.9", 5, "192.0.2.2", 9092))).isFalse();

        int before = own.version();
        own.brokersAre(List.of(new Node(1, "192.0.2.2", 9092)));
        assertThat(own.version()).isNotEqualTo(before);
        assertThat(own.excludes(connection("192.0.2.9", 5, "192.0.2.2", 9092))).isTrue();
        own.brokersAre(List.of(new Node(1, "192.0.2.3", 9092)));
        assertThat(own.excludes(connection("192.0.2.9", 5, "192.0.2.2", 9092))).isFalse();
        assertThat(own.excludes(connection("192.0.2.9", 5, "192.0.2.1", 9092))).isTrue();
    }

    @Test
    void aResolverThatDoesNotAnswerKeepsNobodyFromCapturing() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        OwnTraffic own = new OwnTraffic("kafka1:9092", host -> {
            try {
                answers.await();
            } catch (InterruptedException e) {
                throw new UnknownHostException(host);
            }
            return new InetAddress[] {InetAddress.getByName("192.0.2.1")};
        });
        ConnectionKey withBroker = connection("192.0.2.9", 5, "192.0.2.1", 9092);
        assertThat(own.excludes(withBroker)).isFalse();
        answers.countDown();
        await().until(() -> own.excludes(withBroker));
    }
}
