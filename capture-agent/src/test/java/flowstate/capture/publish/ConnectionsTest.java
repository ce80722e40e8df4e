package flowstate.capture.publish;

import static flowstate.capture.publish.BatcherTest.keyOf;
import static flowstate.capture.publish.BatcherTest.segment;
import static org.assertj.core.api.Assertions.assertThat;

import flowstate.capture.decode.DecodedSegment;
import flowstate.schema.ConnectionKey;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ConnectionsTest {
    @Property
    void aConnectionIsFoundFromBothDirectionsUntilItIsRemoved(
            @ForAll @Size(max = 300) List<@IntRange(max = 150) Integer> tuples) {
        Connections connections = new Connections(42);
        Map<Integer, Connections.Connection> expected = new HashMap<>();
        for (int number : tuples) {
            assertThat(connections.find(segment(number % 100, false))).isSameAs(expected.get(number % 100));
            Connections.Connection known = expected.get(number % 100);
            if (known == null && number < 100) {
                expected.put(number, connections.add(keyOf(number), 0));
            } else if (known != null && number >= 100) {
                connections.remove(known);
                expected.remove(number % 100);
            }
            assertThat(connections.size()).isEqualTo(expected.size());
        }
        for (int number = 0; number < 100; number++) {
            assertThat(connections.find(segment(number, true))).isSameAs(expected.get(number));
        }
    }

    @Property
    void theLowEndIsThatOfTheConnectionKey(
            @ForAll @Size(32) byte[] addresses,
            @ForAll boolean ipv6,
            @ForAll boolean sameAddress,
            @ForAll @IntRange(max = 65535) int port,
            @ForAll @IntRange(max = 65535) int otherPort) {
        int n = ipv6 ? 16 : 4;
        byte[] source = Arrays.copyOf(addresses, n);
        byte[] destination = sameAddress ? source : Arrays.copyOfRange(addresses, 16, 16 + n);
        DecodedSegment segment = new DecodedSegment();
        segment.addressLength = n;
        System.arraycopy(source, 0, segment.source, 0, n);
        System.arraycopy(destination, 0, segment.destination, 0, n);
        segment.sourcePort = port;
        segment.destinationPort = otherPort;

        Connections connections = new Connections(42);
        assertThat(connections.find(segment)).isNull();
        assertThat(connections.fromLow()).isEqualTo(ConnectionKey.isLow(source, port, destination, otherPort));
    }
}
